"""An example of a plugin: it asks for the version in a bug report, and says who is on duty."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.config import Config
from bot.model.effects import SetLabels
from bot.model.facts import Facts
from bot.model.verdicts import Data, Outcome, Verdict
from bot.plugins import Policy, hookimpl, note

LABEL = "needs-version"


@hookimpl
def policies() -> Sequence[Policy]:
    """Return the one policy of this plugin."""
    return (version_is_told,)


@hookimpl
def message_data(key: str, data: Mapping[str, Data]) -> Mapping[str, Data]:  # noqa: ARG001
    """Greet those whose issue waits for a person."""
    return {"welcome": "On duty this week: the loaders team."} if key == "triage/unclear" else {}


def version_is_told(facts: Facts, config: Config, now: datetime) -> Verdict:  # noqa: ARG001
    """Ask for the version where an open issue names none."""
    if not facts.issue.is_open or "version" in facts.issue.body.casefold() or "版本" in facts.issue.body:
        return Verdict("example", "told", Outcome.PASS, effects=(SetLabels(facts.issue.subject, remove=(LABEL,)),))
    return Verdict(
        "example",
        "not-told",
        Outcome.ACTION_REQUIRED,
        message=note("Which version was it? Please add it.", "请补充所用的版本。"),
        effects=(SetLabels(facts.issue.subject, add=(LABEL,)),),
    )
