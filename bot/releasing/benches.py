"""The suite on a pull request, because somebody asked for it: its result is reported and holds nothing up."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.model.effects import CheckRun, Effect, StickyComment
from bot.model.errors import Gone
from bot.model.subjects import Subject
from bot.model.trains import Asked, Bench, Fate, Taken
from bot.model.verdicts import Data, Message
from bot.policies.release.suite import Outcome
from bot.releasing import evidence, judging
from bot.releasing.gathering import BENCH_CHECK, World
from bot.releasing.parts import Place
from bot.releasing.telling import CheckConclusion, Read, answer, evidence_of


@dataclass(slots=True)
class Benched:
    """What came of all runs on pull requests: effects, what is to be remembered, and when to look again."""

    effects: list[Effect] = field(default_factory=list)
    kept: dict[int, Bench] = field(default_factory=dict)
    done: list[int] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    wake_at: datetime | None = None


def look(asks: Iterable[Asked], world: World, *, every: timedelta) -> Benched:
    """Begin what people ask for, and see what became of what was begun before."""
    place, found = world.place, Benched()
    waiting = {each.number: each for each in place.desk.store.benches(place.repository.id)}
    for asked in asks:
        _heed(asked, waiting, world, found)
    for bench in waiting.values():
        _advance(bench, place, found, every=every)
    return found


def _heed(asked: Asked, waiting: dict[int, Bench], world: World, found: Benched) -> None:
    """Begin a run, or give one up."""
    place, number = world.place, asked.subject.number
    if asked.get("action") == "cancel":
        is_there = waiting.pop(number, None) is not None
        found.done.append(number)
        found.effects += answer(asked, "bench-cancelled" if is_there else "no-bench", "+1", place)
        return
    pull = place.desk.forge.pull(place.repository, number)
    if pull.head_sha != asked.head_sha:
        found.effects += answer(asked, "head-moved", "-1", place, short=pull.head_sha[:12])
        return
    against = asked.get("vs")
    base = world.commit(against) if against else pull.base_sha
    if base is None:
        found.effects += answer(asked, "unknown-ref", "-1", place, ref=against)
        return
    attempt = evidence.begun(
        place, head=pull.head_sha, base=base, tp=asked.get("tp") or "", profile=asked.get("suite") or ""
    )
    waiting[number] = Bench(number, asked.comment_id, asked.by, asked.language, attempt)
    found.effects.append(evidence.dispatch(attempt, place))


def _advance(bench: Bench, place: Place, found: Benched, *, every: timedelta) -> None:
    """See what became of a run, and tell it."""
    try:
        seen = evidence.look(bench.attempt, place, version="")
    except Gone:
        seen = evidence.Seen(replace(bench.attempt, fate=Fate.FAILED, flaw="run-gone"))
    deadline = seen.attempt.at + place.config.release.patience
    attempt = seen.attempt
    if attempt.fate is Fate.WAITING and place.desk.now >= deadline:
        attempt = replace(attempt, fate=Fate.FAILED, flaw="no-answer")
    read = judging.read(attempt, seen.taken, place) if seen.taken else None
    found.effects += _told(replace(bench, attempt=attempt), read, deadline, place)
    found.taken += [seen.taken] if seen.taken else []
    if attempt.fate is Fate.WAITING:
        found.kept[bench.number] = replace(bench, attempt=attempt)
        moment = min(deadline, place.desk.now + every)
        found.wake_at = min(found.wake_at or moment, moment)
    else:
        found.done.append(bench.number)


def _told(bench: Bench, read: Read | None, deadline: datetime, place: Place) -> tuple[Effect, ...]:
    """Return the check on the head, and the comment once there is something to say."""
    attempt = bench.attempt
    data: dict[str, Data] = {
        "outcome": read.conclusion.outcome.value if read else None,
        "is_waiting": attempt.fate is Fate.WAITING,
        "flaw": attempt.flaw,
        "short": attempt.head[:12],
        "base": attempt.base[:12],
        "profile": attempt.profile,
        "tp": attempt.tp,
        "by": bench.by,
        "run_url": attempt.url,
        "deadline": deadline.isoformat(),
        **evidence_of(read),
    }
    title, body = place.desk.words.headed(Message("release/bench", data), bench.language)
    check = CheckRun(
        Subject(place.repository.id, 0), attempt.head, BENCH_CHECK, _conclusion(bench, read), title, body.strip()
    )
    if attempt.fate is Fate.WAITING:
        return (check,)
    comment = place.desk.words.answer([Message("release/bench", data)], bench.language)
    return (check, StickyComment(Subject(place.repository.id, bench.number), comment, key="tensor-parallel"))


def _conclusion(bench: Bench, read: Read | None) -> CheckConclusion:
    if bench.attempt.fate is Fate.WAITING:
        return None
    if read is None:
        return "action_required"
    match read.conclusion.outcome:
        case Outcome.PASS:
            return "success"
        case Outcome.REGRESS | Outcome.INCORRECT:
            return "failure"
        case Outcome.INCONCLUSIVE | Outcome.NOT_COMPARABLE | Outcome.INFRASTRUCTURE:
            return "action_required"
