"""What benchmark tools wrote, read: real files of each, each with a flaw, and bytes of any kind."""

import contextlib
import copy
import json
import os
import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.samples import Direction, Launch, Metric, Samples, Side
from bot.reports import json_document
from bot.reports.measured import BadReport, Flaw
from bot.reports.samples import combined, parse

DATA = Path(__file__).parents[1] / "data" / "benchmark"
FILES = sorted(path for path in DATA.iterdir() if path.suffix != ".md")
_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
CORPUS = Path(os.environ.get("REEVE_SHARED_DATA", _BESIDE)) / "security" / "artifacts"

Document = dict[str, Any]

TRUE = True


def document(name: str) -> Document:
    """Load a file that a tool wrote, to be changed."""
    found: Document = json.loads((DATA / name).read_bytes())
    return found


def read(*documents: Document) -> Samples:
    """Parse documents as a file holds them."""
    return parse("\n".join(map(json.dumps, documents)).encode(), name="report.json")


def flaw(*documents: Document) -> Flaw:
    """Parse documents that must be refused, and return why they were."""
    with pytest.raises(BadReport) as caught:
        read(*documents)
    return caught.value.flaw


def changed(name: str, change: Callable[[Document], object]) -> Document:
    """Return a tool's document with something done to it."""
    found = copy.deepcopy(document(name))
    change(found)
    return found


def only(samples: Samples) -> Launch:
    """Return the one launch."""
    (launch,) = samples.launches
    return launch


def put(values: list[object], value: object) -> None:
    """Put a value in place of the first."""
    values[0] = value


def environment(launch: Launch) -> dict[str, str]:
    """Return the stated environment by name."""
    return {each.name: each.value for each in launch.environment}


def median(launch: Launch, metric: str) -> float:
    """Return the median of a metric that must be there."""
    found = launch.reading(metric)
    assert found
    return found.median


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_recognised_by_its_content_and_survives_a_child_process(path: Path) -> None:
    samples = parse(path.read_bytes(), name="x")
    assert path.name.startswith(samples.format)
    assert msgspec.json.decode(msgspec.json.encode(samples), type=Samples) == samples


def test_pytest_benchmark_gives_a_time_for_each_benchmark_with_its_rounds() -> None:
    samples = read(document("pytest-benchmark.json"))
    launch = only(samples)
    first = document("pytest-benchmark.json")["benchmarks"][0]
    assert samples.metrics[0] == Metric("test_engine.py::test_decode[1]", "s", Direction.LOWER)
    assert median(launch, first["fullname"]) == statistics.median(first["stats"]["data"])
    assert [each.samples for each in launch.readings] == [11, 11, 11]
    assert (launch.side, launch.is_dirty, launch.has_samples) == (None, False, True)
    assert launch.commit == document("pytest-benchmark.json")["commit_info"]["id"]
    assert launch.started_at == datetime.fromisoformat(document("pytest-benchmark.json")["datetime"])
    assert environment(launch)["machine"] == "runner-1"
    assert environment(launch)["cpu"] == "AMD EPYC"


def test_pytest_benchmark_without_its_rounds_holds_no_samples() -> None:
    launch = only(read(changed("pytest-benchmark.json", lambda d: [b["stats"].pop("data") for b in d["benchmarks"]])))
    assert not launch.has_samples
    assert launch.readings[0].samples == 0
    assert launch.readings[0].median == document("pytest-benchmark.json")["benchmarks"][0]["stats"]["median"]


def test_a_date_that_is_none_is_no_date() -> None:
    assert only(read(changed("pytest-benchmark.json", lambda d: d.update(datetime="yesterday")))).started_at is None


def test_a_hook_of_pytest_benchmark_may_state_the_side() -> None:
    samples = parse((DATA / "pytest-benchmark-pairs.jsonl").read_bytes(), name="x")
    assert [each.side for each in samples.launches[:4]] == [Side.BASE, Side.HEAD, Side.HEAD, Side.BASE]
    assert len(samples.launches) == 12
    assert all(each.started_at for each in samples.launches)


