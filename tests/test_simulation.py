"""Verdicts as a simulation compares them, and the frozen GitHub that both sides look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal, cast

import pytest

from bot.cli import simulate as cli
from bot.github.forge import GitHubForge
from bot.model.changes import Interest, Wish
from bot.model.effects import CheckRun, SetLabels
from bot.model.errors import Refused
from bot.model.facts import Issue, PullRequest
from bot.model.forge import Entry, Past
from bot.model.subjects import Repository
from bot.model.timeline import Happening, Stage, Standing, Target, What
from bot.model.verdicts import Message, Outcome, Shadow, Verdict
from bot.simulation.comparison import Difference, Result, compare, judgements
from bot.simulation.snapshot import Snapshot
from tests.policyfile.test_decision import PULL
from tests.road import ADA, MODEL, NOW, SEVEN, issue

HELLO = Message("triage/unclear", {"rule": "x"})
RED = CheckRun(SEVEN, "a" * 40, "reeve / coverage", "failure", "t", "s")
STANDING = Standing(
    Target.FIRST_ANSWER, NOW, None, Stage.ON_TRACK, timedelta(hours=1), timedelta(), due_at=NOW + timedelta(hours=1)
)


def verdict(policy: str = "triage", **others: object) -> Verdict:
    """Return a verdict."""
    return replace(Verdict(policy, "rule", Outcome.UNKNOWN), **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (verdict(message=HELLO), "unknown: rule"),
        (
            verdict(effects=(SetLabels(SEVEN, add=("a",), remove=("b",), type="Bug"),)),
            "unknown: rule, +a, +Bug, -b",
        ),
        (verdict("sla", standings=(STANDING,)), "unknown: rule, due 2026-11-24 13:00 UTC"),
        (
            verdict(outcome=Outcome.NOT_APPLICABLE, shadow=Shadow("triage", "2027-01-31", Outcome.PASS, ("a",))),
            "pass: rule (in shadow), +a",
        ),
    ],
)
def test_a_judgement_is_told_in_a_line(given: Verdict, line: str) -> None:
    (found,) = judgements([given]).values()

    assert str(found) == line


@pytest.mark.parametrize(("conclusion", "shown"), [("failure", "failure"), (None, "waiting")])
def test_a_gate_is_judged_with_its_check(conclusion: Literal["failure"] | None, shown: str) -> None:
    checks = (replace(RED, conclusion=conclusion), replace(RED, name="reeve / benchmark"))

    found = judgements([verdict("coverage"), verdict("sla")], checks)

    assert {name: str(each) for name, each in found.items()} == {
        "coverage": f"unknown: rule, reeve / coverage: {shown}"
    }


@pytest.mark.parametrize("quiet", [verdict(), verdict(shadow=Shadow("triage", "2027-01-31", Outcome.NOT_APPLICABLE))])
def test_what_says_and_sets_nothing_is_left_out(quiet: Verdict) -> None:
    assert judgements([quiet]) == {}


def test_a_rule_in_shadow_is_judged_beside_its_policy() -> None:
    rehearsed = verdict(message=HELLO, shadow=Shadow("triage.rules[0]", "2027-01-31", Outcome.PASS))

    assert list(judgements([verdict(message=HELLO), rehearsed])) == ["triage", "triage.rules[0]"]


def test_only_policies_that_differ_are_compared() -> None:
    same, other = verdict(message=HELLO), verdict("sla", message=HELLO)
    before, after = judgements([same, other]), judgements([same, replace(other, rule="late")])

    ((one, two),) = compare(before, after)

    assert (one.rule if one else None, two.rule if two else None) == ("rule", "late")
    assert list(compare({}, judgements([same]))) == [(None, judgements([same])["triage"])]


def test_other_words_are_a_difference_too() -> None:
    before = judgements([verdict(message=HELLO)])

    assert len(list(compare(before, judgements([verdict(message=replace(HELLO, data={"rule": "y"}))])))) == 1


# -- the frozen GitHub -----------------------------------------------------------------------------------------------


@dataclass
class Sea:
    """A forge of one issue that counts what it is asked."""

    found: Issue
    entries: tuple[Entry, ...] = ()
    asked: list[str] = field(default_factory=list)
    merged: bool = False
    wishes: list[Wish] = field(default_factory=list)

    def pull(self, repository: Repository, number: int) -> PullRequest:  # noqa: ARG002
        """Return a pull request."""
        return replace(PULL, is_merged=self.merged)

    def merge_base(self, repository: Repository, base: str, head: str) -> str:  # noqa: ARG002
        """Return where it left its base branch."""
        return "fork"

    def compare(self, repository: Repository, wish: Wish, interest: Interest) -> None:  # noqa: ARG002
        """Keep the wish."""
        self.wishes.append(wish)

    def issue(self, repository: Repository, number: int) -> Issue:  # noqa: ARG002
        """Return the issue."""
        self.asked.append("issue")
        return self.found

    def timeline(self, repository: Repository, number: int) -> Past:  # noqa: ARG002
        """Return its past."""
        self.asked.append("timeline")
        return Past(self.entries, ())

    def names(self, paths: list[str]) -> Iterator[str]:
        """Give names one by one."""
        self.asked.append("names")
        yield from paths


def looked(sea: Sea) -> Snapshot:
    """Return what looks through this forge."""
    return Snapshot(cast("GitHubForge", sea))


def happened(what: What, name: str | None) -> Entry:
    """Return something that somebody did."""
    return Entry(Happening(id=f"{what}-{name}", what=what, at=NOW, actor=ADA, name=name))


def test_the_same_question_is_asked_once_and_a_stream_can_be_read_twice() -> None:
    sea = Sea(issue())
    snapshot = looked(sea)

    assert snapshot.issue(MODEL, 7) == snapshot.issue(MODEL, 7)
    assert (list(snapshot.names(["a"])), list(snapshot.names(["a"])), list(snapshot.names(["b"]))) == (
        ["a"],
        ["a"],
        ["b"],
    )
    assert sea.asked == ["issue", "timeline", "names", "names"]


@pytest.mark.parametrize(
    ("labels", "entries", "left"),
    [
        (["bug"], [], set()),
        (["bug"], [happened(What.LABELED, "bug")], {"bug"}),
        (["bug"], [happened(What.LABELED, "bug"), happened(What.UNLABELED, "bug")], set()),
        (["bug", "own"], [happened(What.LABELED, "bug"), happened(What.CLOSED, None)], {"bug"}),
        ([], [happened(What.LABELED, "gone")], set()),
    ],
)
def test_a_label_that_nobody_else_set_is_reeves_own(labels: list[str], entries: list[Entry], left: set[str]) -> None:
    assert looked(Sea(issue(labels=labels), tuple(entries))).issue(MODEL, 7).labels == left


@pytest.mark.parametrize(
    ("kind", "entries", "left"),
    [
        ("Bug", [], None),
        ("Bug", [happened(What.TYPED, "Bug")], "Bug"),
        ("Bug", [happened(What.TYPED, "Task")], None),
        (None, [], None),
    ],
)
def test_a_type_that_nobody_else_set_is_reeves_own(kind: str | None, entries: list[Entry], left: str | None) -> None:
    sea = Sea(replace(issue(), type=kind), tuple(entries))

    assert looked(sea).issue(MODEL, 7).type == left


@pytest.mark.parametrize(
    ("is_merged", "tested", "base"), [(True, None, "fork"), (True, "f" * 40, None), (False, None, None)]
)
def test_a_merged_pull_request_is_compared_from_where_it_left_its_base(
    is_merged: bool,  # noqa: FBT001
    tested: str | None,
    base: str | None,
) -> None:
    sea = Sea(issue(), merged=is_merged)
    wish = Wish(7, "a" * 40, "main", tested)

    looked(sea).compare(MODEL, wish, Interest(lambda _: True, lambda _: True))

    assert sea.wishes == [replace(wish, base_sha=base)]


def test_nothing_can_be_written() -> None:
    with pytest.raises(Refused):
        looked(Sea(issue())).apply(MODEL, RED, None)


def test_on_a_terminal_it_is_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "160")
    before, after = judgements([verdict(message=HELLO)]), judgements([verdict(message=HELLO, rule="other")])
    changes = tuple(compare(before, after))

    cli.show(Result(2, (Difference(7, "A [bold]title", is_pull_request=False, changes=changes),), ((8, "Gone"),)))

    shown = capsys.readouterr().out
    assert "#8 could not be judged: Gone" in shown
    assert "1 of 2 would have been judged differently" in shown
    (row,) = [line for line in shown.splitlines() if "#7" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "#7",
        "A [bold]title",
        "triage",
        "unknown: rule",
        "unknown: other",
    ]
