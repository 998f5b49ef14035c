"""Each gate's verdict on one head: its own policy on the evidence, then what people answer for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from bot.config import Config
from bot.gating import gathering, kept, settings
from bot.gating.gathering import Evidence, Handed
from bot.gating.kept import Compared
from bot.gating.parts import Desk, Gate
from bot.model.changes import Puzzle, Unclear, Wish
from bot.model.coverage import CoverageRules
from bot.model.decisions import Override
from bot.model.effects import CheckRun
from bot.model.errors import Gone, TooLarge
from bot.model.gates import ACKNOWLEDGED, Head
from bot.model.globs import is_any
from bot.model.samples import Samples
from bot.model.subjects import Repository, Subject
from bot.model.trust import Trust
from bot.model.verdicts import Data, Message, Outcome, Verdict
from bot.policies import coverage as coverages
from bot.policies.benchmark import decision as benchmarks
from bot.policies.benchmark import message as benchmark_message
from bot.policies.benchmark.evidence import BenchmarkEvidence, Broken, Measured, Measurement, Waiting
from bot.policies.coverage import message as coverage_message
from bot.policies.coverage.evidence import Commits, CoverageEvidence, Part
from bot.policies.coverage.figures import measure
from bot.policies.coverage.message import Place
from bot.reports import samples
from bot.reports.diff import FileDiff
from bot.reports.handed import BenchmarkRead, CoverageRead, Refused, SuiteRead
from bot.reports.measured import BadReport, Count, Flaw
from bot.reports.source import Statements
from bot.statements import Source

#: Of files that no report mentions, so many are looked into.
MOST_SOURCES = 2_000

#: GitHub merges some seconds after a push; a merge that is not there by then is not coming.
MERGED_WITHIN, LOOK_EVERY = timedelta(minutes=30), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One head before the gates: a pull request's, or what a merge queue has put together."""

    repository: Repository
    subject: Subject
    head: Head
    body: str
    config: Config
    language: str
    event: str
    overrides: Sequence[Override] = ()
    pushes: Sequence[tuple[str, datetime]] = ()
    acknowledger: str | None = None
    base_sha: str | None = None
    since: datetime | None = None

    @property
    def rules(self) -> CoverageRules:
        """The rules of the coverage gate."""
        return self.config.coverage.rules

    def override(self, gate: str, today: date) -> Override | None:
        """Return the newest word of a person on a gate that still holds for this commit."""
        valid = (each for each in self.overrides if each.gate == gate and (each.until is None or today <= each.until))
        return next(valid, None)

    def acknowledged_by(self, today: date) -> str | None:
        """Name the maintainer who has seen the changes to protected paths on this very commit."""
        found = self.override(ACKNOWLEDGED, today)
        return found.by if found else self.acknowledger

    def wish(self, tested: str | None) -> Wish:
        """Return what is to be compared."""
        return Wish(self.subject.number, self.head.sha, self.head.base_ref, tested, self.base_sha)


def compare(case: Case, found: Evidence, desk: Desk) -> Compared | Unclear:
    """Return what the head changes, on the commit that was tested if that is one that can be believed."""
    stated = next(iter(found.tested)) if len(found.tested) == 1 else None
    digests = gathering.has_checksums(found)
    result = gathering.compared(case.wish(stated), case.rules, case.repository, desk, with_digests=digests)
    is_elsewhere = isinstance(result, Unclear) and result.puzzle in {Puzzle.ANOTHER_TREE, Puzzle.UNKNOWN_COMMIT}
    if stated is None or not is_elsewhere:
        return result
    # The report is for another tree. What the head changes is known all the same, and the gate will say so.
    return gathering.compared(case.wish(None), case.rules, case.repository, desk, with_digests=digests)


def unclear(case: Case, gate: Gate, found: Unclear, desk: Desk) -> Verdict:
    """Return the verdict where nothing can be compared: it waits for GitHub's merge, or somebody has to act."""
    since = case.since or gathering.since(case.pushes, case.head.sha, Evidence(), desk.now)
    is_waiting = found.puzzle is Puzzle.NOT_READY and desk.now < since + MERGED_WITHIN
    data: dict[str, Data] = {"puzzle": found.puzzle.value, "is_waiting": is_waiting, "gate": gate.value}
    title, summary = desk.words.headed(Message("gates/unclear", data), case.language)
    conclusion = None if is_waiting else "action_required"
    check = CheckRun(case.subject, case.head.sha, check_name(gate), conclusion, title, summary)  # type: ignore[arg-type]
    return Verdict(
        gate.value,
        found.puzzle.value,
        Outcome.PENDING if is_waiting else Outcome.ACTION_REQUIRED,
        message=Message("gates/unclear", data) if found.puzzle is Puzzle.CONFLICT else None,
        effects=(check,),
        wake_at=desk.now + LOOK_EVERY if is_waiting else None,
    )


