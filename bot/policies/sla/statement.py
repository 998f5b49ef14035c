"""A clock as plain values, for `--json` and for machines: every interval, pause, passed-over comment and goal."""

from datetime import datetime, timedelta

from bot.model.subjects import Actor
from bot.model.timeline import Stage
from bot.policies.sla.clock import Clock, Lap
from bot.policies.sla.goals import Goal, Interval
from bot.policies.sla.rounds import End, Hold, PassedOver

#: Anything that JSON can say.
Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


def statement(clock: Clock) -> dict[str, Json]:
    """Return the clock as JSON. Times are in UTC and in seconds; `state` is that of the most pressing goal."""
    goal = pressing(clock)
    return {
        "now": _iso(clock.now),
        "author": _login(clock.author),
        "opened_at": _iso(clock.laps[0].since) if clock.laps else None,
        "exempt": clock.exempt,
        "kind": goal.kind.value if goal and goal.kind else None,
        "state": state(goal),
        "due_at": _iso(goal.due_at) if goal else None,
        "changes_at": _iso(clock.changes_at),
        "rounds": [_lap(lap) for lap in clock.laps],
    }


def pressing(clock: Clock) -> Goal | None:
    """Return the goal that says most: the most pressing that is waited for, or else the last first answer."""
    if clock.waiting:
        return clock.waiting[0]
    return clock.laps[-1].first_answer if clock.laps else None


def state(goal: Goal | None) -> str:
    """Return in a word how a goal stands."""
    if goal is None:
        return "not-open"
    if goal.allowed is None:
        return "no-deadline" if goal.end is None else "ended"
    is_waiting = goal.stage in (Stage.ON_TRACK, Stage.AT_RISK)
    return "paused" if goal.is_paused and is_waiting else goal.stage.value


def _lap(lap: Lap) -> Json:
    return {
        "number": lap.number,
        "since": _iso(lap.since),
        "end": _end(lap.end),
        "intervals": [_interval(each) for each in lap.intervals],
        "pauses": [_hold(each) for each in lap.holds],
        "passed_over": [_passed_over(each) for each in lap.passed_over],
        "goals": [_goal(each) for each in lap.goals],
    }


def _interval(interval: Interval) -> Json:
    return {
        "since": _iso(interval.since),
        "until": _iso(interval.until),
        "counted_seconds": seconds(interval.counted),
    }


def _hold(hold: Hold) -> Json:
    return {
        "cause": hold.cause.value,
        "since": _iso(hold.since),
        "until": _iso(hold.until),
        "by": _login(hold.by),
        "reason": hold.reason or None,
        "is_answered": hold.is_answered,
    }


def _passed_over(comment: PassedOver) -> Json:
    return {"at": _iso(comment.at), "by": _login(comment.by), "why": comment.why.value}


def _goal(goal: Goal) -> Json:
    return {
        "target": goal.target.value,
        "kind": goal.kind.value if goal.kind else None,
        "state": state(goal),
        "since": _iso(goal.since),
        "end": _end(goal.end),
        "allowed_seconds": None if goal.allowed is None else seconds(goal.allowed),
        "elapsed_seconds": seconds(goal.elapsed),
        "remaining_seconds": None if goal.remaining is None else seconds(goal.remaining),
        "late_seconds": seconds(goal.late_by),
        "due_at": _iso(goal.due_at),
        "is_paused": goal.is_paused,
        "steps": {stage.value: _iso(moment) for stage, moment in goal.steps},
    }


def _end(end: End | None) -> Json:
    return None if end is None else {"how": end.how.value, "at": _iso(end.at), "by": _login(end.by)}


def _login(actor: Actor | None) -> str | None:
    return actor.login if actor else None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def seconds(time: timedelta) -> int:
    """Return a time in whole seconds."""
    return int(time.total_seconds())
