"""Everything that the coverage gate may know of a pull request, gathered before it decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.model.trust import Trust
from bot.reports.diff import FileDiff
from bot.reports.measured import Count, CoverageReport
from bot.reports.source import Statements

#: From here on nothing more is waited for.
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """One report that arrived, or why it cannot be used. `sha` is the commit whose tree was tested."""

    name: str
    report: CoverageReport | None
    problem: str = ""
    flaw: str = ""
    sha: str = ""


@dataclass(frozen=True, slots=True)
class Commits:
    """The commit that the verdict is for, and the one that was tested: the same, or its merge with the base."""

    head: str = ""
    base: str = ""
    tested: str = ""
    tested_parents: tuple[str, ...] = ()

    @property
    def agree(self) -> bool:
        """Whether what was tested is the head, or the head merged into the base."""
        return self.tested == self.head or self.tested_parents == (self.base, self.head)


@dataclass(frozen=True, slots=True)
class CoverageEvidence:
    """What the gate decides on.

    `diff` is git's, from the merge base to the tested commit. `sources` say which lines of files can be executed: of
    the changed ones, and of those that `wanted` names. `tree` are all files of the tested commit; None where it is not
    known. `since` is when the parts began to be waited for. `base` is what the merge base reached, for the ratchet.
    `acknowledged` says that a maintainer has seen the changes to protected paths in this very commit.
    """

    parts: tuple[Part, ...]
    diff: tuple[FileDiff, ...]
    sources: Mapping[str, Statements] = field(default_factory=dict)
    tree: frozenset[str] | None = None
    commits: Commits = Commits()
    trust: Trust = Trust.LOCAL
    is_ci_finished: bool = True
    since: datetime = LONG_AGO
    base: Count | None = None
    acknowledged: bool = False
