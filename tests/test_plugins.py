"""Plugins: what they may add, in which order, and that a failing one harms nobody else."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import wiring
from bot.config import Config
from bot.model.effects import Assign, Effect, React, SetLabels, StickyComment
from bot.model.facts import Facts, Memory
from bot.model.roles import Role, Who
from bot.model.scores import Scores
from bot.model.subjects import Subject
from bot.model.verbs import Parameter, Risk, Verb
from bot.model.verdicts import Data, Message, Outcome, Verdict
from bot.plugins import GROUP, NOTE, Asked, Candidate, Command, Handler, Hooks, Plugins, Policy, hookimpl, note
from bot.policies import builtin
from bot.policies.commands import OWN, Answer, Registry, decide_comment, docs_page
from bot.render import LANGUAGES, Words
from bot.reports.measured import BadReport, CoverageReport, Flaw
from tests.policies.commands.given import situation
from tests.road import MODEL, NOW, SEVEN, Walk, changed, issue

ROOT = Path(__file__).parents[1]
EXAMPLE = Path(__file__).parent / "plugins" / "example"
FACTS = Facts(MODEL, issue(labels=["old"]))
WELCOME = Message("triage/decided", {"welcome": None, "deadline": "2026-11-25T12:00:00+00:00"})


@dataclass
class Entry:
    """An entry point that needs no package."""

    name: str
    plugin: object

    def load(self) -> object:
        """Return the plugin, or fail as an import does."""
        if isinstance(self.plugin, Exception):
            raise self.plugin
        return self.plugin


@dataclass
class Faults:
    """The faults that were reported."""

    seen: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, plugin: str, error: Exception) -> None:
        """Note one."""
        self.seen.append((plugin, f"{type(error).__name__}: {error}"))


def plugin(*policies: Policy) -> SimpleNamespace:
    """Return a plugin with these policies."""
    return SimpleNamespace(policies=hookimpl(lambda: policies))


def says(rule: str = "rule", **others: Any) -> Policy:
    """Return a policy that always concludes the same."""
    return lambda _facts, _config, _now: Verdict("any", rule, Outcome.PASS, **others)


def fails(facts: Facts, config: Config, now: datetime) -> Verdict:  # noqa: ARG001
    """Fail as a plugin's policy may."""
    raise ZeroDivisionError


def loaded(faults: Faults | None = None, /, **plugins: object) -> Plugins:
    """Load plugins by name, in the order in which they are written."""
    entries = [Entry(name, each) for name, each in plugins.items()]
    return Plugins(builtin, entries, faults or Faults())


def verdicts(plugins: Plugins, facts: Facts = FACTS) -> list[Verdict]:
    """Return what all policies conclude, Reeve's own left out."""
    found = [policy(facts, Config(), NOW) for policy in plugins.policies()]
    assert found[0].policy == "triage"
    return found[len(builtin.policies()) :]


def test_reeves_own_policies_come_by_the_same_hook_and_first() -> None:
    own = [policy(FACTS, Config(), NOW) for policy in builtin.policies()]

    assert [policy(FACTS, Config(), NOW) for policy in loaded().policies()] == own
    assert own[0].policy == "triage"


def test_plugins_decide_in_the_order_of_their_names() -> None:
    found = verdicts(loaded(b=plugin(says("2"), says("3")), c=plugin(says("4")), a=plugin(says("1"))))

    assert [(each.policy, each.rule) for each in found] == [
        ("plugin:a", "1"),
        ("plugin:b", "2"),
        ("plugin:b", "3"),
        ("plugin:c", "4"),
    ]


def test_a_failing_policy_is_unknown_and_reported_and_the_others_go_on() -> None:
    faults = Faults()

    found = verdicts(loaded(faults, bad=plugin(fails), good=plugin(says())))

    assert [(each.policy, each.outcome) for each in found] == [
        ("plugin:bad", Outcome.UNKNOWN),
        ("plugin:good", Outcome.PASS),
    ]
    assert faults.seen == [("bad", "ZeroDivisionError: ")]


