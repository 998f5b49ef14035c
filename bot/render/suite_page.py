"""A result of the tensor-parallel suite as one HTML page that needs no network and runs no script."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from bot import resources
from bot.policies.benchmark.rule import Judgement
from bot.policies.release.suite import Conclusion, Finding
from bot.reports.rates import interval, median, rates
from bot.reports.tensor_parallel import Document

#: What stands where there is no figure.
NOTHING = "–"

#: Columns that are left out where nothing stands in them.
SPARSE = ("of_datasheet", "memory")

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
    """How well a case uses more ranks: 1 is ideal. `solo` is measured against one rank while the others rest."""

    name: str
    world: int
    efficiency: str
    solo: str
    width: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the head reached in one case, as text; a figure that there is not is a dash."""

    name: str
    time: str
    interval: str
    tflops: str
    of_gemm: str
    of_datasheet: str
    bandwidth: str
    tokens: str
    memory: str


@dataclass(frozen=True, slots=True)
class Peak:
    """What the machine could do at most, at the start and at the end of the run."""

    name: str
    unit: str
    start: str
    end: str


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
    """Everything that the template shows; `columns` are those of `SPARSE` in which something stands."""

    outcome: str
    profile: str
    commits: tuple[tuple[str, str], ...]
    machine: str
    duration: str
    findings: tuple[Finding, ...]
    bars: tuple[Bar, ...]
    scaling: tuple[Scaling, ...]
    figures: tuple[Figures, ...]
    columns: frozenset[str]
    peaks: tuple[Peak, ...]
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
    figures = tuple(_figures(document))
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
        figures=figures,
        columns=frozenset(name for name in SPARSE if any(getattr(each, name) != NOTHING for each in figures)),
        peaks=tuple(Peak(each.name, each.unit, f"{each.start:.3g}", f"{each.end:.3g}") for each in document.ceilings),
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
        ratio=NOTHING if judged.ratio is None else f"{ratio:.3f}",
        interval=f"{low:.3f} – {high:.3f}" if is_known else NOTHING,
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
    """Yield strong-scaling efficiencies of head: T1 / (N * TN) from the same launches."""
    for case in document.cases:
        known = rates(document, case)
        if (value := known.get("efficiency")) is not None:
            solo = _shown(known, "efficiency_solo", ".2f")
            yield Scaling(f"{case.name}/{case.shape}/{case.dtype}", case.world, f"{value:.2f}", solo, _share(value))


def _share(value: float) -> float:
    return round(WIDTH * min(value, 1.0), 1)


def _figures(document: Document) -> Iterator[Figures]:
    for case in document.cases:
        if (time := median(case)) is None:
            continue
        known, between = rates(document, case), interval(case)
        memory = case.peak_memory.get("head")
        yield Figures(
            name=case.id,
            time=f"{time:.3g}",
            interval=f"{between[0]:.3g} – {between[1]:.3g}" if between else NOTHING,
            tflops=_shown(known, "tflops", ".3g"),
            of_gemm=_shown(known, "of_gemm", ".0%"),
            of_datasheet=_shown(known, "of_datasheet", ".0%"),
            bandwidth=_shown(known, "busbw" if "busbw" in known else "copy", ".3g"),
            tokens=_shown(known, "tokens_per_second", ",.0f"),
            memory=NOTHING if memory is None else f"{memory / 2**20:,.0f}",
        )


def _shown(known: Mapping[str, float], name: str, form: str) -> str:
    return format(known[name], form) if name in known else NOTHING


def _checks(document: Document) -> Iterator[Check]:
    for case in document.cases:
        for each in case.correctness:
            error = "" if each.error is None else f"{each.error:.2e}"
            is_right = each.error is not None and each.error <= each.limit
            yield Check(case.id, each.quantity, error, f"{each.limit:.2e}", is_right)
