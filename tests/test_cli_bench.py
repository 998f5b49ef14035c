"""`reeve bench compare` and `bundle`: the verdict on reports before a push."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.config import ConfigError
from bot.settings import SettingsError
from tests.policies.benchmark.given import NOISE

run = CliRunner().invoke

DATA = Path(__file__).parent / "data" / "benchmark"
BUILDS = {side: {"commit": letter * 40, "dirty": False, "environment": {"machine": "gpu-3"}}
          for side, letter in (("base", "b"), ("head", "a"))}  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where there is no policy file, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def document(slowdown: float = 0.0, pairs: int = 6, noise: float = 1.0, **change: Any) -> dict[str, Any]:
    """Return samples of two builds, head slower by this."""
    launches = []
    for number in range(pairs):
        wobble = math.exp(noise * NOISE[number % 6])
        two = [
            {"side": "base", "samples": {"ttft": [10.0 + number] * 5}},
            {"side": "head", "samples": {"ttft": [(10.0 + number) * (1 + slowdown) * wobble] * 5}},
        ]
        launches += two if number % 2 == 0 else two[::-1]
    metrics = {"ttft": {"unit": "ms", "better": "lower"}}
    return {"schema": "reeve.samples/1", **BUILDS, "metrics": metrics, "launches": launches, **change}


def written(document: dict[str, Any], name: str = "samples.json") -> str:
    """Write a document to the present folder."""
    Path(name).write_text(json.dumps(document), encoding="utf-8")
    return name


@pytest.mark.parametrize(
    ("slowdown", "pairs", "noise", "margin", "status", "word"),
    [
        (0.0, 6, 1, "5%", 0, "pass"),
        (0.2, 6, 1, "5%", 1, "regress"),
        (0.2, 6, 1, "30 %", 0, "pass"),
        (0.03, 20, 1, "2", 1, "regress"),
        (0.0, 6, 12, "5%", 3, "inconclusive"),
        (0.2, 5, 1, "5%", 3, "inconclusive"),
    ],
)
def test_the_exit_status_is_the_verdict(
    slowdown: float, pairs: int, noise: float, margin: str, status: int, word: str
) -> None:
    file = written(document(slowdown, pairs, noise))

    result = run(app, ["bench", "compare", file, "--margin", margin, "--json"])

    assert result.exit_code == status
    (metric,) = json.loads(result.stdout)
    assert list(metric) == ["name", "verdict", "ratio", "low", "high", "pairs"]
    assert (metric["name"], metric["verdict"], metric["pairs"]) == ("ttft", word, pairs)
    assert metric["low"] < metric["ratio"] < metric["high"]
    assert metric["ratio"] == pytest.approx(1 + slowdown, rel=0.02)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"head": {**BUILDS["head"], "dirty": True}}, "invalid"),
        ({"head": {**BUILDS["head"], "environment": {"machine": "gpu-4"}}}, "not_comparable"),
        ({"launches": document()["launches"][:-1]}, "invalid"),
    ],
)
def test_what_cannot_be_compared_is_neither_slow_nor_a_pass(change: dict[str, Any], word: str) -> None:
    result = run(app, ["bench", "compare", written(document(0.5, **change)), "--json"])

    assert result.exit_code == 3
    assert [each["verdict"] for each in json.loads(result.stdout)] == [word]


def test_for_people_the_verdict_and_the_next_step_come_first() -> None:
    result = run(app, ["bench", "compare", written(document(0.2))])

    lines = [line.strip() for line in result.stdout.splitlines() if line.strip()]
    assert lines[0] == "Slower: 1 of 1 metric regresses"
    assert lines[1].startswith("Next: make the metrics below as fast as before")
    assert "made on your own machine" in " ".join(lines)
    assert any(line.split()[:3] == ["ttft", "slower", "+20.0"] for line in lines)


@pytest.mark.parametrize("how", ["option", "environment"])
def test_it_speaks_chinese_too(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["bench", "compare", written(document(0.2))]
    if how == "environment":
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    else:
        words += ["--language", "zh-CN"]

    assert run(app, words).stdout.startswith("性能下降：1 项指标中有 1 项变差")


def test_the_fields_that_differ_are_named() -> None:
    file = written(document(head={**BUILDS["head"], "environment": {"machine": "gpu-4", "dtype": "fp8"}}))

    result = run(app, ["bench", "compare", file])

    assert result.exit_code == 3
    assert "2 conditions differ" in result.stdout
    assert "machine" in result.stdout
    assert "dtype" in result.stdout


@pytest.mark.parametrize("margin", ["1%", "0.05", "-5", "101%", "five", "nan", ""])
def test_a_margin_that_makes_no_sense_is_a_mistake_of_use(margin: str) -> None:
    result = run(app, ["bench", "compare", written(document()), "--margin", margin])

    assert result.exit_code == (2 if margin else 0)


def test_the_policy_file_of_the_folder_counts_and_another_one_may_be_named() -> None:
    file = written(document(0.05))
    Path(".github").mkdir()
    Path(".github/reeve.yml").write_text("benchmark: {margin: 20}\n", encoding="utf-8")
    Path("strict.yml").write_text("benchmark: {metrics: [{name: ttft, better: lower, margin: 2}]}\n", encoding="utf-8")

    assert run(app, ["bench", "compare", file]).exit_code == 0
    assert run(app, ["bench", "compare", file, "--config", "strict.yml"]).exit_code == 1
    assert run(app, ["bench", "compare", file, "--config", "strict.yml", "--margin", "20%"]).exit_code == 0


def test_head_may_be_pinned_to_a_commit() -> None:
    file = written(document())

    assert run(app, ["bench", "compare", file, "--head", "a" * 40]).exit_code == 0
    assert run(app, ["bench", "compare", file, "--head", "a" * 8]).exit_code == 0
    assert run(app, ["bench", "compare", file, "--head", "a"]).exit_code == 3
    assert run(app, ["bench", "compare", file, "--head", "c" * 40]).exit_code == 3


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["none.json"], SettingsError),
        (["samples.json", "--config", "none.yml"], SettingsError),
        (["samples.json", "--config", "bad.yml"], ConfigError),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(words: list[str], error: type[Exception]) -> None:
    written(document())
    Path("bad.yml").write_text("benchmark: {margin: 200}\n", encoding="utf-8")

    result = run(app, ["bench", "compare", *words])

    assert isinstance(result.exception, error)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [("{}", "unknown-format"), ('{"schema": "reeve.samples/1", "launches": [NaN]}', "NaN is not"), ("", "nothing in")],
)
@pytest.mark.parametrize(("words", "out"), [(["compare"], ""), (["compare", "--json"], "[]\n"), (["calibrate"], "")])
def test_a_report_that_is_refused_is_neither_green_nor_a_mistake_of_usage(
    words: list[str], out: str, text: str, says: str
) -> None:
    Path("bad.json").write_text(text, encoding="utf-8")

    result = run(app, ["bench", *words, "bad.json"])

    assert (result.exit_code, result.stdout) == (3, out)
    assert says in result.stderr


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("google-benchmark-pairs.jsonl", 0),
        ("pytest-benchmark-pairs.jsonl", 1),
        ("hyperfine-pairs.json", 3),
        ("google-benchmark.json", 3),
        ("vllm-detailed.json", 3),
        ("vllm-summary.json", 3),
    ],
)
def test_reports_of_other_tools_are_judged_as_they_are(name: str, status: int) -> None:
    assert run(app, ["bench", "compare", str(DATA / name)]).exit_code == status


def split(name: str) -> tuple[list[str], list[str]]:
    """Write the reports of a file into files of their own, without their side; return those of base and of head."""
    found: dict[str, list[str]] = {"base": [], "head": []}
    for number, line in enumerate((DATA / name).read_text(encoding="utf-8").splitlines()):
        report = json.loads(line)
        side = report["machine_info"].pop("side")
        found[side].append(written(report, f"{number}-{side}.json"))
    return found["base"], found["head"]


def with_bases(bases: list[str]) -> list[str]:
    """Return the options that name reports of base."""
    return [word for base in bases for word in ("--base", base)]


def test_separate_reports_of_base_and_head_are_pairs() -> None:
    bases, heads = split("pytest-benchmark-pairs.jsonl")
    whole = run(app, ["bench", "compare", str(DATA / "pytest-benchmark-pairs.jsonl"), "--json"])

    result = run(app, ["bench", "compare", *heads, *with_bases(bases), "--json"])

    assert result.exit_code == whole.exit_code == 1
    assert json.loads(result.stdout) == json.loads(whole.stdout)


def test_reports_that_know_their_times_cannot_be_passed_off_as_taking_turns() -> None:
    bases, heads = split("pytest-benchmark-pairs.jsonl")
    for number, file in enumerate([*bases, *heads]):
        report = json.loads(Path(file).read_text(encoding="utf-8"))
        report["datetime"] = f"2026-11-24T10:{number:02}:00+00:00"
        written(report, file)

    result = run(app, ["bench", "compare", *heads, *with_bases(bases)])

    assert result.exit_code == 3
    assert "did not take turns" in result.stdout


def test_as_many_reports_of_base_as_of_head_are_needed() -> None:
    bases, heads = split("pytest-benchmark-pairs.jsonl")

    assert run(app, ["bench", "compare", *heads, *with_bases(bases[:-1])]).exit_code == 2


def test_a_report_of_the_other_side_is_not_taken() -> None:
    report = str(DATA / "google-benchmark.json")  # it says that it is of base

    result = run(app, ["bench", "compare", report, "--base", report])

    assert result.exit_code == 3
    assert "given as one of the head" in result.stderr


@pytest.mark.parametrize(
    ("noise", "pairs", "status", "says"),
    [
        (1, 20, 0, "can be trusted"),
        (15, 20, 3, "the noise is too large"),
        (1, 6, 3, "fewer than 20 pairs"),
    ],
)
def test_a_machine_is_calibrated_by_one_build_on_both_sides(noise: float, pairs: int, status: int, says: str) -> None:
    file = written(document(0.0, pairs, noise, head=BUILDS["base"]))

    result = run(app, ["bench", "calibrate", file])
    chinese = run(app, ["bench", "calibrate", file, "--language", "zh-CN"])

    assert result.exit_code == chinese.exit_code == status
    assert says in " ".join(result.stdout.split())
    assert "least margin" in result.stdout
    assert "最小允许范围" in chinese.stdout


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"head": {**BUILDS["head"], "dirty": True}}, "calibrates nothing"),
        ({"head": {**BUILDS["head"], "environment": {"machine": "gpu-4"}}}, "not the same everywhere"),
    ],
)
def test_a_report_that_cannot_be_judged_calibrates_nothing(change: dict[str, Any], says: str) -> None:
    result = run(app, ["bench", "calibrate", written(document(0.0, 20, **change))])

    assert result.exit_code == 3
    assert says in result.stdout


def bundled(*words: str) -> list[str]:
    """Return the words of the command, with what it always needs."""
    return ["bench", "bundle", "--base-commit", "b" * 40, "--head-commit", "a" * 40, *words]


def test_a_bundle_holds_the_reports_as_they_are_and_is_judged_like_them() -> None:
    bases, heads = split("pytest-benchmark-pairs.jsonl")
    for file in (*bases, *heads):
        report = json.loads(Path(file).read_text(encoding="utf-8"))
        written(report | {"commit_info": {}}, file)
    turns = [f"{side}={file}" for pair in zip(bases, heads, strict=True)
             for side, file in zip(("base", "head"), pair, strict=True)]  # fmt: skip

    result = run(app, bundled("--environment", "machine=gpu-3", "--environment", "dtype=bf16", *turns[:2]))
    compared = run(app, ["bench", "compare", "samples.json", "--json"])

    assert result.exit_code == 0
    assert result.stdout == "samples.json: 2 launches, 3 metrics\n"
    assert compared.exit_code == 3
    assert [each["pairs"] for each in json.loads(compared.stdout)] == [1, 1, 1]
    bundle = json.loads(Path("samples.json").read_text(encoding="utf-8"))
    assert bundle["head"] == {"commit": "a" * 40, "dirty": False, "environment": {"machine": "gpu-3", "dtype": "bf16"}}
    assert bundle["launches"][0]["report"] == json.loads(Path(bases[0]).read_text(encoding="utf-8"))


def test_a_bundle_of_a_dirty_tree_says_so_and_never_passes() -> None:
    bases, heads = split("pytest-benchmark-pairs.jsonl")
    for file in (bases[0], heads[0]):
        written(json.loads(Path(file).read_text(encoding="utf-8")) | {"commit_info": {}}, file)

    words = ["--environment", "machine=x", "--dirty", "--out", "b.json", f"base={bases[0]}", f"head={heads[0]}"]
    assert run(app, bundled(*words)).exit_code == 0

    result = run(app, ["bench", "compare", "b.json"])
    assert result.exit_code == 3
    assert "changes that are in no commit" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["--environment", "machine=x", "left=r.json"],
        ["--environment", "gpu=x", "base=r.json"],
        ["--environment", "machine=x", "base=none.json"],
        ["--environment", "machine", "base=r.json"],
        ["--environment", "machine=x", "r.json"],
        ["--environment", "machine=x", "base=two.json"],
        ["base=r.json"],
    ],
)
def test_what_cannot_be_bundled_writes_nothing(words: list[str]) -> None:
    Path("r.json").write_bytes((DATA / "hyperfine-failed.json").read_bytes())
    Path("two.json").write_bytes((DATA / "hyperfine-failed.json").read_bytes() * 2)

    result = run(app, bundled(*words))

    assert result.exit_code != 0
    assert not Path("samples.json").exists()
