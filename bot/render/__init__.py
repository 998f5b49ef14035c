"""Messages -> the words for people, in English and Chinese: a key names a template, its data is always escaped."""

from bot.render.words import LANGUAGES, Words

__all__ = ["LANGUAGES", "Words"]