def test_google_benchmark_gives_wall_time_first_and_the_rest_only_where_it_is_asked_for() -> None:
    samples = read(document("google-benchmark.json"))
    entries = [each for each in document("google-benchmark.json")["benchmarks"] if each["run_type"] == "iteration"]
    launch = only(samples)
    assert samples.metrics == (
        Metric("BM_Sort/1024", "s", Direction.LOWER),
        Metric("BM_Sort/1024:cpu_time", "s", Direction.LOWER, is_primary=False),
        Metric("BM_Sort/1024:items_per_second", "items/s", Direction.HIGHER, is_primary=False),
        Metric("BM_Sort/1024:tokens", "", None, is_primary=False),
    )
    assert median(launch, "BM_Sort/1024") == statistics.median(each["real_time"] for each in entries) * 1e-6
    assert (launch.side, launch.commit) == (Side.BASE, "0123456789abcdef0123456789abcdef01234567")
    assert "load_avg" not in environment(launch)
    assert environment(launch)["machine"] == "runner-1"


def test_google_benchmark_that_reports_aggregates_only_holds_no_samples() -> None:
    launch = only(read(document("google-benchmark-aggregates.json")))
    assert not launch.has_samples
    assert launch.readings[0].samples == 0


def test_google_benchmark_without_a_median_is_read_by_its_mean() -> None:
    def keep_means(found: Document) -> None:
        found["benchmarks"] = [each for each in found["benchmarks"] if each["aggregate_name"] == "mean"]

    assert not only(read(changed("google-benchmark-aggregates.json", keep_means))).has_samples


def test_google_benchmark_that_could_not_run_counts_as_failed() -> None:
    launch = only(read(document("google-benchmark-error.json")))
    assert launch.failures == 1
    assert launch.reading("BM_Refused") is None


def test_hyperfine_gives_each_command_as_a_launch_in_the_order_of_time() -> None:
    samples = read(document("hyperfine-pairs.json"))
    assert samples.metrics == (Metric("time", "s", Direction.LOWER),)
    assert [each.side for each in samples.launches] == [Side.BASE, Side.HEAD] * 6
    assert [each.readings[0].samples for each in samples.launches] == [5] * 12
    assert samples.is_one_run


def test_hyperfine_tells_other_parameters_apart_and_knows_the_side_by_the_commands_name() -> None:
    def rename(found: Document) -> None:
        found["results"] = found["results"][:2]
        for result, side in zip(found["results"], ("base", "head"), strict=True):
            result |= {"command": side, "parameters": {"size": "7b"}, "memory_usage_byte": [100, 300]}

    samples = read(changed("hyperfine-pairs.json", rename))
    assert [each.name for each in samples.metrics] == ["time size=7b", "time size=7b:memory"]
    assert not samples.metrics[1].is_primary
    assert [each.side for each in samples.launches] == [Side.BASE, Side.HEAD]
    assert median(samples.launches[0], "time size=7b:memory") == 200


def test_hyperfines_commands_that_are_no_side_go_by_their_own_names() -> None:
    def strip(found: Document) -> None:
        for index, result in enumerate(found["results"]):
            result |= {"command": f"./run-{index}", "parameters": {}}

    assert [each.name for each in read(changed("hyperfine-pairs.json", strip)).metrics][:2] == ["./run-0", "./run-1"]


def test_hyperfine_counts_runs_that_ended_badly() -> None:
    assert only(read(document("hyperfine-failed.json"))).failures == 3


def test_hyperfine_without_its_runs_holds_no_samples() -> None:
    launch = only(read(changed("hyperfine-failed.json", lambda d: d["results"][0].pop("times"))))
    assert not launch.has_samples


def test_vllm_gives_throughput_and_latencies_recomputed_from_its_requests() -> None:
    detailed = document("vllm-detailed.json")
    samples = read(detailed)
    launch = only(samples)
    primary = [each.name for each in samples.metrics if each.is_primary]
    assert primary == ["output_throughput", "median_ttft_ms", "median_tpot_ms", "median_itl_ms"]
    assert launch.has_samples
    assert {each.better for each in samples.metrics[:3]} == {Direction.HIGHER}
    assert {each.better for each in samples.metrics[3:]} == {Direction.LOWER}
    for name in ("median_ttft_ms", "median_tpot_ms", "median_itl_ms", "p99_ttft_ms", "p99_itl_ms", "output_throughput"):
        assert median(launch, name) == pytest.approx(detailed[name], rel=1e-9)
    whole = [first + sum(rest) for first, rest in zip(detailed["ttfts"], detailed["itls"], strict=True)]
    assert median(launch, "p99_e2el_ms") == pytest.approx(float(np.percentile(whole, 99)) * 1000, rel=1e-12)
    assert (launch.side, launch.failures) == (Side.BASE, 0)
    assert launch.started_at == datetime(2026, 11, 24, 9, 41, 52, tzinfo=UTC)
    assert environment(launch)["gpu_count"] == "8"
    assert environment(launch)["total_output_tokens"] == "384"
    assert "label" not in environment(launch)


