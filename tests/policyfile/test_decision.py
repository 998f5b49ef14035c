"""What is said of a policy file, as people read it, in both languages."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from bot import pipeline
from bot.config import FILE, Config, Mistake
from bot.github.effects.issues import issue_marker
from bot.model.effects import CheckRun, KeepIssue
from bot.model.facts import PullRequest
from bot.model.subjects import Subject
from bot.model.verdicts import Outcome
from bot.policyfile import ISSUE, Examined, Found, Ground, Named, Proposal, Trouble, check, report
from bot.render import LANGUAGES, Words
from tests.road import ADA, MODEL, NOW, SEVEN

STORED = Path(__file__).parents[1] / "data" / "rendered" / "policyfile"
ROOT = Subject(MODEL.id, 0)
GOOD = Found("version: 1\nlanguage: zh-CN\n")
BROKEN = Found('version: 1\nsla:\n  bugs: 24h\n  docs: soon\ncoverage: {minimum: 180}\nmessages: {"[@x](y) <b>": 1}\n')
NONSENSE = Found("".join(f"a{number}: 1\n" for number in range(60)))
UNREADABLE = Found(None, unreadable="folder")

PULL = PullRequest(
    subject=SEVEN,
    title="Change the rules",
    body="",
    author=ADA,
    labels=frozenset(),
    head_sha="a" * 40,
    head_ref="rules",
    head_repository_id=MODEL.id,
    base_sha="b" * 40,
    base_ref="main",
    is_open=True,
    is_draft=False,
    is_merged=False,
    created_at=NOW,
    updated_at=NOW,
)

NO_TEAM = Named(Mistake(FILE, 3, 9, "sla.team", "no-team", {"team": '"acme/nobody"'}), is_fatal=True)
NO_LABEL = Named(
    Mistake(FILE, 5, 2, "triage.rules[0].label", "no-label-near", {"label": '"rcf"', "near": '"rfc"'}), is_fatal=False
)
LOCKING = Ground("sla: {bug: 12h}\nlocked: [sla.bug]\n")
VAIN = Found("version: 1\nsla: {bug: 48h}\n")

CHECKS = {
    "valid": (Proposal(PULL, GOOD), Config()),
    "first": (Proposal(PULL, GOOD), None),
    "removed": (Proposal(PULL, Found(None)), Config()),
    "invalid": (Proposal(PULL, BROKEN), Config()),
    "invalid-one": (Proposal(PULL, Found("sla: {bug: 24}\n")), None),
    "unreadable": (Proposal(PULL, UNREADABLE), Config()),
    "names": (Proposal(PULL, GOOD, names=(NO_TEAM, NO_LABEL)), Config()),
    "warning": (Proposal(PULL, VAIN, LOCKING), Config()),
    "first-warning": (Proposal(PULL, VAIN, LOCKING, (NO_LABEL,)), None),
}
ISSUES = {
    "kept": (Trouble("kept", BROKEN.examine(Ground())), Config()),
    "passive": (Trouble("passive", UNREADABLE.examine(Ground())), None),
    "layered": (
        Trouble("layered", Examined((Mistake(FILE, 2, 1, "labels", "labels-differ", {"count": 8}, is_layered=True),))),
        Config(),
    ),
    "names": (Trouble("names", Examined().with_names((NO_TEAM, NO_LABEL))), Config()),
}


def checked(found: Found, config: Config | None = None, language: str = "auto") -> CheckRun:
    """Return the check of a proposed file where the policy in force prescribes this language."""
    config = Config() if config is None and language != "auto" else config
    forced = config if config is None else config.model_copy(update={"language": language})
    (effect,) = check(Proposal(PULL, found), forced, Words()).effects
    assert isinstance(effect, CheckRun)
    return effect


def reported(trouble: Trouble | None, told: Literal["en", "zh-CN"] = "en") -> KeepIssue:
    """Return the issue about a file on the default branch."""
    (effect,) = report(ROOT, trouble, Words(), told).effects
    assert isinstance(effect, KeepIssue)
    return effect


def stored(name: str, text: str) -> str:
    """Return the stored text; one that is not there is written, to be read."""
    path = STORED / f"{name}.md"
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written: read it and run again")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHECKS)
def test_the_check_reads_as_it_is_stored(name: str, language: str) -> None:
    proposal, config = CHECKS[name]
    title = "修改规则，缩短响应时间" if language == "zh-CN" else "Change the rules"
    (effect,) = check(replace(proposal, pull=replace(PULL, title=title)), config, Words()).effects

    assert isinstance(effect, CheckRun)
    text = f"# {effect.title}\n\n{effect.summary}"
    assert text == stored(f"check-{name}.{language}", text)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", ISSUES)
def test_the_issue_reads_as_it_is_stored(name: str, language: Literal["en", "zh-CN"]) -> None:
    effect = reported(ISSUES[name][0], language)

    text = f"# {effect.title}\n\n{effect.body}"
    assert text == stored(f"issue-{name}.{language}", text)


@pytest.mark.parametrize(
    ("name", "conclusion", "levels"),
    [
        ("valid", "success", []),
        ("names", "failure", ["failure", "warning"]),
        ("warning", "success", ["warning"]),
        ("first-warning", "success", ["warning", "warning"]),
        ("invalid-one", "failure", ["failure"]),
    ],
)
def test_what_only_deserves_a_look_is_a_warning_on_its_line_and_fails_nothing(
    name: str, conclusion: str, levels: list[str]
) -> None:
    proposal, config = CHECKS[name]
    (effect,) = check(proposal, config, Words()).effects

    assert isinstance(effect, CheckRun)
    assert (effect.conclusion, [note.level for note in effect.annotations]) == (conclusion, levels)


def test_every_mistake_is_an_annotation_on_its_line_in_the_words_of_the_command() -> None:
    notes = checked(BROKEN).annotations

    assert [(note.start_line, note.end_line) for note in notes] == [(3, 3), (4, 4), (5, 5), (6, 6)]
    assert notes[0].message.startswith('.github/reeve.yml:3:3: sla.bugs: is not a setting; did you mean "bug"?')


def test_of_very_many_mistakes_the_first_fifty_are_marked_and_the_rest_counted() -> None:
    effect = checked(NONSENSE)

    assert len(effect.annotations) == 50
    assert effect.title == "Correct 60 mistakes in the policy file"
    assert "and 10 more" in effect.summary


@pytest.mark.parametrize("found", [BROKEN, NONSENSE, UNREADABLE, Found("\0"), Found("a: [" * 100), Found("x" * 70_000)])
def test_what_cannot_be_used_never_passes(found: Found) -> None:
    verdict = check(Proposal(PULL, found), None, Words())

    assert verdict.outcome is Outcome.FAIL
    assert checked(found).conclusion == "failure"
    assert checked(found).annotations


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_from_the_file_becomes_markup(language: str) -> None:
    summary = checked(BROKEN, language=language).summary

    assert "`messages.[@x](y) <b>`" in summary
    assert "](y)" not in summary.replace("`messages.[@x](y) <b>`", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_is_short_and_holds_nothing_from_outside(language: str) -> None:
    forced = Config().model_copy(update={"language": language})
    effects = [check(proposal, forced, Words()).effects[0] for proposal, _ in CHECKS.values()]
    titles = {effect.title for effect in effects if isinstance(effect, CheckRun)}

    assert max(map(len, titles)) < 80
    assert not any(sign in title for title in titles for sign in "\\&`")


def test_a_good_file_closes_the_issue() -> None:
    effect = reported(None)

    assert (effect.key, effect.is_open) == (ISSUE, False)


def test_what_is_told_has_a_fingerprint_that_changes_with_it() -> None:
    digests = {trouble.digest for trouble, _ in ISSUES.values()}

    assert len(digests) == len(ISSUES)
    assert ISSUES["names"][0].digest == Trouble("names", Examined().with_names((NO_TEAM,))).digest


def test_the_road_knows_reeves_own_issues_by_the_line_that_finds_them_again() -> None:
    assert issue_marker(ISSUE).startswith(pipeline.OWN_ISSUE)
