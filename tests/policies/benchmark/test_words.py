"""What people read of the benchmark gate: stored as text, in both languages, and nothing from outside at work in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config.benchmark import Benchmark
from bot.config.benchmark import Metric as Setting
from bot.model.decisions import Override
from bot.model.effects import CheckRun
from bot.model.samples import Direction, Metric
from bot.model.trust import Trust
from bot.model.verdicts import Outcome, Verdict
from bot.policies.benchmark.decision import Reason, decide
from bot.policies.benchmark.evidence import BenchmarkEvidence, Broken, Waiting
from bot.policies.benchmark.message import CHECK, facts, percent, told
from bot.render import LANGUAGES, Words
from tests.policies.benchmark.given import HEAD, RULES, SUBJECT, TIME, changed, evidence, in_turn, measured, samples
from tests.policies.benchmark.test_decision import MEASURED, TABLE, means

STORED = Path(__file__).parents[2] / "data" / "rendered" / "benchmark"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = Words()

RATE = Metric("BM_Sort|1024", "tok/s", Direction.HIGHER)
_TWO = [*in_turn(0.2), *in_turn(0.3, name=RATE.name)]
_MOVED = [replace(each, environment=each.environment[1:]) for each in in_turn()[:1]]
_WORD = Override(SUBJECT, "benchmark", HEAD, "worth it", None, "ada")

#: One for each reason, and for each other way of saying it.
CASES: dict[str, tuple[BenchmarkEvidence, Benchmark]] = {
    "off": (evidence(), Benchmark(evidence="none")),
    "exempt-docs": (evidence(changed=("a.md",)), RULES),
    "exempt-tests": (evidence(changed=("tests/a.py",)), RULES),
    "exempt-docs-and-tests": (evidence(changed=("a.md", "tests/a.py")), RULES),
    "exempt-no-source": (evidence(changed=("ci.yml",)), RULES),
    "exempt-configured": (evidence(), Benchmark(paths=("kernels/**",))),
    "overridden": (evidence(override=_WORD), RULES),
    "within-margin": (evidence(measurement=measured()), RULES),
    "within-margin-too-good": (evidence(measurement=measured(samples(in_turn(-0.3, 7)), Trust.RECOMPUTED)), RULES),
    "claimed": (evidence(body=TABLE), RULES),
    "claimed-by-means": (evidence(measurement=means()), RULES),
    "regression": (evidence(measurement=measured(samples(_TWO, TIME, RATE), Trust.TRUSTED)), RULES),
    "no-data": (evidence(changed=("a.py", "b.cu", "c.rs", "d.go")), RULES),
    "claim-incomplete": (evidence(body=TABLE.replace("H200", "").replace("| 12", "| slow")), RULES),
    "claim-incomplete-parts": (evidence(body=TABLE.replace("H200", "").replace("bench.sh", "")), RULES),
    "claim-stale": (evidence(body=TABLE.replace("aaaa", "cccc")), RULES),
    "claim-slower": (
        evidence(body=TABLE.replace("| 11 ", "| 18 ")),
        Benchmark(metrics=(Setting(name="TTFT", better="lower"),)),
    ),
    "not-measured": (evidence(body=TABLE), MEASURED),
    "not-measured-means": (evidence(measurement=means()), MEASURED),
    "measuring": (evidence(measurement=Waiting(NOW)), RULES),
    "too-late": (evidence(measurement=Waiting(NOW - timedelta(days=1))), RULES),
    "unreadable": (evidence(measurement=Broken("out-of-range: NaN is not a number")), RULES),
    "invalid": (
        evidence(measurement=measured(samples(changed(in_turn(), 1, is_dirty=True, failures=2, commit="c" * 40)))),
        RULES,
    ),
    "not-comparable": (evidence(measurement=measured(samples([*_MOVED, *in_turn()[1:]]))), RULES),
    "inconclusive-few": (evidence(measurement=measured(samples(in_turn(pairs=3)))), RULES),
    "inconclusive-more": (evidence(measurement=measured(samples(in_turn(noise=12)))), RULES),
    "inconclusive-last": (evidence(measurement=measured(samples(in_turn(0.02, pairs=20, noise=12)))), RULES),
    "protected": (evidence(measurement=measured(), changed=("a.py", "benchmarks/run.py")), RULES),
    "protected-unknown": (evidence(measurement=measured(), changed=None), RULES),
    "not-trusted": (evidence(measurement=measured(), is_release=True), RULES),
}
#: Faults and the like that no story above shows.
FAULTS = ("no-samples", "side-unknown", "one-side", "not-in-turn", "unpaired", "wrong-base", "same-commit", "copied",
          "repeated",          "no-metric", "direction", "unit")  # fmt: skip


def verdict(name: str, language: str) -> Verdict:
    """Decide a case and put it into words."""
    given, rules = CASES[name]
    return told(decide(given, rules, NOW), given, WORDS, language)


def check(found: Verdict) -> CheckRun:
    """Return the check run."""
    (effect,) = found.effects
    assert isinstance(effect, CheckRun)
    return effect


def test_there_is_a_case_for_every_reason() -> None:
    reasons = {decide(given, rules, NOW).reason for given, rules in CASES.values()}
    assert reasons == set(Reason)
    assert all(name.startswith(verdict(name, "en").rule) for name in CASES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_the_check_reads_as_it_is_stored(name: str, language: str) -> None:
    """Written anew by deleting the stored file: then this test fails once and shows in the diff what is new."""
    path = STORED / f"{name}.{language}.md"
    found = check(verdict(name, language))
    text = f"# {found.title}\n\n{found.summary}"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written: read it and run again")
    assert text == path.read_text(encoding="utf-8")


def test_every_stored_text_is_still_said() -> None:
    assert {path.name for path in STORED.glob("*.md")} == {f"{n}.{each}.md" for n in CASES for each in LANGUAGES}


@pytest.mark.parametrize("name", CASES)
def test_the_check_is_on_the_head_and_never_neutral(name: str) -> None:
    found = verdict(name, "en")
    effect = check(found)
    expected = {
        Outcome.PASS: "success",
        Outcome.NOT_APPLICABLE: "success",
        Outcome.FAIL: "failure",
        Outcome.PENDING: None,
        Outcome.ACTION_REQUIRED: "action_required",
    }
    assert (effect.name, effect.head_sha, effect.subject) == (CHECK, HEAD, SUBJECT)
    assert effect.conclusion == expected[found.outcome]
    assert "\n" not in effect.title
    assert effect.title
    assert len(effect.summary) < 65_535


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_the_level_and_the_next_step_are_always_there(name: str, language: str) -> None:
    summary = check(verdict(name, language)).summary
    level = {"en": "Level: ", "zh-CN": "级别："}[language]
    steps = {"en": ("Next: ", "There is nothing to do.", "decided so"), "zh-CN": ("下一步：", "无需操作。", "的决定：")}
    assert level in summary
    assert any(step in summary for step in steps[language])


def test_a_pass_is_silent_unless_it_is_too_good() -> None:
    assert verdict("within-margin", "en").message is None
    assert verdict("claimed", "en").message is None
    assert verdict("exempt-docs", "en").message is None
    loud = verdict("within-margin-too-good", "en").message
    assert loud
    assert "Check that no work was lost" in WORDS.comment([loud], "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in CASES if verdict(name, "en").message])
def test_the_comment_begins_with_the_verdict(name: str, language: str) -> None:
    found = verdict(name, language)
    assert found.message
    comment = WORDS.comment([found.message], language)
    assert comment.startswith(f"**{check(found).title}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_words(fault: str, language: str) -> None:
    given, rules = CASES["invalid"]
    data = facts(decide(given, rules, NOW), head_sha=HEAD) | {"faults": (fault,), "fault_details": ("detail",)}
    said = WORDS.text("benchmark/check", data, language)
    others = {
        WORDS.text("benchmark/check", data | {"faults": (other,)}, language) for other in FAULTS if other != fault
    }
    assert said not in others


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_from_outside_stays_text(language: str) -> None:
    evil = "@acme/team [x](http://e) <img> | `a` #1 {{ 7 * 7 }} **b**"
    row = f"| {evil.replace('|', '')} | {evil[:20]} | 1 | 2 |"
    body = f"| metric | unit | before | after |\n|-|-|-|-|\n{row}\n\nHardware: {evil}"
    launches = [replace(each, environment=(replace(each.environment[0], value=evil[:99] + str(n)),))
                for n, each in enumerate(in_turn())]  # fmt: skip
    odd = samples([replace(each, environment=()) for each in in_turn()], replace(TIME, name=evil))
    for given in (
        evidence(body=body),
        evidence(measurement=Broken(evil)),
        evidence(measurement=measured(samples(launches))),
        evidence(measurement=measured(odd)),
        evidence(changed=(evil + ".py",)),
    ):
        found = check(told(decide(given, RULES, NOW), given, WORDS, language))
        assert evil not in found.title
        assert "<img>" not in found.summary.replace("`", "") or "`" in found.summary
        assert "49" not in found.summary
        assert "\n@acme" not in found.summary


def test_a_bar_in_a_name_does_not_end_the_cell() -> None:
    assert "| `BM_Sort\\|1024` | pass |" in check(verdict("regression", "en")).summary


def test_of_many_metrics_the_worst_are_shown_and_the_rest_counted() -> None:
    names = [f"m{number}" for number in range(60)]
    launches = [each for name in names for each in in_turn(0.3 if name == "m59" else 0.0, name=name)]
    given = evidence(measurement=measured(samples(launches, *[replace(TIME, name=name) for name in names])))
    summary = check(told(decide(given, RULES, NOW), given, WORDS, "en")).summary
    assert summary.index("`m59` | **slower**") < summary.index("`m0`")
    assert "and 10 more" in summary


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (None, ""), (1.0, "+0.0 %"), (1.034, "+3.4 %"), (0.9, "-10.0 %"), (1.0001, "+0.010 %"), (20.0, "× 20"),
        (1e9, "× 1e+09"),
    ],
)  # fmt: skip
def test_a_ratio_is_shown_as_a_change_in_percent(ratio: float | None, text: str) -> None:
    assert percent(ratio) == text
