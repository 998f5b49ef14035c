"""What a pull request's description claims of its performance: a table of numbers, and how they were come by."""

from bot.policies.benchmark.claims.reading import Claim, Row, read
from bot.policies.benchmark.claims.vocabulary import Column

__all__ = ["Claim", "Column", "Row", "read"]
