"""What people read: each verdict in both languages, kept as text to be read in review."""

import re
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from bot.model.coverage import CoverageRules
from bot.model.effects import CheckRun
from bot.model.outcomes import Outcome
from bot.model.subjects import Subject
from bot.model.trust import Trust
from bot.model.verdicts import Message
from bot.policies.coverage import CoverageVerdict, Part, Reason
from bot.policies.coverage.contradictions import Contradiction, Odd
from bot.policies.coverage.facts import facts, percent
from bot.policies.coverage.figures import Figures
from bot.policies.coverage.message import MAX_ANNOTATIONS, Place, told
from bot.policies.coverage.verdict import OUTCOMES, Refusal
from bot.render import LANGUAGES, Words
from bot.reports.measured import Count, Flaw
from bot.resources import templates
from tests.policies.coverage.given import NOW, decide, diff, evidence, file, old, part, source

STORED = Path(__file__).parents[2] / "data" / "rendered" / "coverage"
WORDS = Words()
RULES = CoverageRules()
SUBJECT = Subject(1, 7)

FEW = Figures(
    Count(820, 1000), Count(7, 12), {"bot/a.py": (3, 4, 9)}, {"bot/a.py": ((3, 4), (9, 9))}, {"bot/b.py": (5, 6, 8)}
)
ODD = Figures(
    left_out={"bot/left.py": 1, "bot/out.py": 8},
    uncounted=("bot/odd.py",),
    foreign=("gen.py",),
    by_text=("bot/c.py",),
    unparsed=("bot/d.py",),
    unlisted=Count(3, 5),
)
VERDICTS: dict[str, tuple[CoverageVerdict, CoverageRules]] = {
    "covered": (CoverageVerdict(Reason.COVERED, replace(FEW, patch=Count(11, 12)), Trust.REPORTED), RULES),
    "nothing-executable": (CoverageVerdict(Reason.NOTHING_EXECUTABLE), RULES),
    "no-tests": (CoverageVerdict(Reason.NO_TESTS, FEW, Trust.REPORTED, lacks_tests=True), RULES),
    "changed-lines": (CoverageVerdict(Reason.CHANGED_LINES, FEW), RULES),
    "project": (CoverageVerdict(Reason.PROJECT, replace(FEW, project=Count(1, 2), patch=Count(1, 1))), RULES),
    "project-branch": (CoverageVerdict(Reason.PROJECT, FEW, Trust.TRUSTED), replace(RULES, branch=True)),
    "ratchet": (
        CoverageVerdict(Reason.RATCHET, FEW, Trust.RECOMPUTED, base=Count(83, 100)),
        replace(RULES, project="ratchet"),
    ),
    "both": (CoverageVerdict(Reason.RATCHET, FEW, base=Count(83, 100)), replace(RULES, project="both")),
    "waiting": (
        CoverageVerdict(Reason.WAITING, arrived=("a", "b", "c"), missing=("d", "e")),
        replace(RULES, parts=("a", "b", "c", "d", "e")),
    ),
    "waiting-for-any": (CoverageVerdict(Reason.WAITING), RULES),
    "line-ends": (CoverageVerdict(Reason.LINE_ENDS, Figures(unnumbered=("bot/sly.py",))), RULES),
    "no-report": (CoverageVerdict(Reason.NO_REPORT), RULES),
    "parts-missing": (
        CoverageVerdict(Reason.PARTS_MISSING, arrived=("a",), missing=("b",)),
        replace(RULES, parts=("a", "b")),
    ),
    "unreadable": (
        CoverageVerdict(
            Reason.UNREADABLE,
            refused=(
                *(Refusal(f"p{n}", each.value, "totals: 150.0") for n, each in enumerate(Flaw)),
                Refusal("x", "", "?"),
                Refusal("y", "archive-bomb", "1 to 1000"),
                Refusal("z", "limit-time", ""),
            ),
        ),
        RULES,
    ),
    "other-commit": (CoverageVerdict(Reason.OTHER_COMMIT), RULES),
    "contradiction": (
        CoverageVerdict(
            Reason.CONTRADICTION,
            contradictions=tuple(Contradiction("bot/a.py", n, each, 2) for n, each in enumerate(Odd, 5)),
        ),
        RULES,
    ),
    "foreign": (CoverageVerdict(Reason.FOREIGN, Figures(foreign=("a.py", "b.py"))), RULES),
    "unlisted": (CoverageVerdict(Reason.UNLISTED, Figures(unlisted=Count(3, 5))), RULES),
    "uncounted": (CoverageVerdict(Reason.UNCOUNTED, Figures(uncounted=("bot/a.py", "bot/b.py"))), RULES),
    "no-branches": (CoverageVerdict(Reason.NO_BRANCHES), RULES),
    "no-base": (CoverageVerdict(Reason.NO_BASE), RULES),
    "excluded": (CoverageVerdict(Reason.EXCLUDED, FEW), replace(RULES, max_excluded=2)),
    "protected": (CoverageVerdict(Reason.PROTECTED, protected=("conftest.py", "tox.ini")), RULES),
    "everything-odd": (
        CoverageVerdict(
            Reason.COVERED, replace(ODD, project=Count(90, 99), patch=Count(9, 10)), protected=("tox.ini",)
        ),
        RULES,
    ),
}


