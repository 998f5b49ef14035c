"""A fingerprint of an issue's clock: it changes when there is something new to decide, and not with every second."""

import hashlib
from datetime import datetime

from bot.config import Config
from bot.model.timeline import Timeline
from bot.policies.sla.clock import clock


def pulse(timeline: Timeline | None, config: Config, now: datetime) -> str:
    """Return the fingerprint; empty where nobody looked into the past."""
    if timeline is None:
        return ""
    found = clock(timeline, config, now)
    waits = [(goal.target, goal.since, goal.end, goal.is_paused, goal.stage, goal.due_at) for goal in found.goals]
    holds = [lap.holds for lap in found.laps]
    return hashlib.sha256(repr((found.exempt, waits, holds)).encode()).hexdigest()
