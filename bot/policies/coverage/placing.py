"""Where the files of a report lie in the repository: reports name them from the folder in which the tests ran.

coverage.py's XML names them from the source folder, and its JSON and LCOV from the working directory. The tested tree
tells which prefix is meant; where two would do, none is taken, and the files then count as left out.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from bot.policies.coverage.evidence import CoverageEvidence
from bot.reports.measured import CoverageReport, FileCoverage, joined

#: From so many files the possible prefixes are guessed; all files then vote.
_SAMPLE = 20


def placed(evidence: CoverageEvidence) -> dict[str, FileCoverage]:
    """Return what all parts say together, by the path in the repository."""
    files: dict[str, FileCoverage] = {}
    known = frozenset(each.path for each in evidence.diff) if evidence.tree is None else evidence.tree
    for part in evidence.parts:
        for found in _placed(part.report, known, is_whole=evidence.tree is not None) if part.report else ():
            before = files.get(found.path)
            files[found.path] = found if before is None else joined(before, found)
    return files


def _placed(report: CoverageReport, known: frozenset[str], *, is_whole: bool) -> Iterator[FileCoverage]:
    """Yield the files under their paths. Where only the changed files are known, one prefix must do for all."""
    prefixes = _prefixes(report, known, is_whole=is_whole)
    for each in report.files:
        places = (prefix + each.path for prefix in prefixes if not is_whole or prefix + each.path in known)
        path = next(places, each.path)
        yield each if path == each.path else replace(each, path=path)


def _prefixes(report: CoverageReport, known: frozenset[str], *, is_whole: bool) -> list[str]:
    """Return the prefixes that place files, best first: more files found is better, then none, then one named."""
    paths = [each.path for each in report.files]
    named = {"", *_suffixes(report.sources)}
    if all(path in known for path in paths):
        return [""]
    candidates = {*named, *(_guesses(paths[:_SAMPLE], known) if is_whole else ())}
    votes = {prefix: sum(prefix + path in known for path in paths) for prefix in candidates}
    ranked = sorted(votes, key=lambda prefix: (-votes[prefix], prefix != "", prefix not in named, prefix))
    best = ranked[0]
    if best in named:
        return [prefix for prefix in ranked if prefix in named and (votes[prefix] or not prefix)]
    is_sure = votes[ranked[1]] < votes[best]
    return [best] if is_sure else [""]


def _suffixes(sources: Collection[str]) -> Iterator[str]:
    """Yield what of a source folder's path may lie in the repository: `/w/model/bot` gives `bot/`, `model/bot/`."""
    for source in sources:
        steps = [step for step in source.replace("\\", "/").split("/") if step not in {"", "."}]
        for length in range(1, len(steps) + 1):
            yield "/".join(steps[-length:]) + "/"


def _guesses(paths: Collection[str], known: Collection[str]) -> Iterator[str]:
    """Yield what stands before a path in the tree."""
    endings = tuple(f"/{path}" for path in paths)
    for place in known:
        if place.endswith(endings):
            yield from (place[: -len(path)] for path in paths if place.endswith(f"/{path}"))
