"""What a plugin may add to Reeve, and the care that a failing one harms nobody else.

A plugin gives verdicts and data. It gets facts, settings and the time, never GitHub, the database or the templates.
"""

from bot.plugins.hooks import (
    GROUP,
    NOTE,
    Asked,
    Candidate,
    Command,
    Handler,
    Hooks,
    Policy,
    Redactor,
    Report,
    ReportParser,
    Scorer,
    hookimpl,
    note,
)
from bot.plugins.manager import Entry, Plugins
from bot.plugins.permitted import OPEN, NotAllowed

__all__ = [
    "GROUP",
    "NOTE",
    "OPEN",
    "Asked",
    "Candidate",
    "Command",
    "Entry",
    "Handler",
    "Hooks",
    "NotAllowed",
    "Plugins",
    "Policy",
    "Redactor",
    "Report",
    "ReportParser",
    "Scorer",
    "hookimpl",
    "note",
]
