"""An issue's past as people have it at hand, as JSON in any of its usual forms -> a timeline."""

from bot.policies.sla.events.mistakes import EventsError, Note
from bot.policies.sla.events.reading import Given, Opening, read

__all__ = ["EventsError", "Given", "Note", "Opening", "read"]
