"""A result of the tensor-parallel suite as one HTML page that needs no network and runs no script."""

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from bot import resources
from bot.policies.benchmark.rule import Judgement
from bot.policies.release.suite import Conclusion, Finding
from bot.reports.tensor_parallel import Case, Document

#: The width of a chart, and the ratios at its ends.
WIDTH, LEAST, MOST = 200, 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One case's ratio to base: as text, and where it and its interval lie on the chart."""

    name: str
    call: str
    ratio: str
    interval: str
    pairs: int
    at: float
    low_at: float
    high_at: float


@dataclass(frozen=True, slots=True)
class Scaling:
    """How well a case uses more ranks: 1 is ideal."""

    name: str
    world: int
    efficiency: str
    width: float


@dataclass(frozen=True, slots=True)
class Check:
    """One quantity that was compared with the reference; `error` is empty where it was no number."""

    name: str
    quantity: str
    error: str
    limit: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the template shows."""

    outcome: str
    profile: str
    commits: tuple[tuple[str, str], ...]
    machine: str
    duration: str
    findings: tuple[Finding, ...]
    bars: tuple[Bar, ...]
    scaling: tuple[Scaling, ...]
    checks: tuple[Check, ...]
    one: float


def page(document: Document, conclusion: Conclusion, language: str = "en") -> str:
    """Return the page in English or Chinese."""
    folder = resources.templates()
    engine = SandboxedEnvironment(
        loader=FileSystemLoader(folder / "web"), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    lines = (folder / language / "tensor_parallel.txt").read_text(encoding="utf-8").splitlines()
    words = dict(line.split(": ", 1) for line in lines)
    return engine.get_template("tensor_parallel.html.j2").render(
        page=contents(document, conclusion), words=words, language=language
    )


def contents(document: Document, conclusion: Conclusion) -> Page:
    """Return what there is to show."""
    environment = document.sides["head"].environment
    gpus = ", ".join(gpu.name for gpu in environment.gpus) or environment.cpu
    return Page(
        outcome=conclusion.outcome,
        profile=document.profile,
        commits=tuple((name, side.commit or side.engine) for name, side in sorted(document.sides.items())),
        machine=f"{gpus}, torch {environment.torch}",
        duration=f"{document.duration:.0f}",
        findings=conclusion.findings,
        bars=tuple(_bar(name, each) for name, each in conclusion.judgements.items()),
        scaling=tuple(_scaling(document)),
        checks=tuple(_checks(document)),
        one=_place(1.0),
    )


def _bar(name: str, judged: Judgement) -> Bar:
    known = (judged.ratio, judged.low, judged.high)
    ratio, low, high = (1.0 if each is None else each for each in known)
    is_known = None not in known
    return Bar(
        name=name,
        call=judged.call,
        ratio="–" if judged.ratio is None else f"{ratio:.3f}",
        interval=f"{low:.3f} – {high:.3f}" if is_known else "–",
        pairs=judged.pairs,
        at=_place(ratio) - 1.5,
        low_at=_place(low),
        high_at=_place(high),
    )


def _place(ratio: float) -> float:
    """Return where a ratio lies on the chart, by its logarithm; what is beyond the ends lies at them."""
    inside = min(max(ratio, LEAST), MOST)
    return round(WIDTH * math.log(inside / LEAST) / math.log(MOST / LEAST), 1)


def _scaling(document: Document) -> Iterator[Scaling]:
    """Yield strong-scaling efficiencies of head: T1 / (N * TN) from one run."""
    alone: Mapping[tuple[str, str, str, str], float] = {
        _key(case): _median(case) for case in document.cases if case.world == 1 and case.launches
    }
    for case in document.cases:
        if case.world > 1 and case.launches and _key(case) in alone:
            value = alone[_key(case)] / (case.world * _median(case))
            yield Scaling(f"{case.name}/{case.shape}/{case.dtype}", case.world, f"{value:.2f}", _share(value))


def _share(value: float) -> float:
    return round(WIDTH * min(value, 1.0), 1)


def _key(case: Case) -> tuple[str, str, str, str]:
    return (case.name, case.shape, case.dtype, case.mode)


def _median(case: Case) -> float:
    return statistics.median(statistics.median(each.samples) for each in case.launches if each.side == "head")


def _checks(document: Document) -> Iterator[Check]:
    for case in document.cases:
        for each in case.correctness:
            error = "" if each.error is None else f"{each.error:.2e}"
            is_right = each.error is not None and each.error <= each.limit
            yield Check(case.id, each.quantity, error, f"{each.limit:.2e}", is_right)
