"""Reeve's own policies, registered like those of a plugin."""

from collections.abc import Sequence

from bot import redaction
from bot.plugins import Policy, Redactor, hookimpl
from bot.policies import sla, triage


@hookimpl
def policies() -> Sequence[Policy]:
    """Return them in the order in which they decide."""
    return (triage.decide, triage.rehearse, sla.decide)


@hookimpl
def redactors() -> Sequence[Redactor]:
    """Return what takes secrets out of a text."""
    return (redaction.redact,)
