"""The process that opens what strangers hand over: what it answers, and that nothing makes it answer otherwise."""

import io
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bot.reports.handed import Answer, BenchmarkRead, CoverageRead, Refused
from bot.unpack import child, parent
from bot.unpack.tasks import CRASH, MEMORY, TIME, ReadBenchmark, ReadCoverage, Task
from tests.unpack.corpus import Upload, uploads
from tests.unpack.zips import zipped

LCOV = b"TN:\nSF:a.py\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n"
BENCHMARK = b'{"results": [{"command": "run", "times": [1.0, 1.1, 1.2], "exit_codes": [0, 0, 0]}]}'


def of(upload: Upload) -> Task:
    """Return the task of reading an upload as GitHub would hand it over."""
    if upload.file.name.startswith("bench"):
        return ReadBenchmark(zipped({"benchmark.json": upload.content}), upload.file.name)
    is_xml = upload.file.name.endswith("xml")
    report = zipped({"coverage.xml" if is_xml else "coverage.json": upload.content, "more.txt": b"x"})
    return ReadCoverage(upload.content if upload.file.name.endswith("zip") else report, upload.file.name)


@pytest.mark.parametrize("upload", uploads("json", "xml", "zip"))
def test_every_upload_of_the_corpus_is_read_or_refused_as_it_should_be(upload: Upload) -> None:
    answer = child.do(of(upload))

    assert isinstance(answer, Refused) is (upload.verdict == "reject"), upload.why


@pytest.mark.parametrize("upload", uploads("ok.json", "ok.zip", "laughs.xml", "bomb-liar.zip"))
def test_the_process_says_what_the_function_says(upload: Upload) -> None:
    assert parent.ask(of(upload)) == child.do(of(upload))


def test_a_coverage_report_comes_back_whole() -> None:
    answer = parent.ask(ReadCoverage(zipped({"coverage.lcov": LCOV}), "unit"))

    assert isinstance(answer, CoverageRead)
    assert [(each.path, each.count.covered, each.count.total) for each in answer.report.files] == [("a.py", 1, 2)]


def test_benchmark_samples_come_back_whole() -> None:
    answer = parent.ask(ReadBenchmark(zipped({"benchmark.json": BENCHMARK}), "bench"))

    assert isinstance(answer, BenchmarkRead)
    assert answer.samples.format == "hyperfine"


def test_a_process_that_takes_too_long_is_ended_and_that_is_the_answer() -> None:
    assert parent.ask(ReadCoverage(zipped({"coverage.lcov": LCOV}), "unit"), patience=0) == Refused(
        TIME, "the process that read it ended with -9"
    )


@pytest.mark.parametrize("exhausted", [MemoryError, RecursionError])
def test_what_wants_too_much_memory_is_refused(exhausted: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: Task) -> Answer:
        raise exhausted

    monkeypatch.setattr(child, "_read", read)

    assert child.do(ReadCoverage(b"", "unit")) == Refused(MEMORY, "")


@pytest.mark.parametrize(
    ("said", "status", "flaw"), [(b"", -11, CRASH), (b"", 1, CRASH), (b"\x81", 0, CRASH), (b"", -24, TIME)]
)
def test_a_process_that_dies_or_babbles_has_refused(said: bytes, status: int, flaw: str) -> None:
    answer = parent._answer(said, status)

    assert isinstance(answer, Refused)
    assert answer.flaw == flaw


@pytest.mark.parametrize(
    ("attempt", "failure"),
    [
        ("open('kept', 'w').write('x' * 9999)", "OSError"),
        ("bytes(300 << 20)", "MemoryError"),
    ],
)
def test_under_its_limits_a_process_writes_nothing_and_takes_no_more_memory(
    attempt: str, failure: str, tmp_path: Path
) -> None:
    quiet = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"
    script = f"{quiet}\nfrom bot.unpack import child\nchild.limit()\n{attempt}"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert failure in done.stderr
    assert not any(file.stat().st_size for file in tmp_path.iterdir())


def test_the_child_reads_its_task_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, said = io.BytesIO(msgspec.msgpack.encode(ReadCoverage(b"no zip", "unit"))), io.BytesIO()
    monkeypatch.setattr(child, "limit", lambda: None)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(asked))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(said))

    child.main()

    assert isinstance(msgspec.msgpack.decode(said.getvalue(), type=Answer), Refused)
