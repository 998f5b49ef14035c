"""The answer to `/sla status`: how the clock of an issue stood when that was asked."""

from datetime import UTC, datetime, timedelta

from bot.config import Config
from bot.model.facts import Facts
from bot.model.verdicts import Data, Message
from bot.policies.sla.clock import Clock
from bot.policies.sla.decision import clock_of
from bot.policies.sla.goals import Goal
from bot.policies.sla.statement import pressing, seconds, state


def status(facts: Facts, config: Config, now: datetime) -> Message:
    """Tell the state of the most pressing goal, its deadline, and what holds the clock."""
    found = clock_of(facts, config, now)
    goal = pressing(found) if found else None
    if found is None or goal is None:
        return Message("sla/status", _data(None, None) | {"state": "unknown"})
    return Message("sla/status", _data(found, goal))


def _data(found: Clock | None, goal: Goal | None) -> dict[str, Data]:
    holds = [hold for hold in found.laps[-1].holds if hold.until is None] if found and found.laps else []
    end = goal.end if goal else None
    return {
        "state": (found.exempt if found else None) or state(goal),
        "target": goal.target.value if goal else None,
        "kind": goal.kind.value if goal and goal.kind else None,
        "due": _iso(goal.due_at) if goal else None,
        "allowed": _seconds(goal.allowed if goal else None),
        "elapsed": _seconds(goal.elapsed if goal else None),
        "remaining": _seconds(goal.remaining if goal else None),
        "late": _seconds(goal.late_by if goal else None),
        "changes": _iso(goal.changes_at) if goal else None,
        "ended": _iso(end.at) if end else None,
        "by": end.by.login if end and end.by else None,
        "how": end.how.value if end else None,
        "causes": tuple(hold.cause.value for hold in holds),
        "reasons": tuple(hold.reason for hold in holds if hold.reason),
        "is_business": bool(found and found.laps and found.laps[-1].settings.calendar),
    }


def _seconds(time: timedelta | None) -> int:
    return seconds(time) if time else 0


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
