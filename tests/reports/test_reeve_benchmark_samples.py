"""Reeve's own format: what it says, what it refuses, and that its JSON Schema says the same."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.model.samples import Direction, Field, Metric, Samples, Side
from bot.reports.measured import BadReport, Flaw
from bot.reports.samples import parse

DATA = Path(__file__).parents[1] / "data" / "benchmark"
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "reeve-samples.json").read_bytes())

Document = dict[str, Any]

GOOD: Document = {
    "schema": "reeve.samples/1",
    "base": {"commit": "b" * 40, "dirty": False, "environment": {"machine": "gpu-3", "gpu_count": 8, "mig": False}},
    "head": {"commit": "a" * 40, "dirty": False, "environment": {"machine": "gpu-3", "gpu_count": 8, "mig": False}},
    "metrics": {
        "throughput": {"unit": "tok/s", "better": "higher"},
        "memory": {"unit": "GiB", "better": "lower", "primary": False},
    },
    "launches": [
        {"side": "base", "samples": {"throughput": [100, 101.5, 99], "memory": [20]}},
        {"side": "head", "samples": {"throughput": [98, 102]}, "failed": 2, "started": "2026-11-24T10:00:00+08:00"},
    ],
}
HYPERFINE: Document = {"results": [{"command": "x", "times": [1.0, 2.0, 3.0], "exit_codes": [0, 0, 1]}]}


def read(document: Document) -> Samples:
    """Parse a document as a file holds it."""
    return parse(json.dumps(document).encode(), name="x")


def changed(change: Callable[[Document], object]) -> Document:
    """Return the good document with something done to it."""
    found = copy.deepcopy(GOOD)
    change(found)
    return found


def wrapped(report: Document, **launch: object) -> Document:
    """Return a document whose first launch is another tool's report."""
    return changed(lambda d: d["launches"].__setitem__(0, {"side": "base", "report": report, **launch}))


def test_both_builds_and_every_launch_are_read() -> None:
    samples = read(GOOD)
    base, head = samples.launches
    assert samples.format == "reeve"
    assert samples.metrics == (
        Metric("throughput", "tok/s", Direction.HIGHER),
        Metric("memory", "GiB", Direction.LOWER, is_primary=False),
    )
    assert (base.side, base.commit, base.is_dirty, base.failures) == (Side.BASE, "b" * 40, False, 0)
    assert (head.side, head.commit, head.is_dirty, head.failures) == (Side.HEAD, "a" * 40, False, 2)
    assert [(each.metric, each.median, each.samples) for each in base.readings] == [
        ("throughput", 100.0, 3),
        ("memory", 20.0, 1),
    ]
    assert [(each.metric, each.median) for each in head.readings] == [("throughput", 100.0)]
    assert base.environment == (Field("gpu_count", "8"), Field("machine", "gpu-3"), Field("mig", "False"))
    assert head.started_at == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert samples.has_samples


def test_a_launch_may_hold_the_report_of_a_tool_as_it_is() -> None:
    samples = read(wrapped(HYPERFINE, failed=1, started="2026-11-24T10:00:00"))
    launch = samples.launches[0]
    assert (launch.side, launch.commit, launch.failures) == (Side.BASE, "b" * 40, 2)
    assert [(each.metric, each.median) for each in launch.readings] == [("time", 2.0)]
    assert samples.metrics[-1] == Metric("time", "s", Direction.LOWER)
    assert launch.started_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_what_the_tool_itself_says_of_the_environment_is_kept_beside() -> None:
    report = json.loads((DATA / "google-benchmark.json").read_bytes())
    report["context"] |= {"commit": "b" * 10, "dirty": "true", "gpu_count": "8"}
    launch = read(wrapped(report)).launches[0]
    stated = {each.name: each.value for each in launch.environment}
    assert stated["machine"] == "gpu-3"
    assert stated["machine (by the tool)"] == "runner-1"
    assert "gpu_count (by the tool)" not in stated
    assert launch.is_dirty
    assert launch.started_at == datetime.fromisoformat(report["context"]["date"])