def cannot_list() -> Sequence[Policy]:
    """Fail as a hook may."""
    raise RuntimeError("no list")


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (ImportError("no such module"), "ImportError"),
        (SimpleNamespace(policies=hookimpl(cannot_list)), "RuntimeError"),
        (SimpleNamespace(painters=hookimpl(lambda: ())), "PluginValidationError"),
        (SimpleNamespace(policies=hookimpl(lambda forge: forge)), "PluginValidationError"),
        (SimpleNamespace(policies=hookimpl(lambda: 7)), "TypeError"),
    ],
    ids=["import", "hook fails", "unknown hook", "unknown argument", "no list"],
)
def test_a_plugin_that_cannot_be_loaded_stands_as_unknown(broken: object, fault: str) -> None:
    faults = Faults()

    found = verdicts(loaded(faults, broken=broken, good=plugin(says())))

    assert [(each.policy, each.rule, each.outcome) for each in found] == [
        ("plugin:broken", "failed", Outcome.UNKNOWN),
        ("plugin:good", "rule", Outcome.PASS),
    ]
    assert [(name, text.split(":")[0]) for name, text in faults.seen] == [("broken", fault)]


def test_of_two_plugins_with_one_name_none_is_trusted() -> None:
    faults = Faults()
    entries = [Entry("twin", plugin(says("1"))), Entry("twin", plugin(says("2")))]

    found = verdicts(Plugins(builtin, entries, faults))

    assert [each.outcome for each in found] == [Outcome.UNKNOWN]
    assert faults.seen == [("twin", "NotAllowed: another plugin has this name")]


@pytest.mark.parametrize(
    "gift",
    [
        StickyComment(SEVEN, "text"),
        SetLabels(Subject(MODEL.id, 8), add=("x",)),
        SetLabels(SEVEN, type="Bug"),
        SetLabels(SEVEN, add=("",)),
        SetLabels(SEVEN, add=("x" * 51,)),
        Assign(Subject(99, 7), add=("ada",)),
    ],
    ids=["a comment", "another issue", "the issue type", "no label", "a long label", "another repository"],
)
def test_an_effect_that_a_plugin_may_not_ask_for_is_dropped_with_its_verdict(gift: Effect) -> None:
    faults = Faults()

    (verdict,) = verdicts(loaded(faults, p=plugin(says(effects=(SetLabels(SEVEN, add=("fine",)), gift)))))

    assert verdict == Verdict("plugin:p", "failed", Outcome.UNKNOWN)
    assert faults.seen[0][1].startswith("NotAllowed: ")


@pytest.mark.parametrize(
    "policy",
    [
        says(message=Message("triage/decided", {})),
        says(message=Message(NOTE, {"english": 7})),
        says(wake_at=NOW.replace(tzinfo=None)),
        lambda *_: None,
        lambda *_: replace(Verdict("any", "rule", Outcome.PASS), outcome="pass"),  # type: ignore[arg-type]
    ],
    ids=["another's words", "no words", "no time zone", "no verdict", "no outcome"],
)
def test_a_verdict_that_is_none_is_unknown(policy: Policy) -> None:
    faults = Faults()

    assert [each.outcome for each in verdicts(loaded(faults, p=plugin(policy)))] == [Outcome.UNKNOWN]
    assert len(faults.seen) == 1


def test_a_plugin_changes_labels_that_are_not_so_already_and_remembers_nothing() -> None:
    gifts = (SetLabels(SEVEN, add=("new", "OLD"), remove=("absent",)), SetLabels(SEVEN, add=("old",)))
    assigned = Assign(SEVEN, add=("ada",))

    (verdict,) = verdicts(loaded(p=plugin(says(effects=(*gifts, assigned), remember=Memory(label="mine")))))

    assert verdict.effects == (SetLabels(SEVEN, add=("new",), current=("old",)), assigned)
    assert verdict.remember is None


def test_a_plugin_that_fails_does_not_keep_an_issue_from_being_triaged() -> None:
    walk = Walk(policies=loaded(bad=plugin(fails), worse=ImportError()).policies())

    decision = walk.decide(changed())

    outcomes = [each.outcome for each in decision.verdicts]
    assert (outcomes[0], outcomes[-2:]) == (Outcome.PASS, [Outcome.UNKNOWN, Outcome.UNKNOWN])
    assert [type(each) for each in decision.effects] == [SetLabels, StickyComment]


