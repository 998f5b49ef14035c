"""The section `benchmark` of the policy file."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.config import ConfigError, parse
from bot.config.benchmark import Benchmark, Metric

EVERYTHING = """
benchmark:
  evidence: measured
  paths: [src/**, "*.cu"]
  exempt: [src/generated/**]
  margin: 4
  floor: 0.5
  wait: 2h
  metrics:
    - {name: output_throughput, better: higher, unit: tok/s, margin: 3}
    - {name: "BM_*", better: lower, required: false}
"""


def mistake(text: str) -> tuple[str, str]:
    """Parse a section that must be refused; return the key and the code of its one mistake."""
    with pytest.raises(ConfigError) as caught:
        parse(f"benchmark: {text}")
    (found,) = caught.value.mistakes
    return found.key, found.code


def test_by_default_any_source_file_needs_a_claim_and_five_percent_is_too_slow() -> None:
    section = parse("").benchmark
    assert section == Benchmark(
        evidence="claimed",
        paths=(),
        exempt=(),
        margin=Decimal(5),
        floor=Decimal(1),
        wait=timedelta(hours=6),
        metrics=(),
    )


def test_every_setting_is_read() -> None:
    section = parse(EVERYTHING).benchmark
    assert section.evidence == "measured"
    assert section.paths == ("src/**", "*.cu")
    assert section.exempt == ("src/generated/**",)
    assert (section.margin, section.floor, section.wait) == (Decimal(4), Decimal("0.5"), timedelta(hours=2))
    assert section.metrics[0] == Metric(
        name="output_throughput", better="higher", unit="tok/s", margin=Decimal(3), required=True
    )
    assert section.metrics[1].required is False


@pytest.mark.parametrize(
    ("name", "expected"),
    [("output_throughput", "output_throughput"), ("BM_Sort/1024", "BM_*"), ("bm_sort", None), ("throughput", None)],
)
def test_a_metric_is_meant_by_the_first_name_that_fits(name: str, expected: str | None) -> None:
    found = parse(EVERYTHING).benchmark.of(name)
    assert (found and found.name) == expected


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("{evidence: some}", "benchmark.evidence", "choice"),
        ("{evidence: off}", "benchmark.evidence", "choice"),
        ("{paths: src}", "benchmark.paths", "list"),
        ("{paths: [/src]}", "benchmark.paths[0]", "glob"),
        ("{margin: 1}", "benchmark", "margin-floor"),
        ("{margin: 5%}", "benchmark.margin", "percentage"),
        ("{metrics: [{name: x, better: lower, margin: 0}]}", "benchmark", "margin-floor"),
        ("{metrics: [{name: x}]}", "benchmark.metrics[0].better", "missing"),
        ("{metrics: [{name: x, better: less}]}", "benchmark.metrics[0].better", "choice"),
        ("{metrics: [{name: '', better: lower}]}", "benchmark.metrics[0].name", "metric"),
        ("{metrics: [{name: x, better: lower, worse: higher}]}", "benchmark.metrics[0].worse", "unknown-among"),
        ("{margins: 5}", "benchmark.margins", "unknown-near"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(text: str, key: str, code: str) -> None:
    assert mistake(text) == (key, code)
