"""Triage: is this issue a bug, a feature or about the documentation? Decided from what is explicit, or not at all."""

from bot.policies.triage.decision import decide
from bot.policies.triage.rehearsal import rehearse

__all__ = ["decide", "rehearse"]