def test_vllm_without_details_holds_no_samples() -> None:
    launch = only(read(document("vllm-summary.json")))
    assert not launch.has_samples
    assert median(launch, "median_itl_ms") == document("vllm-summary.json")["median_itl_ms"]


def test_vllms_failed_requests_are_counted_and_not_among_the_samples() -> None:
    def fail_the_first(found: Document) -> None:
        found |= {"completed": 11, "failed": 1, "total_output_tokens": 11 * 32}
        found["output_lens"][0], found["ttfts"][0], found["itls"][0], found["errors"][0] = 0, 0.0, [], "timeout"
        found |= {"request_throughput": 11 / found["duration"], "output_throughput": 352 / found["duration"]}
        found["total_token_throughput"] = (352 + found["total_input_tokens"]) / found["duration"]
        for name in [name for name in found if name.endswith("_ms")]:
            del found[name]

    launch = only(read(changed("vllm-detailed.json", fail_the_first)))
    ttft = launch.reading("median_ttft_ms")
    assert launch.failures == 1
    assert ttft
    assert ttft.samples == 11
    assert ttft.median > 0


def test_vllm_of_one_token_a_request_has_no_time_per_token() -> None:
    def shorten(found: Document) -> None:
        found |= {"output_lens": [1] * 12, "itls": [[]] * 12, "total_output_tokens": 12}
        found |= {"output_throughput": 12 / found["duration"]}
        found["total_token_throughput"] = (12 + found["total_input_tokens"]) / found["duration"]
        for name in [name for name in found if "tpot" in name or "itl_" in name]:
            del found[name]

    names = {each.name for each in read(changed("vllm-detailed.json", shorten)).metrics}
    assert "median_ttft_ms" in names
    assert not names & {"median_tpot_ms", "median_itl_ms"}


def test_an_old_vllm_shows_failures_only_by_the_requests_that_are_missing() -> None:
    def drop(found: Document) -> None:
        del found["failed"]
        found |= {"completed": 10, "request_throughput": 10 / found["duration"]}

    assert only(read(changed("vllm-summary.json", drop))).failures == 2