def adds(**data: Data) -> SimpleNamespace:
    """Return a plugin that adds this to every message."""
    added: Callable[[str, Mapping[str, Data]], Mapping[str, Data]] = lambda key, data_: data  # noqa: E731, ARG005
    return SimpleNamespace(message_data=hookimpl(lambda key, data: added(key, data)))  # noqa: PLW0108


def test_a_plugin_adds_to_what_reeve_says_and_the_first_by_name_prevails() -> None:
    plugins = loaded(b=adds(welcome="from b"), a=adds(welcome="from a"))

    assert plugins.with_data(WELCOME).data["welcome"] == "from a"
    own, *_ = plugins.policies()
    said = own(FACTS, Config(), NOW).message
    assert said
    assert said.data["welcome"] == "from a"
    assert "> from a" in Words().comment([said], "en")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"deadline": "never"}, "NotAllowed: deadline of a message cannot be set by a plugin"),
        ({"welcome": 7}, "NotAllowed: a plugin's data must be text"),
    ],
    ids=["not open", "not text"],
)
def test_data_that_a_plugin_may_not_set_is_dropped_and_reported(data: dict[str, Data], fault: str) -> None:
    faults = Faults()

    assert loaded(faults, bad=adds(**data)).with_data(WELCOME) == WELCOME
    assert faults.seen == [("bad", fault)]


def test_data_that_a_message_does_not_show_is_left_out() -> None:
    message = Message("commands/unknown", {"verb": "x", "suggestion": None})

    assert loaded(p=adds(welcome="hello")).with_data(message) == message


@pytest.mark.parametrize(
    ("language", "english", "chinese", "shown"),
    [
        ("en", "Hello *you*", "你好", r"Hello \*you\*"),
        ("zh-CN", "Hello", "你好", "你好"),
        ("zh-CN", "Hello", "", "Hello"),
        ("en", "", "你好", "你好"),
    ],
)
def test_a_plugin_speaks_literally_and_in_the_language_there_is(
    language: str, english: str, chinese: str, shown: str
) -> None:
    (verdict,) = verdicts(loaded(p=plugin(says(message=note(english, chinese)))))

    assert verdict.message
    assert Words().comment([verdict.message], language).startswith(shown + "\n")


def test_a_failure_is_logged_without_what_the_plugin_read(capsys: pytest.CaptureFixture[str]) -> None:
    def quotes(facts: Facts, config: Config, now: datetime) -> Verdict:  # noqa: ARG001
        raise ValueError(facts.issue.title)

    secret = replace(FACTS, issue=issue("[Bug] a secret title"))
    verdicts_ = [each(secret, Config(), NOW) for each in wiring.load([Entry("quotes", plugin(quotes))]).policies()]

    shown = capsys.readouterr()
    assert verdicts_[-1].outcome is Outcome.UNKNOWN
    assert "plugin failed" in shown.out + shown.err
    assert "ValueError" in shown.out + shown.err
    assert "secret title" not in shown.out + shown.err


def verb(name: str = "dance", **others: Any) -> Verb:
    """Return a plugin's verb."""
    return Verb(name, others.pop("who", Who.ANYONE), (f"/{name}",), **{"english": "Dances.", **others})


def commanding(*commands: object) -> SimpleNamespace:
    """Return a plugin with these commands."""
    return SimpleNamespace(commands=hookimpl(lambda: commands))


def does(rule: str = "done", **others: Any) -> Handler:
    """Return what carries a command out with this verdict."""
    outcome = others.pop("outcome", Outcome.PASS)
    return lambda _asked: Verdict("any", rule, outcome, **others)


def obeyed(body: str, *commands: Command, faults: Faults | None = None) -> Answer:
    """Return what comes of a comment where one plugin has these commands."""
    registry = Registry(loaded(faults, p=commanding(*commands)).commands(OWN.by_name))
    (answer,) = decide_comment(replace(situation(body), registry=registry), Config(), NOW)
    return answer


