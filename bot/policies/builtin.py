"""Reeve's own policies, registered like those of a plugin."""

from collections.abc import Sequence

from bot.plugins import Policy, Redactor, hookimpl
from bot.policies import triage


@hookimpl
def policies() -> Sequence[Policy]:
    """Return them in the order in which they decide."""
    return (triage.decide, triage.rehearse)


@hookimpl
def redactors() -> Sequence[Redactor]:
    """Return what takes secrets out of a text."""
    return ()