@pytest.mark.parametrize("label", ["base", "head"])
def test_vllms_label_may_be_the_side(label: str) -> None:
    launch = only(read(changed("vllm-summary.json", lambda d: (d.pop("side"), d.update(label=label)))))
    assert launch.side == label


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("pytest-benchmark.json", lambda d: d["benchmarks"][0]["stats"].update(median=1.0), Flaw.CONTRADICTION),
        ("pytest-benchmark.json", lambda d: d["benchmarks"][0]["stats"].update(rounds=12), Flaw.CONTRADICTION),
        ("pytest-benchmark.json", lambda d: put(d["benchmarks"][0]["stats"]["data"], -1.0), Flaw.OUT_OF_RANGE),
        ("pytest-benchmark.json", lambda d: put(d["benchmarks"][0]["stats"]["data"], "1"), Flaw.MALFORMED),
        ("pytest-benchmark.json", lambda d: put(d["benchmarks"][0]["stats"]["data"], TRUE), Flaw.MALFORMED),
        ("pytest-benchmark.json", lambda d: put(d["benchmarks"][0]["stats"]["data"], None), Flaw.MALFORMED),
        ("pytest-benchmark.json", lambda d: d["benchmarks"][0].update(fullname="a\nb"), Flaw.MALFORMED),
        ("pytest-benchmark.json", lambda d: d["benchmarks"][0].update(fullname=" "), Flaw.MALFORMED),
        ("pytest-benchmark.json", lambda d: d["benchmarks"][0].update(fullname="x" * 301), Flaw.MALFORMED),
        ("pytest-benchmark.json", lambda d: d.update(benchmarks=[]), Flaw.EMPTY),
        ("pytest-benchmark.json", lambda d: d.update(benchmarks=d["benchmarks"] * 2), Flaw.DUPLICATE),
        ("pytest-benchmark.json", lambda d: d.update(machine_info=[]), Flaw.MALFORMED),
        ("google-benchmark.json", lambda d: d["benchmarks"][0].update(real_time=-1.0), Flaw.OUT_OF_RANGE),
        ("google-benchmark.json", lambda d: d["benchmarks"][0].update(real_time="9"), Flaw.MALFORMED),
        ("google-benchmark.json", lambda d: d["benchmarks"][0].pop("real_time"), Flaw.MALFORMED),
        ("google-benchmark.json", lambda d: d["benchmarks"][0].update(time_unit="h"), Flaw.MALFORMED),
        ("google-benchmark.json", lambda d: d["benchmarks"][0].pop("run_type"), Flaw.MALFORMED),
        ("google-benchmark.json", lambda d: d["benchmarks"][0].pop("run_name"), Flaw.MALFORMED),
        ("google-benchmark.json", lambda d: d.update(benchmarks=[]), Flaw.EMPTY),
        ("google-benchmark.json", lambda d: d.update(context=1), Flaw.MALFORMED),
        ("hyperfine-pairs.json", lambda d: d["results"][0].update(median=1.0), Flaw.CONTRADICTION),
        ("hyperfine-pairs.json", lambda d: d["results"][0]["times"].append(-1.0), Flaw.OUT_OF_RANGE),
        ("hyperfine-pairs.json", lambda d: d["results"][0].update(times={}), Flaw.MALFORMED),
        ("hyperfine-pairs.json", lambda d: d.update(results=[]), Flaw.EMPTY),
        ("vllm-detailed.json", lambda d: d.update(output_throughput=500.0), Flaw.CONTRADICTION),
        ("vllm-detailed.json", lambda d: d.update(request_throughput=-6.0), Flaw.CONTRADICTION),
        ("vllm-detailed.json", lambda d: d.update(median_ttft_ms=1.0), Flaw.CONTRADICTION),
        ("vllm-detailed.json", lambda d: d.update(p99_itl_ms=1.0), Flaw.CONTRADICTION),
        ("vllm-detailed.json", lambda d: d["ttfts"].pop(), Flaw.CONTRADICTION),
        ("vllm-detailed.json", lambda d: d["errors"].pop(), Flaw.CONTRADICTION),
        ("vllm-detailed.json", lambda d: put(d["output_lens"], 31), Flaw.CONTRADICTION),
        ("vllm-detailed.json", lambda d: d.update(completed=13), Flaw.CONTRADICTION),
        ("vllm-detailed.json", lambda d: put(d["itls"][0], -0.1), Flaw.OUT_OF_RANGE),
        ("vllm-detailed.json", lambda d: d.update(duration=0.0), Flaw.OUT_OF_RANGE),
        ("vllm-detailed.json", lambda d: d.update(duration=-1.0), Flaw.OUT_OF_RANGE),
        ("vllm-detailed.json", lambda d: d.update(completed="12"), Flaw.MALFORMED),
        ("vllm-summary.json", lambda d: d.update(median_itl_ms="8"), Flaw.MALFORMED),
        ("vllm-summary.json", lambda d: d.update(model_id="\u202e\x00"), Flaw.MALFORMED),
    ],
)  # fmt: skip
def test_a_report_with_a_flaw_is_refused_and_the_flaw_named(
    name: str, change: Callable[[Document], object], expected: Flaw
) -> None:
    assert flaw(changed(name, change)) is expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Flaw.EMPTY),
        (b" \n\t", Flaw.EMPTY),
        (b"\xff\xfe", Flaw.MALFORMED),
        (b"{", Flaw.MALFORMED),
        (b"<xml/>", Flaw.MALFORMED),
        (b"[]", Flaw.UNKNOWN_FORMAT),
        (b"1", Flaw.UNKNOWN_FORMAT),
        (b"{}", Flaw.UNKNOWN_FORMAT),
        (b'{"results": [], "a": 1, "a": 2}', Flaw.DUPLICATE),
        (b'{"results": [{"command": "x", "times": [NaN]}]}', Flaw.OUT_OF_RANGE),
        (b'{"results": [{"command": "x", "times": [-Infinity]}]}', Flaw.OUT_OF_RANGE),
        (b'{"results": [{"command": "x", "times": [1e999]}]}', Flaw.OUT_OF_RANGE),
        (b'{"results": [{"command": "x", "times": [1e101]}]}', Flaw.OUT_OF_RANGE),
        (b'{"results": [{"command": "x", "times": [' + b"9" * 400 + b"]}]}", Flaw.MALFORMED),
        (b'{"results": [{"command": "x", "times": [' + b"9" * 5000 + b"]}]}", Flaw.MALFORMED),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, Flaw.TOO_LARGE),
        (b"[" * 400_000, Flaw.TOO_LARGE),
        (b'{"a": [' + b"1," * 2_000_001 + b"1]}", Flaw.TOO_LARGE),
        (b'{"a": "' + b"x" * json_document.MAX_BYTES + b'"}', Flaw.TOO_LARGE),
        (b"{}" * 401, Flaw.TOO_LARGE),
        (b"{" + b",".join(b'"%d":1' % n for n in range(400_001)) + b"}", Flaw.TOO_LARGE),
    ],
    ids=range(21),
)
def test_what_is_no_report_is_refused_in_bounded_memory(data: bytes, expected: Flaw) -> None:
    with pytest.raises(BadReport) as caught:
        parse(data, name="x")
    assert caught.value.flaw is expected