def test_a_plugins_verb_is_parsed_checked_and_carried_out_like_any_other() -> None:
    label = SetLabels(Subject(1296269, 7), add=("dancing",))
    step = Parameter("step", choices=("left", "right"), is_required=True)
    dance = Command(verb(parameters=(step,), aliases=("jig",)), does(effects=(label,)))

    answer = obeyed("@reeve jig left", dance)

    assert (answer.verdict.policy, answer.verdict.rule) == ("plugin:p", "done")
    assert [each for each in answer.verdict.effects if isinstance(each, SetLabels)] == [replace(label, current=())]
    assert answer.ran == ("dance", "left")
    assert obeyed("/dance up", dance).verdict.rule == "bad-argument"


def test_a_plugins_handler_is_told_who_asks_what_for() -> None:
    seen: list[Asked] = []

    def note_down(asked: Asked) -> Verdict:
        seen.append(asked)
        return Verdict("any", "noted", Outcome.PASS)

    obeyed("/dance", Command(verb(who=Who.TRIAGE), note_down))

    assert [(each.by.login, each.role, each.head_sha, each.now) for each in seen] == [("person", Role.ADMIN, None, NOW)]


@pytest.mark.parametrize(
    ("outcome", "sign"),
    [
        (Outcome.PASS, "+1"),
        (Outcome.NOT_APPLICABLE, "+1"),
        (Outcome.PENDING, "rocket"),
        (Outcome.FAIL, "-1"),
        (Outcome.ACTION_REQUIRED, "confused"),
        (Outcome.UNKNOWN, "confused"),
    ],
)
def test_the_reaction_to_a_plugins_verb_is_its_outcome(outcome: Outcome, sign: str) -> None:
    answer = obeyed("/dance", Command(verb(), does(outcome=outcome, message=note("so it is"))))

    assert [each.content for each in answer.verdict.effects if isinstance(each, React)] == [sign]
    assert answer.verdict.message == Message(NOTE, {"english": "so it is", "chinese": "", "plugin": "p"})


def test_a_verb_whose_plugin_fails_says_so_and_does_nothing() -> None:
    def break_down(asked: Asked) -> Verdict:
        raise ZeroDivisionError(asked.facts.issue.title)

    faults = Faults()
    answer = obeyed("/dance", Command(verb(), break_down), faults=faults)

    assert (answer.verdict.outcome, answer.ran) == (Outcome.UNKNOWN, None)
    assert answer.verdict.message == Message("commands/failed", {"verb": "dance"})
    assert [name for name, _ in faults.seen] == ["p"]


def test_an_outsider_is_refused_a_plugins_verb_too() -> None:
    registry = Registry(loaded(p=commanding(Command(verb(who=Who.WRITE), does()))).commands(OWN.by_name))

    (answer,) = decide_comment(replace(situation("/dance", role=Role.READ), registry=registry), Config(), NOW)

    assert answer.verdict.rule == "permission"


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_lists_a_plugins_verb_with_its_own_words(language: str) -> None:
    dance = Command(verb(english="Dances *well*.", chinese="跳舞。"), does())
    answer = obeyed("/help", dance)
    assert answer.verdict.message

    shown = Words().comment([answer.verdict.message], language)

    assert {"en": r"`/dance`: Dances \*well\*.", "zh-CN": "`/dance`：跳舞。"}[language] in shown


def test_the_page_on_commands_tells_a_plugins_verbs_behind_reeves_own() -> None:
    registry = Registry(loaded(p=commanding(Command(verb(), does()))).commands(OWN.by_name))

    page = docs_page(lambda name: Words().text("commands/summary", {"verb": name}, "en"), registry)

    assert "## `/dance`\n\nDances.\n\n- Usage: `/dance`\n- Who: anyone\n" in page


@pytest.mark.parametrize("name", ["label", "bench", "twist"])
def test_a_verb_that_is_taken_costs_a_plugin_all_of_its_verbs(name: str) -> None:
    faults = Faults()
    first = commanding(Command(verb("twist"), does()))
    second = commanding(Command(verb("dance"), does()), Command(verb(name), does()))

    found = loaded(faults, a=first, b=second).commands(OWN.by_name)

    assert [each.verb.name for each in found] == ["twist"]
    assert faults.seen == [("b", f"NotAllowed: /{name} is somebody else's, or there twice")]