def message(name: str) -> Message:
    """Return what is said in this case."""
    return Message("coverage/comment", facts(*VERDICTS[name]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_reads_as_it_is_stored(name: str, language: str) -> None:
    """Written anew by deleting the stored file: then this test fails once and shows in the diff what is new."""
    path = STORED / f"coverage-{name}.{language}.md"
    text = WORDS.comment([message(name)], language)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written: read it and run again")
    assert text == path.read_text(encoding="utf-8")


def test_every_stored_text_is_still_said() -> None:
    said = {f"coverage-{name}.{language}.md" for name in VERDICTS for language in LANGUAGES}
    assert {path.name for path in STORED.glob("*.md")} == said


def test_every_reason_is_said() -> None:
    assert {found.reason for found, _ in VERDICTS.values()} == set(Reason)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_one_sentence_for_programs(language: str) -> None:
    lines = (templates() / language / "coverage" / "reasons.txt").read_text(encoding="utf-8").splitlines()
    words = dict(line.split(": ", 1) for line in lines)

    known = {*facts(*VERDICTS["covered"]), "flaws"}
    assert set(words) == set(Reason)
    assert {name for text in words.values() for _, name, *_ in Formatter().parse(text) if name} <= known


def test_the_missing_tests_are_told_in_those_words() -> None:
    found, rules = VERDICTS["no-tests"]
    place = Place(SUBJECT, "1" * 40, "en")

    (check,) = told(found, rules, place, WORDS).effects

    assert isinstance(check, CheckRun)
    assert check.title.startswith("A pull request must contain unit tests")


@pytest.mark.parametrize("name", VERDICTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_is_a_check_run_with_a_next_step(name: str, language: str) -> None:
    found, rules = VERDICTS[name]

    verdict = told(found, rules, Place(SUBJECT, "1" * 40, language), WORDS)

    (check,) = verdict.effects
    assert isinstance(check, CheckRun)
    assert (check.name, check.head_sha) == ("reeve / coverage", "1" * 40)
    assert (
        check.conclusion
        == {
            Outcome.PASS: "success",
            Outcome.FAIL: "failure",
            Outcome.PENDING: None,
            Outcome.ACTION_REQUIRED: "action_required",
        }[found.outcome]
    )
    assert "\n" not in check.title
    assert 0 < len(check.title) < 100
    step = {"en": r"Next: |There is nothing to do", "zh-CN": r"下一步：|无需操作"}[language]
    assert re.search(step, check.summary)
    assert (verdict.message is None) == (found.outcome is Outcome.PASS)
    assert (verdict.policy, verdict.rule, verdict.outcome) == ("coverage", found.reason, found.outcome)


def test_only_reasons_that_were_thought_of_pass_fail_or_wait() -> None:
    assert {reason for reason, outcome in OUTCOMES.items() if outcome is Outcome.PASS} == {
        Reason.COVERED,
        Reason.NOTHING_EXECUTABLE,
    }
    assert CoverageVerdict(Reason.UNREADABLE).outcome is Outcome.ACTION_REQUIRED


def test_uncovered_ranges_become_marks_on_the_lines() -> None:
    given = evidence(
        [part(old(100), file("bot/a.py", "1", "3 4 9"))], [diff("bot/a.py", "1-9")], {"bot/a.py": source("1 3 4 9")}
    )

    (check,) = told(decide(given), RULES, Place(SUBJECT, "1" * 40, "en"), WORDS).effects

    assert isinstance(check, CheckRun)
    marks = [(each.path, each.start_line, each.end_line, each.level, each.message) for each in check.annotations]
    assert marks == [("bot/a.py", 3, 9, "failure", "No test runs lines 3 to 9.")]


def test_lines_left_uncovered_by_a_verdict_that_passes_are_only_warned_of() -> None:
    found, rules = VERDICTS["covered"]

    (check,) = told(found, rules, Place(SUBJECT, "1" * 40, "zh-CN"), WORDS).effects

    assert isinstance(check, CheckRun)
    assert {each.level for each in check.annotations} == {"warning"}
    assert check.annotations[1].message == "没有测试运行到第 9 行。"


def test_marks_and_lists_are_limited_and_say_so() -> None:
    many = tuple((line, line) for line in range(1, 2000, 2))
    ranges = {f"bot/m{n:03}.py": many for n in range(60)}
    found = CoverageVerdict(Reason.CHANGED_LINES, Figures(patch=Count(0, 60_000), ranges=ranges))

    (check,) = told(found, RULES, Place(SUBJECT, "1" * 40, "en"), WORDS).effects

    assert isinstance(check, CheckRun)
    assert len(check.annotations) == MAX_ANNOTATIONS
    assert "and 10 more files" in check.summary
    assert "…" in check.summary
    assert len(check.summary) < 30_000


HOSTILE = "bot/`<img src=x>` @acme/all [x](javascript:1)|.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_of_a_file_cannot_put_markup_or_mentions_into_the_comment(language: str) -> None:
    figures = Figures(
        patch=Count(0, 1),
        ranges={HOSTILE: ((1, 1),)},
        newly_excluded={HOSTILE: (1,)},
        left_out={HOSTILE: 1},
        uncounted=(HOSTILE,),
        foreign=(HOSTILE,),
        by_text=(HOSTILE,),
        unparsed=(HOSTILE,),
    )
    odd = (Contradiction(HOSTILE, 1, Odd.NO_CODE, 1),)
    refused = (Refusal(HOSTILE, "malformed", HOSTILE),)
    found = CoverageVerdict(
        Reason.UNREADABLE, figures, refused=refused, contradictions=odd, protected=(HOSTILE,), missing=(HOSTILE,)
    )

    text = WORDS.comment([Message("coverage/comment", facts(found, RULES))], language)

    outside = re.sub(r"``+ ?.*?``+|`[^`]*`", "", text)
    assert "img" not in outside
    assert "@acme" not in outside
    assert "javascript" not in outside


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (Count(19_999, 25_000), "79.99"),
        (Count(4, 5), "80.00"),
        (Count(2, 3), "66.66"),
        (Count(3, 3), "100.00"),
        (Count(0, 3), "0.00"),
        (Count(0, 0), ""),
    ],
)
def test_a_percentage_is_never_rounded_up(count: Count, shown: str) -> None:
    assert percent(count) == shown


@pytest.mark.parametrize(
    ("count", "needed"), [(Count(3, 5), 1), (Count(79, 100), 1), (Count(0, 7), 6), (Count(9, 10), 0), (Count(0, 0), 0)]
)
def test_as_many_lines_are_asked_for_as_are_needed(count: Count, needed: int) -> None:
    data = facts(CoverageVerdict(Reason.CHANGED_LINES, Figures(patch=count)), RULES)

    assert data["patch_needed"] == needed
    assert count.total == 0 or 100 * (count.covered + needed) >= 80 * count.total


def test_a_part_that_was_refused_tells_why() -> None:
    found = decide(
        evidence(
            [Part("gpu", None, problem="totals: 150.0 is no percentage", flaw="out-of-range")], [diff("bot/a.py", "1")]
        ),
        NOW,
    )

    text = WORDS.comment([Message("coverage/comment", facts(found, RULES))], "en")

    assert "`gpu` holds a number that cannot be: `totals: 150.0 is no percentage`" in text
