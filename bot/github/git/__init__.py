"""The code of a repository by git itself: fetched in part, compared, and never checked out."""

from bot.github.git.clone import Clone
from bot.github.git.command import NEEDED, version
from bot.github.git.comparing import compare, texts

__all__ = ["NEEDED", "Clone", "compare", "texts", "version"]