def test_a_wrapped_report_of_means_makes_the_launch_one_without_samples() -> None:
    report = json.loads((DATA / "google-benchmark-aggregates.json").read_bytes())
    assert not read(wrapped(report)).has_samples


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d.update(schema="reeve.samples/2"), Flaw.MALFORMED),
        (lambda d: d.pop("head"), Flaw.MALFORMED),
        (lambda d: d.update(verdict="pass"), Flaw.MALFORMED),
        (lambda d: d["head"].update(commit="a" * 39), Flaw.MALFORMED),
        (lambda d: d["head"].update(commit="A" * 40), Flaw.MALFORMED),
        (lambda d: d["head"].update(commit="main"), Flaw.MALFORMED),
        (lambda d: d["head"].pop("dirty"), Flaw.MALFORMED),
        (lambda d: d["head"].update(dirty="no"), Flaw.MALFORMED),
        (lambda d: d["head"]["environment"].pop("machine"), Flaw.MALFORMED),
        (lambda d: d["head"]["environment"].update(machine=""), Flaw.MALFORMED),
        (lambda d: d["head"]["environment"].update(gpu=["H200"]), Flaw.MALFORMED),
        (lambda d: d["metrics"]["memory"].update(better="less"), Flaw.MALFORMED),
        (lambda d: d["metrics"]["memory"].pop("better"), Flaw.MALFORMED),
        (lambda d: d["metrics"].pop("memory"), Flaw.MALFORMED),
        (lambda d: d["launches"][0].update(side="left"), Flaw.MALFORMED),
        (lambda d: d["launches"][0].update(report=HYPERFINE), Flaw.MALFORMED),
        (lambda d: d["launches"][0].pop("samples"), Flaw.MALFORMED),
        (lambda d: d["launches"][0].update(failed=-1), Flaw.MALFORMED),
        (lambda d: d["launches"][0].update(started="today"), Flaw.MALFORMED),
        (lambda d: d["launches"][0]["samples"].update(memory=[]), Flaw.EMPTY),
        (lambda d: d["launches"][0]["samples"].update(memory=[-1]), Flaw.OUT_OF_RANGE),
        (lambda d: d["launches"][0]["samples"].update(memory=["20"]), Flaw.MALFORMED),
        (lambda d: d["launches"][0]["samples"].update(memory=20), Flaw.MALFORMED),
        (lambda d: d.update(launches=[]), Flaw.EMPTY),
    ],
)
def test_a_document_with_a_flaw_is_refused_by_the_reader_and_by_the_schema(
    change: Callable[[Document], object], expected: Flaw
) -> None:
    document = changed(change)
    with pytest.raises(BadReport) as caught:
        read(document)
    assert caught.value.flaw is expected
    no_entry = "memory" not in document.get("metrics", {})  # the one rule that a schema cannot tell
    no_date = document["launches"] and document["launches"][0].get("started") == "today"  # formats are only notes
    assert Draft202012Validator(SCHEMA).is_valid(document) is bool(no_entry or no_date)


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"a": 1}, Flaw.UNKNOWN_FORMAT),
        (GOOD, Flaw.UNKNOWN_FORMAT),
        ({"results": [{"command": "x", "times": [1.0]}] * 2}, Flaw.MALFORMED),
        ({"results": [{"command": "head", "times": [1.0]}]}, Flaw.CONTRADICTION),
        ({"results": []}, Flaw.EMPTY),
    ],
)
def test_a_wrapped_report_must_be_one_launch_of_that_side(report: Document, expected: Flaw) -> None:
    with pytest.raises(BadReport) as caught:
        read(wrapped(report))
    assert caught.value.flaw is expected


def test_a_wrapped_report_of_another_commit_is_refused() -> None:
    report = json.loads((DATA / "google-benchmark.json").read_bytes())
    with pytest.raises(BadReport, match=r"contradiction: x: a report of 0123"):
        read(wrapped(report))


def test_the_schema_is_one_and_takes_the_good_document() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert Draft202012Validator(SCHEMA).is_valid(GOOD)
    assert Draft202012Validator(SCHEMA).is_valid(wrapped(HYPERFINE))


@given(st.lists(st.floats(0, 1e100), min_size=1, max_size=9))
def test_the_median_is_all_that_is_kept_of_the_samples(values: list[float]) -> None:
    document = changed(lambda d: d["launches"][0].update(samples={"throughput": values}))
    reading = read(document).launches[0].readings[0]
    below = sum(each <= reading.median for each in values)
    above = sum(each >= reading.median for each in values)
    assert min(below, above) * 2 >= len(values)
    assert reading.samples == len(values)
