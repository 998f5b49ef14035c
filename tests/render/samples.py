"""One message for each thing that triage can say, and hostile text to put into it."""

from dataclasses import replace

from bot.config import parse
from bot.model.facts import Memory
from bot.model.verdicts import Message
from tests.policies.given import decide, facts
from tests.policies.test_forms import FEATURE_FORM
from tests.policies.test_triage_opinions import judged

_RULES = parse(
    "triage: {rules: [{title: ^crash, label: bug}, {title: ^how, label: question}]}\n"
    "sla: {bug: 1h, docs: 90m}\nmessages: {welcome: 'Welcome! Please read CONTRIBUTING.md first.'}"
)
_VERDICTS = {
    "decided-title-prefix": decide(facts("[Bug] Crash on load")),
    "decided-issue-form": decide(facts("Streams", body=FEATURE_FORM)),
    "decided-person-label": decide(facts("x", labels=["docs"])),
    "decided-person-type": decide(facts("x", type="Bug")),
    "decided-configured-rule": decide(facts("Crash on load"), _RULES),
    "decided-earlier-decision": decide(facts("x", labels=["bug"], memory=Memory(label="bug", is_applied=True))),
    "unclear-no-evidence": decide(facts("x")),
    "unclear-contradicting-title": decide(facts("[Bug][Feature] x")),
    "unclear-question": decide(facts("[Question] x")),
    "unclear-configured-rule": decide(facts("How to load"), _RULES),
    "decided-classifier": judged({"bug": 0.97}),
    "decided-docs-title": judged({"docs": 0.9}, title="typo in the README"),
    "decided-thin": judged({"bug": 0.97}, title="help", body=""),
    "unclear-suggestion": judged({"feature": 0.97}, is_unproven=True),
    "unclear-question-by-words": judged({"question": 0.97}),
    "unclear-contradicted": judged({"question": 0.97}, title="[Bug] zorp"),
    "unclear-thin": judged({"docs": 0.6}, title="help", body=""),
    "removed": decide(facts("x", memory=Memory(label="bug", is_applied=True))),
    "contradicting": decide(facts("x", labels=["bug", "enhancement"])),
}
MESSAGES: dict[str, Message] = {name: verdict.message for name, verdict in _VERDICTS.items() if verdict.message}


def poisoned(message: Message, text: str) -> Message:
    """Return the message with this text wherever text from outside can come in."""
    data = dict(message.data) | {"evidence": (text, text), "choices": (text, "b"), "welcome": text, "actor": text}
    return replace(message, data=data | {"label": text, "similar": ()})
