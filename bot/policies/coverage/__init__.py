"""The coverage gate: the project and the changed lines must be reached by tests, and nothing unknown is a pass."""

from bot.policies.coverage.decision import decide
from bot.policies.coverage.evidence import Commits, CoverageEvidence, Part
from bot.policies.coverage.figures import wanted
from bot.policies.coverage.verdict import CoverageVerdict, Reason
from bot.reports.source import Statements

__all__ = ["Commits", "CoverageEvidence", "CoverageVerdict", "Part", "Reason", "Statements", "decide", "wanted"]
