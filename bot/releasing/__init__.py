"""Releases on GitHub: what people ask, what is gathered, what a release needs next, and what is told of it."""

from bot.releasing.news import tell
from bot.releasing.parts import Desk, Parts
from bot.releasing.trip import look
from bot.releasing.writing import is_overtaken

__all__ = ["Desk", "Parts", "is_overtaken", "look", "tell"]
