"""The SLA verdict: how the clock stands, which labels say so, what is told, who is called, and when to look again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.config import Config
from bot.model.effects import SetLabels
from bot.model.facts import Facts
from bot.model.timeline import NOTICE, Happening, Stage, Target, Timeline, What
from bot.model.verdicts import Call, Data, Message, Outcome, Verdict
from bot.policies.sla.clock import Clock, Lap, clock
from bot.policies.sla.goals import Goal
from bot.policies.sla.notices import WINDOW, allowed_at
from bot.policies.triage.evidence import find
from bot.policies.triage.vocabulary import same

POLICY = "sla"

_LADDER = (Stage.ON_TRACK, Stage.AT_RISK, Stage.BREACHED, Stage.ESCALATED)


def decide(facts: Facts, config: Config, now: datetime) -> Verdict:
    """Say how long the issue has waited and what follows; nothing here ever closes an issue."""
    if facts.timeline is None:
        return Verdict(POLICY, "no-timeline", Outcome.NOT_APPLICABLE)
    timeline = _completed(facts.timeline, facts, config)
    state = clock(timeline, config, now)
    goal = _worst(state) if facts.issue.is_open else None
    verdict = Verdict(
        POLICY,
        _rule(state, goal),
        Outcome.PASS if goal is None else _outcome(goal),
        message=_message(state, goal, facts, config),
        effects=_labels(state, goal, facts, config),
        standings=state.standings,
    )
    if goal is None:
        return replace(verdict, outcome=_outcome_at_rest(verdict.rule))
    calls, next_call = _calls(state, timeline, config, now)
    wakes = [each for each in (state.changes_at, next_call) if each is not None]
    return replace(verdict, calls=calls, wake_at=min(wakes, default=None))


def deadline(facts: Facts, config: Config, now: datetime) -> datetime | None:
    """Return when the most pressing answer is due; None where nothing is, or while a pause keeps it open."""
    state = clock_of(facts, config, now)
    return state.waiting[0].due_at if state and state.waiting else None


def clock_of(facts: Facts, config: Config, now: datetime) -> Clock | None:
    """Return the clock of an issue by all that is known of it; None where nobody looked into its past."""
    return None if facts.timeline is None else clock(_completed(facts.timeline, facts, config), config, now)


def _completed(timeline: Timeline, facts: Facts, config: Config) -> Timeline:
    """Add what the issue itself tells: when it was opened, and what it is where no mark names its kind."""
    issue = facts.issue
    opening = Happening(id="opened", what=What.OPENED, at=issue.created_at, actor=issue.author)
    kind = timeline.kind or find(facts, config).kind
    return replace(timeline, happenings=(*timeline.happenings, opening), kind=kind)


def _worst(state: Clock) -> Goal | None:
    """Return the goal that is furthest up the ladder; of equals, the most pressing."""
    return max(state.waiting, key=lambda goal: _LADDER.index(goal.stage), default=None)


def _rule(state: Clock, goal: Goal | None) -> str:
    if goal is not None:
        return _shown(goal)
    if state.exempt:
        return state.exempt
    if not state.laps or state.laps[-1].first_answer.allowed is None:
        return "unclassified"
    first = state.laps[-1].first_answer
    if first.end is None:
        return "not-open"  # closed, and nobody in charge did it, or we have not heard of it
    return f"{first.end.how.value}-late" if first.stage is Stage.MISSED else first.end.how.value


def _shown(goal: Goal) -> str:
    """Return the word for how an open goal stands; a pause says more than a risk, and a breach more than a pause."""
    is_waiting = goal.stage in (Stage.ON_TRACK, Stage.AT_RISK)
    return "paused" if goal.is_paused and is_waiting else goal.stage.value


def _outcome(goal: Goal) -> Outcome:
    match goal.stage:
        case Stage.ON_TRACK:
            return Outcome.PENDING if goal.is_paused else Outcome.PASS
        case Stage.AT_RISK:
            return Outcome.PENDING
        case Stage.BREACHED | Stage.ESCALATED:
            return Outcome.FAIL
        case Stage.MET | Stage.MISSED | Stage.MOOT:
            return Outcome.PASS  # settled: nobody waits any more


def _outcome_at_rest(rule: str) -> Outcome:
    is_judged = rule not in {"disabled", "bot", "before", "unclassified", "not-open"}
    return Outcome.PASS if is_judged else Outcome.NOT_APPLICABLE


def _labels(state: Clock, goal: Goal | None, facts: Facts, config: Config) -> tuple[SetLabels, ...]:
    """Return the one change of labels that is still needed: the stage shown, and a question taken off once answered."""
    names = config.labels
    wanted = _label_of(goal, config)
    if wanted and goal and _is_taken_off(wanted, state, goal):
        wanted = None
    unwanted = [each for each in (names.at_risk, names.breached) if each != wanted]
    if state.is_answered:  # its label has served
        unwanted.append(names.needs_info)
    add = tuple(each for each in (wanted,) if each and not any(same(each, one) for one in facts.issue.labels))
    remove = tuple(one for one in sorted(facts.issue.labels) if any(same(one, each) for each in unwanted))
    if not add and not remove:
        return ()
    return (SetLabels(facts.issue.subject, add=add, remove=remove, current=tuple(sorted(facts.issue.labels))),)


def _label_of(goal: Goal | None, config: Config) -> str | None:
    if goal is None:
        return None
    match goal.stage:
        case Stage.AT_RISK:
            return config.labels.at_risk
        case Stage.BREACHED | Stage.ESCALATED:
            return config.labels.breached
        case Stage.ON_TRACK | Stage.MET | Stage.MISSED | Stage.MOOT:
            return None


def _is_taken_off(label: str, state: Clock, goal: Goal) -> bool:
    """Say whether a person took this label off in the same wait: Reeve never fights over a label."""
    taken_off = state.taken_off.get(label.casefold())
    return taken_off is not None and taken_off >= goal.since


def _message(state: Clock, goal: Goal | None, facts: Facts, config: Config) -> Message | None:
    """Return what the issue's comment says of its clock: by when a first answer is due, and then what goes wrong."""
    if goal is not None:
        is_told = _shown(goal) != Stage.ON_TRACK or goal.target is Target.FIRST_ANSWER
        return Message("sla/clock", _data(state, goal, facts, config, shown=_shown(goal))) if is_told else None
    lap = state.laps[-1] if state.laps else None
    if lap is None or lap.first_answer.end is None or lap.first_answer.allowed is None:
        return None
    if lap.first_answer.stage is Stage.MISSED:
        return Message("sla/clock", _data(state, lap.first_answer, facts, config, shown="late"))
    if facts.issue.is_open or not _was_spoken_of(lap):
        return None
    return Message("sla/clock", _data(state, lap.first_answer, facts, config, shown="settled"))