def check_name(gate: Gate) -> str:
    """Return the name of a gate's check run."""
    match gate:
        case Gate.COVERAGE:
            return coverage_message.CHECK
        case Gate.BENCHMARK:
            return benchmark_message.CHECK


def coverage(case: Case, found: Evidence, change: Compared, desk: Desk) -> Verdict:
    """Return the verdict of the coverage gate, with its check run and its message."""
    gathered = _coverage_evidence(case, found, change, desk)
    verdict = coverages.decide(gathered, case.rules, desk.now)
    place = Place(case.subject, case.head.sha, case.language)
    told = coverage_message.told(verdict, case.rules, place, desk.words)
    if told.outcome is Outcome.PENDING or not gathered.parts:
        told = _without_remarks(told)
    override = case.override(Gate.COVERAGE, desk.now.date())
    is_in_order = told.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}
    return told if override is None or is_in_order else overridden(told, override, case, desk)


def _without_remarks(told: Verdict) -> Verdict:
    """Return a verdict that marks no line: while reports are missing, all lines would seem uncovered.

    What only waits needs no words in the comment either.
    """
    message = None if told.outcome is Outcome.PENDING else told.message
    checks = tuple(replace(each, annotations=()) if isinstance(each, CheckRun) else each for each in told.effects)
    return replace(told, message=message, effects=checks)


def _coverage_evidence(case: Case, found: Evidence, change: Compared, desk: Desk) -> CoverageEvidence:
    diff = tuple(each for each in change.diff if not _is_harmless(each, change))
    is_merge = change.sha != case.head.sha
    gathered = CoverageEvidence(
        parts=tuple(_part(each) for each in found.handed),
        diff=diff,
        tree=change.tree,
        commits=Commits(
            head=case.head.sha,
            base=change.base_sha,
            tested=change.sha,
            tested_parents=(change.base_sha, case.head.sha) if is_merge else (),
        ),
        trust=trust(case, change),
        is_ci_finished=found.is_over,
        since=case.since or gathering.since(case.pushes, case.head.sha, found, desk.now),
        base=_base(case, change, desk),
        acknowledged=case.acknowledged_by(desk.now.date()) is not None,
    )
    return replace(gathered, sources=_statements(gathered, case, change, desk))


def _is_harmless(diff: FileDiff, change: Compared) -> bool:
    """Say whether this is a file of settings of which nothing about measuring has changed."""
    return settings.is_shared(diff.path) and diff.path not in change.bent


def _part(handed: Handed) -> Part:
    name, tested = handed.label.part, handed.label.tested
    match handed.answer:
        case CoverageRead():
            return Part(name, handed.answer.report, sha=tested)
        case Refused():
            return Part(name, None, problem=handed.answer.detail, flaw=handed.answer.flaw, sha=tested)
        case BenchmarkRead() | SuiteRead():
            return Part(name, None, flaw="unknown-format", sha=tested)


def _statements(gathered: CoverageEvidence, case: Case, change: Compared, desk: Desk) -> Mapping[str, Statements]:
    """Return what the sources hold that the gate asks about: besides the changed ones, those no report mentions."""
    wanted = coverages.wanted(replace(gathered, sources=change.statements), case.rules)
    missing = [path for path in wanted if path not in change.statements][:MOST_SOURCES]
    if not missing or not gathered.parts:
        return change.statements
    try:
        texts = desk.forge.texts(case.repository, change.sha, missing)
    except (TooLarge, Gone):  # the gate then says of which files nothing is known
        return change.statements
    more = desk.opener.statements({path: Source(text) for path, text in texts.items()})
    known = kept.with_statements(change, more, has_digests=False)
    stated = change.sha if gathered.parts and {part.sha for part in gathered.parts} == {change.sha} else None
    gathering.keep(known, case.wish(stated), case.rules, case.repository, desk)
    return known.statements


