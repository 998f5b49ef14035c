"""What a result of the tensor-parallel suite says, worked out from its raw numbers alone.

Three kinds of evidence, in this order: correctness (a wrong case has no speed), counts (exact, without tolerance), time
(base and head taking turns in one run, by the rule of the benchmark gate). Whatever is missing, unreadable or made
under unequal conditions blocks; it is never taken for slow, and never for a pass.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from bot.model.samples import Direction
from bot.policies.benchmark.rule import Call, Ground, Judgement, Plan, Question, judge_all
from bot.reports.tensor_parallel import Case, Counts, Document, Side

#: Peak memory may grow by this share and this many bytes: allocators round.
MEMORY_SHARE, MEMORY_SLACK = 0.02, 16 * 1024 * 1024

#: A suite of identical code may be called slower once in a thousand runs: a release that is held up for nothing costs
#: people a day. A tenth slower in a single case is found all the same (`benchmarks/results/suite.md`).
PLAN = Plan(fail_error=0.001)

#: By how much what a GPU can do at most may change during a run: beyond that the machine changed, and not the code.
DRIFT = 0.03

#: How much slower than base a case may be, unless `margins` says otherwise for its name, and what is never called slow.
MARGIN, FLOOR = 0.05, 0.01

#: The same for profiles that run on CPUs, where ranks that wait for each other hide a good part of any change. Only
#: what is clearly slower counts there; what is not clear is reported and decides nothing.
ON_CPU = {"smoke": (0.5, 0.2)}


#: A limit is twice the error of the same thing unsplit, relative to the reference: a wider one tells nothing.
WIDEST = 0.5


class Outcome(StrEnum):
    """What a release gate concludes, the worst first: the first that is found anywhere is that of the whole."""

    INCORRECT = "incorrect"
    NOT_COMPARABLE = "not_comparable"
    INFRASTRUCTURE = "infrastructure"
    REGRESS = "regress"
    INCONCLUSIVE = "inconclusive"
    PASS = "pass"  # noqa: S105  an outcome, not a password


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, about one case (or about the whole result where `case` is empty)."""

    outcome: Outcome
    case: str
    reason: str
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the release asked for: which commits, the nonce and profile of the dispatch, and which cases.

    `required` are case names; one of `may_skip` may say why it did not run. `waived` are ids of cases that a
    maintainer lets through. `margins` are by case name, where a case may get slower by more or less than `MARGIN`.
    """

    head: str
    base: str
    nonce: str
    profile: str
    required: frozenset[str] = frozenset()
    may_skip: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()
    margins: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The gate's answer with all its reasons, and how every timed case was judged."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    judgements: Mapping[str, Judgement]


def conclude(document: Document, expected: Expectation) -> Conclusion:
    """Work out what the result says; the worst finding decides, and a waived case has none."""
    judgements = _judgements(document, expected)
    findings = (*_about_run(document, expected), *_about_cases(document, expected), *_about_times(document, judgements))
    counted = [each for each in findings if each.case not in expected.waived and not _is_advice(each, document)]
    order = list(Outcome)
    worst = min((each.outcome for each in counted), key=order.index, default=Outcome.PASS)
    return Conclusion(worst, tuple(sorted(findings, key=lambda each: order.index(each.outcome))), judgements)


def _is_advice(finding: Finding, document: Document) -> bool:
    return finding.outcome is Outcome.INCONCLUSIVE and document.profile in ON_CPU


def differences(one: Side, other: Side) -> tuple[str, ...]:
    """Name every field of the environment in which two sides differ: their times then say nothing about each other."""
    a, b = msgspec.to_builtins(one.environment), msgspec.to_builtins(other.environment)
    return tuple(name for name in a if a[name] != b[name])


def _about_run(document: Document, expected: Expectation) -> Iterator[Finding]:
    """Yield what is wrong with the result as a whole: another run, other commits, unequal machines."""
    head, base = document.sides["head"], document.sides.get("base")
    if document.nonce != expected.nonce:
        yield _of_run(Outcome.NOT_COMPARABLE, "nonce")
    if document.profile != expected.profile:
        yield _of_run(Outcome.NOT_COMPARABLE, "profile")
    if head.commit != expected.head:
        yield _of_run(Outcome.NOT_COMPARABLE, "head commit")
    if base is None:
        yield _of_run(Outcome.NOT_COMPARABLE, "no base")
        return
    if base.commit != expected.base:
        yield _of_run(Outcome.NOT_COMPARABLE, "base commit")
    for name, side in (("head", head), ("base", base)):
        if side.is_dirty:
            yield _of_run(Outcome.NOT_COMPARABLE, f"{name} tree has uncommitted changes")
    for name in differences(head, base):
        yield _of_run(Outcome.NOT_COMPARABLE, f"environment.{name}")
    yield from _drifted(document)


def _drifted(document: Document) -> Iterator[Finding]:
    """Yield what the machine could do less, or more, in the end than at the start; on CPUs that says nothing."""
    for each in document.ceilings if document.profile not in ON_CPU else ():
        if not 1 - DRIFT <= each.end / each.start <= 1 + DRIFT:
            shown = f"{each.start:.4g} -> {each.end:.4g} {each.unit}"
            yield _of_run(Outcome.NOT_COMPARABLE, f"ceilings.{each.name}: {shown}")


def _of_run(outcome: Outcome, reason: str) -> Finding:
    return Finding(outcome, "", reason)


def _about_cases(document: Document, expected: Expectation) -> Iterator[Finding]:
    """Yield missing, wrong, skipped and failed cases, and counts or memory that grew."""
    for name in sorted(expected.required - {case.name for case in document.cases}):
        yield Finding(Outcome.INFRASTRUCTURE, name, "missing")
    for name in sorted(expected.required & {case.name for case in document.cases}):
        if not any(case.launches or case.status != "ok" for case in document.cases if case.name == name):
            yield Finding(Outcome.INFRASTRUCTURE, name, "never timed")
    for case in document.cases:
        yield from _status(case, expected)
        yield from _correctness(case)
        yield from _counts(case)
        yield from _memory(case)


def _status(case: Case, expected: Expectation) -> Iterator[Finding]:
    match case.status:
        case "ok":
            return
        case "incorrect":
            yield Finding(Outcome.INCORRECT, case.id, case.reason or "incorrect")
        case "skipped":
            if case.name not in expected.may_skip:
                yield Finding(Outcome.INFRASTRUCTURE, case.id, f"skipped: {case.reason}")
        case "unstable":
            yield Finding(Outcome.NOT_COMPARABLE, case.id, f"unstable: {case.reason}")
        case "error":
            yield Finding(Outcome.INFRASTRUCTURE, case.id, f"error: {case.reason}")


def _correctness(case: Case) -> Iterator[Finding]:
    """Yield every quantity beyond its limit: the numbers are believed, not the status beside them."""
    if case.status == "ok" and not case.correctness:
        yield Finding(Outcome.INCORRECT, case.id, "not checked")
    for each in case.correctness:
        if each.limit > WIDEST:
            yield Finding(Outcome.INCORRECT, case.id, f"{each.quantity}: the limit {each.limit:.3g} proves nothing")
        elif each.error is None or not 0 <= each.error <= each.limit:
            shown = "not a number" if each.error is None else f"{each.error:.3g}"
            yield Finding(Outcome.INCORRECT, case.id, f"{each.quantity}: {shown}, limit {each.limit:.3g}")


def _counts(case: Case) -> Iterator[Finding]:
    head, base = case.counts.get("head"), case.counts.get("base")
    if head is None or base is None:
        if case.status == "ok" and case.launches:
            yield Finding(Outcome.INFRASTRUCTURE, case.id, "counts are missing")
        return
    for what, before, now in _counted(base, head):
        if now > before:
            yield Finding(Outcome.REGRESS, case.id, f"{what}: {before} -> {now}")


def _counted(base: Counts, head: Counts) -> Iterator[tuple[str, int, int]]:
    """Yield each counted quantity with its number on either side."""
    yield "flops", base.flops, head.flops
    yield "operations", base.operations, head.operations
    yield "saved bytes", base.saved_bytes, head.saved_bytes
    for kind in sorted({*base.collectives, *head.collectives}):
        before, now = base.collectives.get(kind, (0, 0)), head.collectives.get(kind, (0, 0))
        yield f"{kind} calls", before[0], now[0]
        yield f"{kind} bytes", before[1], now[1]


def _memory(case: Case) -> Iterator[Finding]:
    head, base = case.peak_memory.get("head"), case.peak_memory.get("base")
    if head is not None and base is not None and head > base * (1 + MEMORY_SHARE) + MEMORY_SLACK:
        yield Finding(Outcome.REGRESS, case.id, f"peak memory: {base} -> {head} bytes")


def _judgements(document: Document, expected: Expectation) -> dict[str, Judgement]:
    """Judge every timed case whose launches pair up, all of them together as one suite."""
    timed = [case for case in document.cases if case.launches and _is_paired(case)]
    margin, floor = ON_CPU.get(document.profile, (MARGIN, FLOOR))
    questions = [_question(case, expected.margins.get(case.name, margin), floor) for case in timed]
    judged = judge_all(questions, PLAN) if timed else ()
    if document.profile in ON_CPU:
        judged = tuple(_on_cpu(each, question) for each, question in zip(judged, questions, strict=True))
    return {case.id: each for case, each in zip(timed, judged, strict=True)}


def _on_cpu(judged: Judgement, question: Question) -> Judgement:
    """Take a regression back unless every launch of head was slower than every one of base.

    Ranks that wait for each other on busy cores scatter so widely that six pairs in a row may point the same way.
    """
    if judged.call is not Call.REGRESS or min(question.head) > max(question.base):
        return judged
    return replace(judged, call=Call.INCONCLUSIVE, ground=Ground.BY_CHANCE, more=PLAN.next_look(judged.pairs))


def _question(case: Case, margin: float, floor: float) -> Question:
    base, head = _medians(case, "base"), _medians(case, "head")
    pairs = sorted(base)
    return Question([base[pair] for pair in pairs], [head[pair] for pair in pairs], Direction.LOWER, margin, floor)


def _is_paired(case: Case) -> bool:
    return _medians(case, "base").keys() == _medians(case, "head").keys()


def _medians(case: Case, side: str) -> dict[int, float]:
    return {each.pair: statistics.median(each.samples) for each in case.launches if each.side == side}


def _about_times(document: Document, judgements: Mapping[str, Judgement]) -> Iterator[Finding]:
    for case in document.cases:
        if case.launches and not _is_paired(case):
            yield Finding(Outcome.NOT_COMPARABLE, case.id, "launches do not pair up")
        judged = judgements.get(case.id)
        if judged is not None and (finding := _of_time(case, judged)):
            yield finding


def _of_time(case: Case, judged: Judgement) -> Finding | None:
    match judged.call:
        case Call.PASS:
            return None
        case Call.REGRESS:
            return Finding(Outcome.REGRESS, case.id, "slower", judged)
        case Call.INCONCLUSIVE:
            return Finding(Outcome.INCONCLUSIVE, case.id, "not clear", judged)
        case Call.INVALID | Call.NOT_COMPARABLE:
            return Finding(Outcome.NOT_COMPARABLE, case.id, judged.ground.value, judged)


def needs_more(document: Document, expected: Expectation) -> Sequence[int]:
    """Return to how many pairs the undecided cases would have to be continued; empty where nothing is undecided."""
    return sorted({each.more for each in _judgements(document, expected).values() if each.more is not None})
