"""A profile runs from start to end, and its verdict is worked out from what it wrote down."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.bench import cases
from bot.bench.suite import Build, SideDied, run
from bot.cli import app
from bot.policies.release.suite import Expectation, Outcome, conclude
from bot.reports import tensor_parallel
from bot.reports.rates import rates

QUICK = replace(
    cases.PROFILES["smoke"],
    shapes=("tiny",),
    cases=("mlp", "train_1", "all_reduce_4096"),
    tokens=16,
    samples=2,
    proofs=(),
)


def build(commit: str, engine: str = "reeve") -> Build:
    return Build(sys.executable, engine, commit)


def quiet(text: str, done: int, total: int) -> None:
    assert text
    assert 0 <= done < total


def test_a_run_writes_down_checks_counts_and_pairs_and_passes() -> None:
    document = run(QUICK, head=build("a" * 40), base=build("b" * 40), nonce="n", run_id="7", progress=quiet)
    document = tensor_parallel.parse(tensor_parallel.encode(document))

    assert [case.id for case in document.cases] == [
        "mlp/tiny/float32/1/step",
        "train_1/tiny/float32/1/train",
        "mlp/tiny/float32/2/step",
        "train_1/tiny/float32/2/train",
        "all_reduce_4096/tiny/float32/2/collective",
    ]
    for case in document.cases:
        assert case.status == "ok"
        assert case.counts["head"] == case.counts["base"]
        assert [(each.side, each.pair) for each in case.launches[:4]] == [
            ("base", 0),
            ("head", 0),
            ("head", 1),
            ("base", 1),
        ]
        assert len(case.launches) == 12
        assert case.rates == rates(document, case)
        assert ("efficiency" in case.rates) == (case.world > 1 and case.mode != "collective")
    assert {each.name for each in document.ceilings} == {"gemm/float32", "copy"}
    assert all(each.start > 0 < each.end for each in document.ceilings)
    expected = Expectation(head="a" * 40, base="b" * 40, nonce="n", profile="smoke", required=frozenset(QUICK.cases))
    findings = conclude(document, expected).findings
    assert {each.outcome for each in findings} <= {Outcome.INCONCLUSIVE, Outcome.REGRESS}  # only time is noisy


WRONG = """
from bot.bench.ours import Ours
from bot.bench.layers import linear

class Forgets(Ours):
    name = "forgets"

linear.sum_out = lambda x, group: x
"""

TWICE = """
from bot.bench import comm
from bot.bench.ours import Ours
from bot.bench.layers import linear

class Twice(Ours):
    name = "twice"

linear.sum_out = lambda x, group: comm.sum_out(x, group) + 0 * comm.sum_out(x.detach(), group)
"""


def test_an_engine_that_forgets_its_all_reduce_has_no_timing_and_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wrong_engine.py").write_text(WRONG)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    profile = replace(QUICK, cases=("mlp",), worlds=(2,), pairs=1)

    document = run(
        profile, head=build("a", "wrong_engine:Forgets"), base=build("b"), nonce="", run_id="", progress=quiet
    )

    (case,) = document.cases
    assert case.status == "incorrect"
    assert case.launches == ()
    assert conclude(document, Expectation("a", "b", "", "smoke")).outcome is Outcome.INCORRECT


def test_an_engine_with_one_more_all_reduce_blocks_by_its_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "twice_engine.py").write_text(TWICE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    profile = replace(QUICK, cases=("mlp",), worlds=(2,), pairs=1)

    document = run(profile, head=build("a", "twice_engine:Twice"), base=build("b"), nonce="", run_id="", progress=quiet)

    conclusion = conclude(document, Expectation("a", "b", "", "smoke"))
    assert conclusion.outcome is Outcome.REGRESS
    assert "all_reduce calls: 2 -> 3" in [each.reason for each in conclusion.findings]


def test_an_engine_is_proven_in_float64_on_more_ranks_than_are_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wrong_engine.py").write_text(WRONG)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    profile = replace(QUICK, cases=("mlp",), worlds=(1,), proofs=(4,), pairs=1)

    document = run(
        profile, head=build("a", "wrong_engine:Forgets"), base=build("b"), nonce="", run_id="", progress=quiet
    )

    proof, timed = document.cases
    assert (proof.id, proof.status, proof.launches) == ("mlp/tiny/float64/4/step", "incorrect", ())
    assert (timed.id, timed.status) == ("mlp/tiny/float32/1/step", "ok")
    assert conclude(document, Expectation("a", "b", "", "smoke")).outcome is Outcome.INCORRECT


def test_an_engine_that_cannot_be_loaded_ends_the_run_with_a_reason() -> None:
    with pytest.raises(SideDied, match="no_such_module"):
        run(QUICK, head=build("a", "no_such_module:X"), base=build("b"), nonce="", run_id="", progress=quiet)


def test_the_command_line_judges_a_result_and_writes_a_page(tmp_path: Path) -> None:
    profile = replace(QUICK, cases=("mlp",), worlds=(1,))
    document = run(profile, head=build("a"), base=build("b"), nonce="", run_id="", progress=quiet)
    file, page = tmp_path / "result.json", tmp_path / "page.html"
    file.write_bytes(tensor_parallel.encode(document))

    judged = CliRunner().invoke(app, ["bench", "verdict", str(file), "--json"])
    foreign = CliRunner().invoke(app, ["bench", "verdict", str(file), "--head", "c" * 40])
    written = CliRunner().invoke(app, ["bench", "report", str(file), "--out", str(page), "--language", "zh-CN"])

    assert json.loads(judged.stdout)["cases"][0]["name"] == "mlp/tiny/float32/1/step"
    assert foreign.exit_code == 3
    assert "head commit" in foreign.stdout
    assert written.exit_code == 0
    assert "张量并行基准测试" in page.read_text(encoding="utf-8")
    assert "词元/秒" in page.read_text(encoding="utf-8")
    assert "http" not in page.read_text(encoding="utf-8").replace('http-equiv="', "")


def test_a_file_that_is_no_result_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")

    outcome = CliRunner().invoke(app, ["bench", "verdict", str(tmp_path / "x.json")])

    assert outcome.exit_code == 4
    assert "x.json: Object missing required field" in outcome.stderr


def test_the_service_never_imports_torch() -> None:
    parts = "bot.wiring, bot.serve, bot.tasks, bot.cli, bot.policies.release.suite"
    code = f"import sys, {parts}; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