def _base(case: Case, change: Compared, desk: Desk) -> Count | None:
    """Return what the base commit reached, where the gate is to compare with it: a push there ran the same workflow."""
    if case.rules.project == "minimum":
        return None
    at = Head(0, case.repository.id, case.repository.default_branch, change.base_sha, case.head.base_ref)
    runs = [run for run in desk.forge.runs(case.repository, change.base_sha) if run.event == "push"]
    run = gathering.newest(runs, Gate.COVERAGE, at, event="push")
    found = gathering.evidence(run, Gate.COVERAGE, case.repository, desk, branches=case.rules.branch)
    parts = tuple(_part(each) for each in found.handed)
    expected = case.rules.parts or tuple(part.name for part in parts)
    if not parts or any(part.report is None for part in parts) or not {part.name for part in parts} >= set(expected):
        return None
    return measure(CoverageEvidence(parts, ()), case.rules).project


def trust(case: Case, change: Compared) -> Trust:
    """Return the lane: what ran with the code of a pull request is reported.

    A merge queue's commit is GitHub's own; where the workflows are untouched they are the base branch's.
    """
    is_queue = case.base_sha is not None and not bending(case, change)
    return Trust.TRUSTED if is_queue else Trust.REPORTED


def bending(case: Case, change: Compared) -> tuple[str, ...]:
    """Name the changed paths by which a measurement could be bent: workflows, settings of measuring, the harness."""
    patterns = (*case.rules.protected, *case.config.benchmark.protected)
    paths = {path for each in change.diff if not _is_harmless(each, change) for path in (each.path, each.old_path)}
    return tuple(sorted(path for path in paths if is_any(patterns, path)))


def benchmark(case: Case, found: Evidence, change: Compared, desk: Desk) -> Verdict:
    """Return the verdict of the benchmark gate, with its check run and its message."""
    today = desk.now.date()
    gathered = BenchmarkEvidence(
        case.subject,
        case.head.sha,
        tuple(sorted({path for each in change.diff for path in (each.path, each.old_path)})),
        body=case.body,
        measurement=_measurement(found, case, change),
        heads=frozenset({change.sha}),
        bases=frozenset({change.base_sha}),
        protected=bending(case, change),
        acknowledged_by=case.acknowledged_by(today),
        override=case.override(Gate.BENCHMARK, today),
    )
    verdict = benchmarks.decide(gathered, case.config.benchmark, desk.now)
    return benchmark_message.told(verdict, gathered, desk.words, case.language)


def _measurement(found: Evidence, case: Case, change: Compared) -> Measurement:
    run = found.run
    if run is None:
        return None
    if not found.is_over:
        return Waiting(run.started_at)
    if not found.has_ended_well:
        return Broken(f"the workflow ended with {run.conclusion}")
    if not found.handed:
        return None
    try:
        read = samples.combined(list(_samples(found, change)))
    except BadReport as error:
        return Broken(error.detail)
    return Measured(read, trust(case, change), run.id, run.attempt)


def _samples(found: Evidence, change: Compared) -> Iterator[Samples]:
    """Give the samples of each artifact; raise `BadReport` for one that cannot be used, or is for another commit."""
    for each in found.handed:
        match each.answer:
            case BenchmarkRead():
                if each.label.tested != change.sha:
                    raise BadReport(Flaw.CONTRADICTION, f"{each.label.part} is for {each.label.tested[:12]}")
                yield each.answer.samples
            case Refused():
                raise BadReport(Flaw.MALFORMED, f"{each.label.part}: {each.answer.detail or each.answer.flaw}")
            case CoverageRead() | SuiteRead():
                raise BadReport(Flaw.UNKNOWN_FORMAT, f"{each.label.part} holds another kind of report")


def overridden(told: Verdict, override: Override, case: Case, desk: Desk) -> Verdict:
    """Return a verdict for which a person answers: it passes, and says who, why and instead of what."""
    data: dict[str, Data] = {
        "gate": told.policy,
        "by": override.by,
        "reason": override.reason,
        "until": override.until.isoformat() if override.until else None,
        "rule": told.rule,
        "head": case.head.sha[:12],
    }
    title, summary = desk.words.headed(Message("gates/overridden", data), case.language)
    checks = tuple(
        replace(each, conclusion="success", title=title, summary=f"{summary}\n{each.summary}")
        for each in told.effects
        if isinstance(each, CheckRun)
    )
    message = Message("gates/overridden", data)
    return replace(
        told, rule="overridden", outcome=Outcome.PASS, message=message, effects=checks, wake_at=_day_after(override)
    )


def _day_after(override: Override) -> datetime | None:
    """Return when an override ends by itself."""
    if override.until is None:
        return None
    return datetime.combine(override.until + timedelta(days=1), time(), UTC)
