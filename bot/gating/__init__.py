"""The gates of a pull request on GitHub: what is gathered for them, how they come out together, and what is told."""

from bot.gating.news import heed, tell
from bot.gating.parts import Desk, Parts
from bot.gating.trip import judge
from bot.gating.writing import is_overtaken

__all__ = ["Desk", "Parts", "heed", "is_overtaken", "judge", "tell"]
