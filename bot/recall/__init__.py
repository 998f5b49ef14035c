"""What happened to an issue so far: remembered, told just now, and read from GitHub where something may be missing."""

from bot.recall.own import own_changes
from bot.recall.pulse import pulse
from bot.recall.recalling import Forge, Recall, Recalled, Store
from bot.recall.roles import Once, Roles

__all__ = ["Forge", "Once", "Recall", "Recalled", "Roles", "Store", "own_changes", "pulse"]