@pytest.mark.parametrize(
    "command",
    [
        "dance",
        Command("dance", does()),  # type: ignore[arg-type]
        Command(verb("Dance"), does()),
        Command(verb(who="anyone"), does()),
        Command(verb(parameters=("step",)), does()),
        Command(verb(english=""), does()),
        Command(verb(chinese="跳" * 201), does()),
        Command(replace(verb(), examples=()), does()),
        Command(verb(risk=Risk.HIGH), does()),
    ],
    ids=["text", "no verb", "capitals", "no who", "no parameter", "no words", "too many words", "no example", "risky"],
)
def test_a_verb_that_is_not_declared_as_it_must_be_is_reported_and_left_out(command: object) -> None:
    faults = Faults()

    assert loaded(faults, p=commanding(command)).commands(OWN.by_name) == ()
    assert [name for name, _ in faults.seen] == ["p"]


def redacting(*redactors: object) -> SimpleNamespace:
    """Return a plugin with these redactors."""
    return SimpleNamespace(redactors=hookimpl(lambda: redactors))


def test_redactors_run_in_the_order_of_their_plugins_and_a_failing_one_changes_nothing() -> None:
    faults = Faults()

    def fails_on(text: str) -> str:
        raise ValueError(text)

    plugins = loaded(
        faults,
        c=redacting(lambda text: text + "c"),
        a=redacting(lambda text: text + "a", lambda _: None),
        b=redacting(fails_on),
    )

    assert plugins.redact("-") == "-ac"
    assert [name for name, _ in faults.seen] == ["a", "b"]


def test_what_is_no_redactor_is_left_out_with_the_others_of_its_plugin() -> None:
    faults = Faults()

    assert loaded(faults, a=redacting(str.upper, "text"), b=redacting(str.title)).redact("a b") == "A B"
    assert faults.seen == [("a", "NotAllowed: a redactor must be a function of a text")]


@dataclass
class Opinion:
    """A classifier, a report parser and a scorer in one, as a test wants it to behave."""

    does: Callable[..., Any]
    name: str = "opinion"
    weight: float = 0.5
    is_ours: bool = True

    def classify(self, title: str, body: str) -> Any:
        """Give an opinion."""
        return self.does(title, body)

    def recognises(self, data: bytes) -> Any:  # noqa: ARG002
        """Say whether this is ours."""
        return self.is_ours

    def parse(self, data: bytes) -> Any:
        """Read it."""
        return self.does(data)

    def __call__(self, prompt: str, candidate: Candidate) -> Any:
        """Judge it."""
        return self.does(prompt, candidate.text)


def giving(hook: str, *given: object) -> SimpleNamespace:
    """Return a plugin that gives these things through a hook."""
    return SimpleNamespace(**{hook: hookimpl(lambda: given)})


def raises(error: Exception) -> Callable[..., Any]:
    """Return what fails."""

    def fail(*_: object) -> Any:
        raise error

    return fail


SURE = Scores(0.1, 0.1, 0.7, 0.1, ("typo",))


def test_the_first_classifier_by_name_that_has_an_opinion_prevails() -> None:
    faults = Faults()
    broken = giving("classifiers", Opinion(raises(ValueError("a title"))))
    odd = giving("classifiers", Opinion(lambda *_: Scores(0.9, 0.9, 0, 0)), Opinion(lambda *_: "bug"))
    good, last = (
        giving("classifiers", Opinion(lambda *_: SURE, "sure")),
        giving("classifiers", Opinion(lambda *_: None)),
    )

    plugins = loaded(faults, c=good, d=last, a=broken, b=odd)

    assert plugins.classify("typo", "") == ("sure", SURE)
    assert [name for name, _ in faults.seen] == ["a", "b", "b"]
    assert loaded().classify("typo", "") is None


REPORT = CoverageReport("ours", ())