def test_the_error_names_the_file() -> None:
    with pytest.raises(BadReport, match=r"^unknown-format: bench\.json: "):
        parse(b"{}", name="bench.json")


def test_reports_after_each_other_are_launches_in_that_order() -> None:
    samples = parse((DATA / "google-benchmark-pairs.jsonl").read_bytes(), name="x")
    assert [each.side for each in samples.launches] == [Side.BASE, Side.HEAD] * 6
    assert not samples.is_one_run
    assert samples.format == "google-benchmark"


def test_reports_of_several_tools_are_mixed() -> None:
    samples = read(document("hyperfine-pairs.json"), document("vllm-detailed.json"))
    assert (samples.format, len(samples.launches), samples.is_one_run) == ("mixed", 13, False)


def test_the_same_metric_in_two_units_is_refused() -> None:
    one, other = (read(document("hyperfine-pairs.json")) for _ in range(2))
    strange = Samples("hyperfine", (Metric("time", "ms", Direction.LOWER),), other.launches)
    with pytest.raises(BadReport) as caught:
        combined([one, strange])
    assert caught.value.flaw is Flaw.CONTRADICTION


def test_more_launches_or_metrics_than_anybody_needs_are_refused() -> None:
    def many_launches(found: Document) -> None:
        found["results"] *= 40

    def many_metrics(found: Document) -> None:
        found["benchmarks"] = [found["benchmarks"][0] | {"fullname": f"test_{n}"} for n in range(1001)]

    assert flaw(changed("hyperfine-pairs.json", many_launches)) is Flaw.TOO_LARGE
    assert flaw(changed("pytest-benchmark.json", many_metrics)) is Flaw.TOO_LARGE


@given(st.binary(max_size=200))
def test_any_bytes_give_samples_or_the_one_error(data: bytes) -> None:
    with contextlib.suppress(BadReport):
        assert isinstance(parse(data, name="x"), Samples)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in _places(each, (*path, key)))]


@given(st.sampled_from(FILES), st.data())
def test_any_value_in_any_place_of_a_report_gives_samples_or_the_one_error(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")
    found = json.loads(text.splitlines()[0] if path.suffix == ".jsonl" else text)
    *above, last = data.draw(st.sampled_from(_places(found)[1:]))
    at = found
    for step in above:
        at = at[step]
    at[last] = data.draw(_values)
    try:
        samples = read(found)
    except BadReport:
        return
    assert all(each.median >= 0 for launch in samples.launches for each in launch.readings)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here: see REEVE_SHARED_DATA")
def test_every_hostile_artifact_of_the_corpus_is_no_benchmark_report() -> None:
    files = [path for path in CORPUS.iterdir() if path.suffix in {".json", ".xml"}]
    assert len(files) > 20
    for path in files:
        with pytest.raises(BadReport):
            parse(path.read_bytes(), name=path.name)
