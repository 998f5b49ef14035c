"""The evidence for one head: which runs count, what they handed over, and what the head changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.gating import kept, settings
from bot.gating.kept import Compared
from bot.gating.news import is_of
from bot.gating.parts import Desk, Gate, Label, label
from bot.model.changes import Comparison, Interest, Puzzle, Unclear, Wish
from bot.model.coverage import CoverageRules
from bot.model.errors import Gone, TooLarge
from bot.model.gates import Head
from bot.model.globs import is_any
from bot.model.runs import Artifact, Run
from bot.model.subjects import Repository
from bot.policies.benchmark.relevance import SOURCES
from bot.reports import diff as diffs
from bot.reports.diff import BadDiff, Change, FileDiff
from bot.reports.handed import Answer, CoverageRead, Refused
from bot.statements import Source

#: GitHub says so of a run that waits for a maintainer's leave to begin: it has not even started.
_WAITS_FOR_LEAVE = "action_required"

#: A list is whole when this is kept beside it: the process may have ended between two artifacts.
_ALL = 0

TOO_LARGE, EXPIRED = "archive-too-large", "archive-expired"


@dataclass(frozen=True, slots=True)
class Handed:
    """One thing that a run handed over for a gate: what its name says, and what was read of it."""

    label: Label
    answer: Answer


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one workflow has to say of a head: its newest run, and what that handed over if it ended well."""

    run: Run | None = None
    handed: tuple[Handed, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come of it."""
        return self.run is not None and self.run.is_over and self.run.conclusion != _WAITS_FOR_LEAVE

    @property
    def has_ended_well(self) -> bool:
        """Whether what it handed over can count: numbers of tests that failed prove nothing."""
        return self.run is not None and self.run.conclusion == "success"

    @property
    def tested(self) -> frozenset[str]:
        """The commits that its artifacts say were tested."""
        return frozenset(each.label.tested for each in self.handed)


def newest(runs: Sequence[Run], gate: Gate, head: Head, *, event: str) -> Run | None:
    """Return the run that counts for a gate: of its own workflow, on this head, the newest, in its newest attempt.

    Two pull requests may have one head: a run on the branch of this one goes before one on another branch.
    """
    found = [run for run in runs if run.path in gate.workflows and run.event == event and is_of(run, head)]
    own = [run for run in found if run.head_ref == head.ref]
    return max(own or found, key=lambda run: run.order, default=None)


def evidence(run: Run | None, gate: Gate, repository: Repository, desk: Desk, *, branches: bool) -> Evidence:
    """Return what a run has to say; what was read before is not read again."""
    found = Evidence(run)
    if run is None or not found.has_ended_well:
        return found
    known = desk.store.evidence(repository.id, run)
    if _ALL not in known:
        _read(run, gate, repository, desk, branches=branches)
        known = desk.store.evidence(repository.id, run)
    read = [(label(name), content) for at, (name, content) in sorted(known.items()) if at != _ALL]
    return replace(found, handed=tuple(Handed(about, kept.unpacked(content)) for about, content in read if about))


def _read(run: Run, gate: Gate, repository: Repository, desk: Desk, *, branches: bool) -> None:
    """Read what a run handed over for this gate: of each name the newest, for a later attempt makes some of it anew."""
    newest_of: dict[str, Artifact] = {}
    for each in sorted(desk.forge.artifacts(repository, run.id), key=lambda found: (found.created_at, found.id)):
        about = label(each.name)
        if about is not None and about.gate is gate:
            newest_of[each.name] = each
    for artifact in newest_of.values():
        content = kept.packed(_opened(artifact, gate, repository, desk, branches=branches))
        desk.store.keep_evidence(
            repository.id, run, artifact_id=artifact.id, name=artifact.name, content=content, now=desk.now
        )
    desk.store.keep_evidence(repository.id, run, artifact_id=_ALL, name="", content=b"", now=desk.now)


def _opened(artifact: Artifact, gate: Gate, repository: Repository, desk: Desk, *, branches: bool) -> Answer:
    """Return what is in an artifact; that it cannot be had is an answer too."""
    about = label(artifact.name)
    name = about.part if about else artifact.name
    try:
        archive = desk.forge.artifact(repository, artifact)
    except TooLarge as error:
        return Refused(TOO_LARGE, str(error))
    except Gone:
        return Refused(EXPIRED, name)
    return desk.opener.open(archive, gate=gate, name=name, branches=branches)


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a change matters, by the rules of the coverage gate."""

    rules: CoverageRules

    def interest(self) -> Interest:
        """Return which lines are wanted: those of programs, in whatever language, and of tests."""
        return Interest(self.is_source, settings.is_shared)

    def is_source(self, path: str) -> bool:
        """Say whether a file's changed lines may count."""
        ending = path.rpartition(".")[2].lower()
        return ending in SOURCES or is_any((*self.rules.source, *self.rules.tests), path)


def compared(wish: Wish, rules: CoverageRules, repository: Repository, desk: Desk, **more: bool) -> Compared | Unclear:
    """Return what a head changes, as kept or as git says now; `with_digests` asks for checksums of its lines."""
    with_digests = more.get("with_digests", False)
    key = _key(wish, rules)
    content = desk.store.comparison(repository.id, wish.head_sha, key)
    found = None if content is None else kept.unpacked_comparison(content)
    if found is not None and (found.has_digests or not with_digests):
        return found
    fresh = desk.forge.compare(repository, wish, Scope(rules).interest())
    if isinstance(fresh, Unclear):
        return fresh
    files = _files(fresh, rules)
    if files is None:
        return Unclear(Puzzle.TOO_LARGE, wish.tested)
    made = _understood(fresh, files, desk, with_digests=with_digests)
    keep(made, wish, rules, repository, desk)
    return made


def keep(made: Compared, wish: Wish, rules: CoverageRules, repository: Repository, desk: Desk) -> None:
    """Keep a comparison for the next look at the same head."""
    content = kept.packed_comparison(made)
    desk.store.keep_comparison(repository.id, wish.head_sha, _key(wish, rules), content, now=desk.now)


def _key(wish: Wish, rules: CoverageRules) -> str:
    """Return what a comparison depends on besides the head."""
    patterns = " ".join((*rules.source, "|", *rules.tests))
    return f"{wish.base_sha or wish.base_ref} {wish.tested or 'merge'} {patterns}"


def _understood(found: Comparison, files: tuple[FileDiff, ...], desk: Desk, *, with_digests: bool) -> Compared:
    """Find out what the changed sources hold, and whether changed settings could bend the figures."""
    bent = frozenset(path for path, (before, after) in found.settings.items() if settings.bends(path, before, after))
    added = {each.path: each.added for each in files}
    texts = {
        path: Source(text, added.get(path, ()), with_digests=with_digests)
        for path, text in found.sources.items()
        if path.endswith(".py")
    }
    made = kept.compared(found, files, bent)
    statements = desk.opener.statements(texts)
    return kept.with_statements(made, statements, has_digests=with_digests)


def _files(found: Comparison, rules: CoverageRules) -> tuple[FileDiff, ...] | None:
    """Return every changed file: those of interest with their lines, the rest by name alone.

    None where the diff lacks one of interest, or cannot be read: a line that is not seen must not pass for covered.
    """
    try:
        told = {each.path: each for each in diffs.parse([found.diff])}
    except BadDiff:
        return None
    named = {path for each in told.values() for path in (each.path, each.old_path)}
    if not named >= {each.path for each in found.changed if Scope(rules).is_source(each.path)}:
        return None
    rest = (
        FileDiff(each.path, each.path, _kind(each.before, each.after))
        for each in found.changed
        if each.path not in named
    )
    return (*told.values(), *rest)


def _kind(before: str | None, after: str | None) -> Change:
    if before is None:
        return Change.ADDED
    return Change.DELETED if after is None else Change.MODIFIED


def has_checksums(found: Evidence) -> bool:
    """Say whether a report brings checksums of its lines, by which they can be proved."""
    reports = (each.answer.report for each in found.handed if isinstance(each.answer, CoverageRead))
    return any(file.checksums for report in reports for file in report.files)


def since(pushes: Sequence[tuple[str, datetime]], sha: str, found: Evidence, otherwise: datetime) -> datetime:
    """Return from when on evidence is waited for: since the push, or since the run began anew."""
    pushed = [at for head, at in pushes if head == sha]
    begun = [found.run.started_at] if found.run is not None else []
    return max([*pushed[-1:], *begun], default=otherwise)
