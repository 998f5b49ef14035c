"""What the coverage gate needs, gathered on this machine: reports, the diff, the sources, and the policy in force."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot import statements
from bot.gate import checkout
from bot.gate.checkout import Checkout
from bot.model.coverage import CoverageRules
from bot.model.errors import ReeveError
from bot.model.globs import is_any
from bot.policies.coverage import CoverageEvidence, Part, wanted
from bot.reports import coverage, diff
from bot.reports.diff import Change, FileDiff
from bot.reports.measured import Count

#: Where the policy file lies: `bot.config.FILE`, which would take as much memory to import as a large report.
POLICY_FILE = ".github/reeve.yml"

#: So many files that no report mentions are looked into; where there are more, the report is not of this tree.
_MAX_SOURCES = 2_000

_CHUNK = 256 * 1024


class NotUsable(ReeveError):
    """What the command was given cannot be used."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of the command: `diff` or `base` is given, the rest may be empty."""

    reports: tuple[str, ...]
    diff: str = ""
    base: str = ""
    base_report: str = ""
    config: str = ""


@dataclass(frozen=True, slots=True)
class _Change:
    """The change, the working copy, and whether this is the tree that the change leads to."""

    files: tuple[FileDiff, ...]
    here: Checkout
    is_of_here: bool


def gather(asked: Asked, now: datetime) -> tuple[CoverageEvidence, CoverageRules]:
    """Return the evidence and the rules; raise `ReeveError` where an argument cannot be used."""
    _refuse_twice_the_input(asked)
    change = _change(asked)
    rules = _rules(_policy(asked, change))
    change = _with_all_lines(change, asked, rules)
    evidence = CoverageEvidence(
        tuple(_part(each, rules) for each in asked.reports),
        change.files,
        tree=change.here.tree if change.is_of_here else None,
        is_ci_finished=not rules.parts,
        since=now,
        base=_base(asked.base_report),
    )
    known = statements.read(_sources(evidence, change, wanted(evidence, rules)[:_MAX_SOURCES]))
    sources = {name: replace(each, is_draft=not change.is_of_here) for name, each in known.items()}
    return replace(evidence, sources=sources), rules


def _change(asked: Asked) -> _Change:
    """Read the diff. One from a file may be of any tree: it is of this one if the files here are as it leaves them."""
    here = checkout.find(Path())
    if asked.base:
        return _Change(diff.parse(checkout.changes(here, asked.base)), here, is_of_here=True)
    files = diff.parse(_chunks(asked.diff))
    return _Change(files, here, is_of_here=here.has(files))


def _refuse_twice_the_input(asked: Asked) -> None:
    """Refuse the standard input in two places: it can be read once, and one of them would have nothing."""
    files = (*map(_named, asked.reports), ("", asked.diff), ("", asked.base_report), ("", asked.config))
    if sum(file == "-" for _, file in files) > 1:
        raise NotUsable("the standard input, -, can be given once")


def _with_all_lines(change: _Change, asked: Asked, rules: CoverageRules) -> _Change:
    """Return the change with the lines of sources that an attribute calls binary: git does not show them unasked."""
    hidden = [each for each in change.files if each.is_binary and each.change is not Change.DELETED and each.is_file]
    hidden = [each for each in hidden if is_any((*rules.source, "*.py"), each.path)]
    if hidden and not asked.base:
        raise NotUsable(f"{hidden[0].path}: the diff does not show its lines, make it with `git diff --text`")
    shown = {each.path: each for each in diff.parse(checkout.as_text(change.here, asked.base, hidden))}
    return replace(change, files=tuple(shown.get(each.path, each) for each in change.files))


def _policy(asked: Asked, change: _Change) -> bytes | None:
    """Return the policy file in force: of the branch to merge into, for a change must not judge itself."""
    if asked.config:
        return b"".join(_chunks(asked.config))
    if asked.base:
        return checkout.at(change.here, asked.base, POLICY_FILE)
    return change.here.source(POLICY_FILE) if change.is_of_here else None


def _rules(policy: bytes | None) -> CoverageRules:
    if policy is None:
        return CoverageRules()
    from bot.config import ConfigError, parse
    from bot.render import Words

    try:
        return parse(policy).coverage.rules
    except ConfigError as error:
        words = Words()
        told = "\n".join(each.place + words.mistake(each, "en") for each in error.mistakes)
        raise NotUsable(f"the policy file cannot be used:\n{told}") from None


def _part(given: str, rules: CoverageRules) -> Part:
    """Read one report; what is wrong with it is for the gate to judge, but for one that is not there at all."""
    name, file = _named(given)
    try:
        return Part(name, coverage.parse(_chunks(file), name=Path(file).name, branches=rules.branch))
    except coverage.BadReport as error:
        return Part(name, None, problem=error.detail, flaw=error.flaw)


def _named(given: str) -> tuple[str, str]:
    """Return the name of a part and its file: named as given, or else by its file."""
    name, is_named, file = given.partition("=")
    return (name, file) if is_named and not Path(given).exists() else (Path(given).stem, given)


def _base(file: str) -> Count | None:
    """Return what the base reached; None where nothing is given."""
    if not file:
        return None
    try:
        return coverage.parse(_chunks(file), name=file).count
    except coverage.BadReport as error:
        raise NotUsable(f"--base-report {file}: {error}") from None


def _sources(evidence: CoverageEvidence, change: _Change, names: Sequence[str]) -> dict[str, statements.Source]:
    """Return the sources of these files: from the disk, or from the diff where that holds the whole of a new file."""
    changed = {each.path: each for each in change.files}
    has_checksums = any(file.checksums for part in evidence.parts if part.report for file in part.report.files)
    found = {}
    for name in names:
        text = _source(change, name, changed.get(name))
        if text is not None:
            added = changed[name].added if name in changed else ()
            found[name] = statements.Source(text, added, with_digests=has_checksums)
    return found


def _source(change: _Change, name: str, changed: FileDiff | None) -> bytes | None:
    if change.is_of_here:
        return change.here.source(name)
    return changed.text if changed and changed.is_whole else None


def _chunks(file: str) -> Iterator[bytes]:
    """Yield a file, or the standard input, in pieces."""
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise NotUsable(f"{file} cannot be read: {error.strerror}") from None
