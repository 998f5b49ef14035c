"""Runs a profile: checks, counts, then launches of base and head taking turns, and writes down the raw numbers."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

import msgspec

from bot.bench.cases import CASES, COPY_BYTES, GEMM_SIZE, PEAKS, SMALL, Case, Profile
from bot.bench.side import Answer, Order
from bot.reports import rates, tensor_parallel
from bot.reports.tensor_parallel import Ceiling, Counts, Document, Environment, Launch, Side, SideName

SUITE_VERSION = "1"

#: A shape that eight ranks can split, and float64 takes no time for.
PROOF_SHAPE = "tiny"

#: Head is measured first in every other pair, so that a drift of the machine favours neither side.
SIDES: tuple[SideName, SideName] = ("base", "head")


class SideDied(Exception):
    """A side ended before it answered; the text is what it wrote to its error output."""


@dataclass(frozen=True, slots=True)
class Build:
    """What is measured on one side: an interpreter with the engine installed, the engine's name, and its commit."""

    python: str
    engine: str
    commit: str
    is_dirty: bool = False


class Progress(Protocol):
    """Told what is going on, a line at a time, and how much of the whole is done."""

    def __call__(self, text: str, done: int, total: int) -> None:
        """Show it."""
        ...


class Process:
    """A side as a running process."""

    def __init__(self, build: Build) -> None:
        """Start it; it loads PyTorch and the engine once."""
        self.build = build
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self._process = subprocess.Popen(  # noqa: S603  an interpreter that the caller names
            [build.python, "-m", "bot.bench.side", build.engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def __enter__(self) -> Self:
        """Use it as a context that ends it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def environment(self) -> Environment:
        """Return where this side runs."""
        return msgspec.json.decode(self._ask(Order(what="environment")), type=Environment)

    def obey(self, order: Order) -> list[Answer]:
        """Have one order done."""
        return msgspec.json.decode(self._ask(order), type=list[Answer])

    def _ask(self, order: Order) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._death() from None
        if not (line := self._process.stdout.readline()):
            raise self._death()
        return line

    def _death(self) -> SideDied:
        status = self._process.wait()
        self._errors.seek(0)
        return SideDied(
            f"{self.build.engine} ended with {status}: {self._errors.read().decode(errors='replace')[-2000:]}"
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """One shape in one dtype on so many ranks: its cases share their launches."""

    shape: str
    dtype: str
    world: int
    cases: tuple[str, ...]


@dataclass(slots=True)
class Gathered:
    """What is known of one case of a cell so far."""

    case: Case
    checked: Answer | None = None
    counts: dict[SideName, Counts] = field(default_factory=dict)
    launches: list[Launch] = field(default_factory=list)
    peaks: dict[SideName, int] = field(default_factory=dict)
    skipped: str = ""
    failed: str = ""

    def add(self, side: SideName, answer: Answer) -> None:
        """Keep what a launch, or a count, of one side gave."""
        self.skipped, self.failed = self.skipped or answer.skipped, self.failed or answer.failed
        if answer.counts is not None:
            self.counts[side] = answer.counts
        if answer.peak_memory is not None:
            self.peaks[side] = max(self.peaks.get(side, 0), answer.peak_memory)

    @property
    def is_timed(self) -> bool:
        """Whether it may be timed: it ran, and it is right."""
        return not self.skipped and not self.failed and self.is_right

    @property
    def is_right(self) -> bool:
        """Whether every quantity was within its limit."""
        errors = self.checked.errors if self.checked else ()
        return bool(errors) and all(each.error is not None and each.error <= each.limit for each in errors)


def cells(profile: Profile) -> Iterator[Cell]:
    """Yield what a profile runs, the smallest number of ranks first."""
    for shape in profile.shapes:
        for dtype in profile.dtypes:
            for world in profile.worlds:
                names = tuple(name for name in profile.cases if CASES[name].least_world <= world)
                yield Cell(shape, dtype, world, names)


def run(profile: Profile, *, head: Build, base: Build, nonce: str, run_id: str, progress: Progress) -> Document:
    """Run a profile and return its raw result; raise `SideDied` where a side cannot go on."""
    began, started = time.monotonic(), datetime.now(UTC)
    wanted = list(cells(profile))
    steps = _Steps(progress, len(wanted) * (2 + profile.pairs) + len(profile.proofs) + 2)
    with Process(base) as base_side, Process(head) as head_side:
        sides: dict[SideName, Process] = {"base": base_side, "head": head_side}
        environments = {name: side.environment() for name, side in sides.items()}
        start = _peaks(profile, head_side, steps)
        proofs = [_proof(world, profile, head_side, steps) for world in profile.proofs]
        found = [_cell(cell, profile, sides, steps) for cell in wanted]
        end = _peaks(profile, head_side, steps)
    builds: dict[SideName, Build] = {"base": base, "head": head}
    document = Document(
        schema_version=tensor_parallel.SCHEMA_VERSION,
        suite_version=SUITE_VERSION,
        profile=profile.name,
        run_id=run_id,
        nonce=nonce,
        started=started.isoformat(timespec="seconds"),
        duration=round(time.monotonic() - began, 1),
        sides={name: _side(build, environments[name]) for name, build in builds.items()},
        ceilings=tuple(_ceiling(name, start[name], end[name]) for name in start if name in end),
        cases=tuple(case for cases in (*proofs, *found) for case in cases),
    )
    rated = tuple(msgspec.structs.replace(case, rates=rates.rates(document, case)) for case in document.cases)
    document = msgspec.structs.replace(document, cases=rated)
    return msgspec.structs.replace(document, digest=tensor_parallel.digest(document))


class _Steps:
    """Counts what is done and says so."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self, text: str) -> None:
        """Say what begins now."""
        self._progress(text, self._done, self._total)
        self._done += 1


def _peaks(profile: Profile, side: Process, steps: _Steps) -> dict[str, float]:
    """Return what one rank can do at most while the others do it too: TFLOP/s by dtype, GB/s of copies."""
    steps("what this machine can do")
    found = {}
    for dtype in profile.dtypes:
        cell = Cell(profile.shapes[0], dtype, max(profile.worlds), PEAKS)
        answers = side.obey(_order("launch", cell, profile, PEAKS))
        best = {each.case: min(each.samples) for each in answers if each.samples}
        if "gemm_peak" in best:
            found[f"gemm/{dtype}"] = 2 * GEMM_SIZE[profile.kind] ** 3 / best["gemm_peak"] / 1e9
        if "copy_peak" in best:
            found["copy"] = 2 * COPY_BYTES[profile.kind] / best["copy_peak"] / 1e6
    return found


def _ceiling(name: str, start: float, end: float) -> Ceiling:
    return Ceiling(name=name, unit="GB/s" if name == "copy" else "TFLOP/s", start=start, end=end)


def _side(build: Build, environment: Environment) -> Side:
    return Side(engine=build.engine, commit=build.commit, is_dirty=build.is_dirty, environment=environment)


def _proof(world: int, profile: Profile, head: Process, steps: _Steps) -> list[tensor_parallel.Case]:
    """Check head in float64 on the CPU, on a small shape; nothing is counted or timed."""
    steps(f"float64 on {world}: checking")
    on_cpu = replace(profile, device="cpu")
    cell = Cell(PROOF_SHAPE, "float64", world, tuple(name for name in profile.cases if name in SMALL))
    known = {name: Gathered(CASES[name]) for name in cell.cases}
    for answer in head.obey(_order("check", cell, on_cpu, cell.cases)):
        known[answer.case].checked = answer
        known[answer.case].add("head", answer)
    return [_result(cell, each, on_cpu) for each in known.values()]


def _cell(cell: Cell, profile: Profile, sides: dict[SideName, Process], steps: _Steps) -> list[tensor_parallel.Case]:
    """Check head, count both sides, then time what is right, in pairs of launches."""
    known = {name: Gathered(CASES[name]) for name in cell.cases}
    place = f"{cell.shape} {cell.dtype} on {cell.world}"
    steps(f"{place}: checking")
    for answer in sides["head"].obey(_order("check", cell, profile, cell.cases)):
        known[answer.case].checked = answer
        known[answer.case].add("head", answer)
    steps(f"{place}: counting")
    for name in SIDES:
        _note(known, name, sides[name].obey(_order("count", cell, profile, _timed(known))))
    for pair in range(profile.pairs):
        steps(f"{place}: pair {pair + 1} of {profile.pairs}")
        _pair(pair, cell, profile, sides, known)
    return [_result(cell, each, profile) for each in known.values()]


def _pair(pair: int, cell: Cell, profile: Profile, sides: dict[SideName, Process], known: dict[str, Gathered]) -> None:
    """Launch both sides next to each other; who goes first alternates."""
    for name in SIDES if pair % 2 == 0 else SIDES[::-1]:
        answers = sides[name].obey(_order("launch", cell, profile, _timed(known)))
        _note(known, name, answers)
        for answer in answers:
            if answer.samples:
                known[answer.case].launches.append(
                    Launch(side=name, pair=pair, samples=answer.samples, alone=answer.alone)
                )


def _note(known: dict[str, Gathered], side: SideName, answers: Sequence[Answer]) -> None:
    for answer in answers:
        known[answer.case].add(side, answer)


def _timed(known: dict[str, Gathered]) -> tuple[str, ...]:
    return tuple(name for name, each in known.items() if each.is_timed)


def _order(what: str, cell: Cell, profile: Profile, cases: tuple[str, ...]) -> Order:
    order = Order(what="launch", cases=cases, shape=cell.shape, dtype=cell.dtype, world=cell.world)
    device = {"tokens": profile.tokens, "samples": profile.samples, "device": profile.device}
    return msgspec.structs.replace(order, what=what, **device)


def _result(cell: Cell, known: Gathered, profile: Profile) -> tensor_parallel.Case:
    status, reason = _status(known)
    return tensor_parallel.Case(
        name=known.case.name,
        shape=cell.shape,
        dtype=cell.dtype,
        world=cell.world,
        backend="nccl" if profile.device.startswith("cuda") else "gloo",
        mode=known.case.mode,
        tokens=known.case.amount(profile.tokens, profile.kind),
        status=status,
        reason=reason,
        correctness=known.checked.errors if known.checked else (),
        counts=known.counts,
        launches=tuple(known.launches) if status == "ok" else (),
        peak_memory=known.peaks,
    )


def _status(known: Gathered) -> tuple[tensor_parallel.Status, str]:
    if known.failed:
        return "error", known.failed[-500:]
    if known.skipped:
        return "skipped", known.skipped
    if not known.is_right:
        return "incorrect", "an error is over its limit"
    return "ok", ""