def _was_spoken_of(lap: Lap) -> bool:
    """Say whether the comment of a closed issue may still show a warning or a pause that is over."""
    first = lap.first_answer
    is_warned = first.elapsed * 100 >= (first.allowed or timedelta()) * lap.settings.at_risk
    return is_warned or any(hold.until == lap.end.at for hold in lap.holds if lap.end)


def _data(state: Clock, goal: Goal, facts: Facts, config: Config, *, shown: str) -> dict[str, Data]:
    """Return what a message is filled with: nothing in it changes while the stage does not."""
    lap = state.laps[-1]
    hold = next((each for each in reversed(lap.holds) if each.until is None), None)
    assignees = tuple(each for each in state.assignees if each)
    return {
        "state": shown,
        "target": goal.target.value,
        "since": _iso(goal.since),
        "due": _iso(goal.due_at) if goal.due_at else None,
        "late": _seconds(goal.late_by) if goal.end else 0,
        "allowed": _seconds(goal.allowed or timedelta()),
        "hours": _hours(goal.allowed) if lap.number == 1 and not lap.holds and goal.allowed else None,
        "is_business": lap.settings.calendar is not None,
        "how": goal.end.how.value if goal.end else None,
        "cause": hold.cause.value if hold else None,
        "reason": hold.reason if hold else "",
        "paused": _iso(hold.since) if hold else None,
        "assignees": assignees,
        "suggestion": None if assignees else suggested(facts, config),
    }


def _hours(allowed: timedelta) -> int | str:
    """Return whole hours as a number and others as text: 24, "1.5"."""
    hours = allowed / timedelta(hours=1)
    return int(hours) if hours.is_integer() else f"{hours:.2f}".rstrip("0")


def suggested(facts: Facts, config: Config) -> str | None:
    """Return who might take the issue: the responders take turns by its number; nobody answers their own."""
    author = facts.issue.author.login.casefold() if facts.issue.author else ""
    able = [each for each in config.sla.responders if each.casefold() != author]
    return able[facts.issue.subject.number % len(able)] if able else None


def _calls(state: Clock, timeline: Timeline, config: Config, now: datetime) -> tuple[tuple[Call, ...], datetime | None]:
    """Return whom to call now, or the moment when that may be done."""
    said = {each.key for each in timeline.notices}
    wanted = [call for goal in state.waiting for call in _wanted(goal, config) if call.key not in said]
    if not wanted:
        return (), None
    moment = allowed_at(timeline, config.sla, now)
    if moment is None or moment > now:
        return (), moment
    left = config.sla.notices_per_day - sum(now - each < WINDOW for each in timeline.recent)
    after = replace(timeline, recent=(*timeline.recent, *(now for _ in range(left))))
    return tuple(wanted[:left]), allowed_at(after, config.sla, now) if wanted[left:] else None


def _wanted(goal: Goal, config: Config) -> Iterator[Call]:
    """Yield the one call that a goal's stage asks for: the team's from the first on, the maintainers' at the last."""
    is_last = goal.stage is Stage.ESCALATED and config.sla.maintainers is not None
    addressee = config.sla.maintainers if is_last else config.sla.team
    if goal.is_paused or goal.stage is Stage.ON_TRACK or addressee is None:
        return
    step = "escalated" if is_last else "called"
    key = f"{NOTICE}{goal.target.value}-{goal.since.astimezone(UTC):%Y%m%dT%H%M%SZ}-{step}"
    data: dict[str, Data] = {
        "addressee": addressee,
        "stage": goal.stage.value,
        "target": goal.target.value,
        "due": _iso(goal.due_at) if goal.due_at else None,
    }
    yield Call(key, Message("sla/call", data))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())
