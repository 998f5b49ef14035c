"""How the coverage gate came out: a value that explains itself, the same for the command line and for GitHub."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.outcomes import Outcome
from bot.model.trust import Trust
from bot.policies.coverage.contradictions import Contradiction
from bot.policies.coverage.figures import Figures
from bot.reports.measured import Count


class Reason(StrEnum):
    """Why it came out so. The words for each stand in the templates, with what is to be done next."""

    COVERED = "covered"
    NOTHING_EXECUTABLE = "nothing-executable"

    NO_TESTS = "no-tests"
    CHANGED_LINES = "changed-lines"
    PROJECT = "project"
    RATCHET = "ratchet"

    WAITING = "waiting"

    NO_REPORT = "no-report"
    PARTS_MISSING = "parts-missing"
    UNREADABLE = "unreadable"
    OTHER_COMMIT = "other-commit"
    LINE_ENDS = "line-ends"
    CONTRADICTION = "contradiction"
    FOREIGN = "foreign"
    UNLISTED = "unlisted"
    UNCOUNTED = "uncounted"
    NO_BRANCHES = "no-branches"
    NO_BASE = "no-base"
    EXCLUDED = "excluded"
    PROTECTED = "protected"


#: How each reason comes out.
OUTCOMES: dict[Reason, Outcome] = {
    Reason.COVERED: Outcome.PASS,
    Reason.NOTHING_EXECUTABLE: Outcome.PASS,
    Reason.NO_TESTS: Outcome.FAIL,
    Reason.CHANGED_LINES: Outcome.FAIL,
    Reason.PROJECT: Outcome.FAIL,
    Reason.RATCHET: Outcome.FAIL,
    Reason.WAITING: Outcome.PENDING,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part that cannot be used: its name, the kind of flaw, and where it lies."""

    part: str
    flaw: str
    detail: str


@dataclass(frozen=True, slots=True)
class CoverageVerdict:
    """The verdict of the coverage gate, with everything that was counted for it.

    `arrived` and `missing` are names of parts. `protected` are the changed paths that need a maintainer's word.
    `lacks_tests` says that source was changed and no test was touched. `wake_at` is when to look again.
    """

    reason: Reason
    figures: Figures = field(default_factory=Figures)
    trust: Trust = Trust.LOCAL
    arrived: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    protected: tuple[str, ...] = ()
    lacks_tests: bool = False
    base: Count | None = None
    wake_at: datetime | None = None

    @property
    def outcome(self) -> Outcome:
        """How it came out: what is not known to be good or bad needs somebody to look."""
        return OUTCOMES.get(self.reason, Outcome.ACTION_REQUIRED)