def test_a_report_is_read_by_the_first_plugin_that_recognises_it() -> None:
    faults = Faults()
    silent = giving("report_parsers", Opinion(lambda _: REPORT, is_ours=False))
    doubtful = giving("report_parsers", Opinion(lambda _: REPORT, is_ours="perhaps"))  # type: ignore[arg-type]
    good = giving("report_parsers", Opinion(lambda data: replace(REPORT, format=data.decode())))

    assert loaded(faults, a=silent, b=doubtful, c=good).read(b"ours") == CoverageReport("ours", ())
    assert loaded(faults, a=silent).read(b"ours") is None
    assert faults.seen == []


@pytest.mark.parametrize(
    ("does", "flaw", "is_fault"),
    [
        (raises(BadReport(Flaw.EMPTY, "no lines")), Flaw.EMPTY, False),
        (raises(ZeroDivisionError()), Flaw.MALFORMED, True),
        (lambda _: {"lines": 1}, Flaw.MALFORMED, True),
    ],
    ids=["refused", "failed", "no report"],
)
def test_a_report_that_a_plugin_cannot_read_is_refused_and_never_passes(
    does: Callable[..., Any],
    flaw: Flaw,
    is_fault: bool,  # noqa: FBT001
) -> None:
    faults = Faults()

    with pytest.raises(BadReport) as caught:
        loaded(faults, p=giving("report_parsers", Opinion(does))).read(b"data")

    assert caught.value.flaw is flaw
    assert bool(faults.seen) is is_fault


def test_a_parser_that_fails_to_recognise_anything_is_passed_over() -> None:
    faults = Faults()
    broken = SimpleNamespace(name="broken", recognises=raises(ValueError()), parse=raises(ValueError()))

    assert loaded(faults, p=giving("report_parsers", broken)).read(b"data") is None
    assert [name for name, _ in faults.seen] == ["p"]


def test_scorers_come_in_the_order_of_their_plugins_and_a_failing_one_prefers_nothing() -> None:
    faults = Faults()
    plugins = loaded(
        faults,
        b=giving("scorers", Opinion(lambda prompt, text: 1.0 if prompt in text else 0.5, "on topic")),
        a=giving("scorers", Opinion(raises(ValueError()), "broken"), Opinion(lambda *_: 7, "too much")),
    )
    candidate = SimpleNamespace(text="a tensor", log_probabilities=())

    found = [(each.name, each.weight, each("tensor", candidate)) for each in plugins.scorers()]

    assert found == [("broken", 0.5, 0.0), ("too much", 0.5, 0.0), ("on topic", 0.5, 1.0)]
    assert [name for name, _ in faults.seen] == ["a", "a"]


@pytest.mark.parametrize(
    ("hook", "given"),
    [
        ("classifiers", lambda title, body: SURE),  # noqa: ARG005
        ("classifiers", SimpleNamespace(name=7, classify=print)),
        ("report_parsers", SimpleNamespace(name="x", parse=print)),
        ("scorers", Opinion(print, weight=0)),
        ("scorers", Opinion(print, weight=2)),
        ("scorers", print),
    ],
    ids=["no name", "no text", "cannot recognise", "no weight", "too much weight", "a function"],
)
def test_what_does_not_fit_its_hook_is_reported_and_left_out(hook: str, given: object) -> None:
    faults = Faults()
    plugins = loaded(faults, p=giving(hook, given))

    assert (plugins.classify("", ""), plugins.read(b""), plugins.scorers()) == (None, None, ())
    assert [name for name, _ in faults.seen] == ["p"]


def test_every_hook_is_documented_and_implemented_by_the_example() -> None:
    hooks = [name for name, value in vars(Hooks).items() if hasattr(value, f"{GROUP}_spec")]
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    example = (EXAMPLE / "reeve_example" / "__init__.py").read_text(encoding="utf-8")

    assert set(hooks) == {
        *("policies", "commands", "classifiers", "report_parsers", "scorers", "redactors", "message_data"),
    }
    assert [name for name in hooks if not re.search(rf"^### `{name}\(", page, re.MULTILINE)] == []
    assert [name for name in hooks if f"@hookimpl\ndef {name}(" not in example] == []
    assert all(getattr(Hooks, name).__doc__.count("\n") == 0 for name in hooks)
