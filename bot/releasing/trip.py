"""One look at the releases of a repository: hear what people ask, see how things stand, and do the next thing."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from bot.config import Config
from bot.model.decisions import Decision
from bot.model.effects import Effect
from bot.model.events import ReleaseDue
from bot.model.subjects import Repository
from bot.model.trains import Asked, Kept, Stage, Taken, Train, releases_of
from bot.model.verdicts import Outcome, Verdict
from bot.policies.release.suite import Outcome as SuiteOutcome
from bot.policies.release.train import Next
from bot.releasing import asks, benches, calendar, deployments, evidence, judging, notes, telling
from bot.releasing.gathering import World
from bot.releasing.judging import Judged
from bot.releasing.parts import Desk, Place
from bot.releasing.telling import Stand

#: While something is under way it is looked at this often even if GitHub tells nothing: news can be lost.
LOOK_EVERY = timedelta(minutes=10)

#: A release that is only suggested waits for people.
SUGGESTED_EVERY = timedelta(hours=6)

#: What a look came to: a decision, or a word on why there is none.
Came = tuple[Decision | None, str]


def look(due: Sequence[ReleaseDue], read: Callable[[str], Config | None], desk: Desk) -> Came:
    """Look at the releases of one repository."""
    repository = due[-1].repository
    config = read(repository.default_branch)
    if config is None:
        return None, "no policy file: installed but passive"
    asked = [each.asked for each in due if each.asked is not None]
    return _Look(World(Place(repository, config, desk)), asked).go()


@dataclass(slots=True)
class _Look:
    """What comes together on one look."""

    world: World
    asked: Sequence[Asked]
    effects: list[Effect] = field(default_factory=list)
    trains: dict[str, Train] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    wakes: list[datetime] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Where it takes place."""
        return self.world.place

    def go(self) -> Came:
        """Hear, judge, act, and say what is to be remembered."""
        train = self._heard(self.place.desk.store.current(self.place.repository.id))
        if train is None or train.stage is Stage.SUGGESTED:
            train = self._suggested(train)
        judged = judging.judge(train, self.world) if train is not None else None
        stand = self._acted(judged) if judged is not None else None
        self._tell_how_it_stands(stand)
        benched = benches.look((each for each in self.asked if each.verb == "benchmark"), self.world, every=LOOK_EVERY)
        self.effects += benched.effects
        self.wakes += [benched.wake_at] if benched.wake_at else []
        answered = deployments.answered(self.place, stand)
        self.effects += [effect for _, effect in answered]
        kept = Kept(
            trains=tuple(self.trains.values()),
            benches=tuple(benched.kept.values()),
            done=tuple(benched.done),
            taken=(*self.taken, *benched.taken),
            answered=tuple(asked for asked, _ in answered),
        )
        return self._settled(kept)

    def _heard(self, train: Train | None) -> Train | None:
        """Carry out what people ask, in the order in which they asked."""
        for each in sorted(self.asked, key=lambda asked: (asked.written_at, asked.comment_id)):
            if each.verb == "benchmark":
                continue
            heard = asks.heed(each, train, self.world)
            self.effects += heard.effects
            if heard.ended is not None:
                self._end(heard.ended)
            train = heard.train
        return train

    def _suggested(self, known: Train | None) -> Train | None:
        """Return what the calendar suggests, and give up what it suggests no more."""
        found = calendar.proposal(known, self.world, self.trains)
        if found.ended is not None:
            self._end(found.ended)
        self.wakes += [found.wake_at] if found.wake_at else []
        return found.train

    def _end(self, train: Train) -> None:
        """Give a release up: its issue is closed, and its check says so if there was one."""
        stand = judging.undecided(train)
        self.effects.append(telling.issue(stand, self.place))
        if train.attempts:
            self.effects.append(telling.check(stand, self.place))
        self.trains[train.version] = train

    def _acted(self, judged: Judged) -> Stand:
        """Do the next thing that a release needs, and say how it stands."""
        stand, own = judged.stand, list[Effect]()
        if stand.train.stage is Stage.OPEN:
            stand, own = self._next(stand)
            own.append(telling.check(stand, self.place))
        own.append(telling.issue(stand, self.place))
        train = replace(stand.train, digest=_digest(own))
        every = SUGGESTED_EVERY if train.stage is Stage.SUGGESTED else LOOK_EVERY
        moment = self.place.desk.now + every
        self.wakes.append(min(judged.wake_at or moment, moment))
        self.effects += own
        self.taken += judged.taken
        self.trains[train.version] = train
        self.verdicts.append(Verdict("release", stand.decision.next.value, _outcome(stand)))
        return replace(stand, train=train)

    def _next(self, stand: Stand) -> tuple[Stand, list[Effect]]:
        """Return the one effect that comes next; each may be repeated, for what is there already is left as it is."""
        store, train = self.place.desk.store, stand.train
        attempt = judging.next_attempt(stand, self.place)
        if attempt is not None:
            after = replace(train, attempts=(*train.attempts, attempt))
            return replace(stand, train=after), [evidence.dispatch(attempt, self.place)]
        match stand.decision.next:
            case Next.CREATE_TAG if not stand.is_shadow:
                step: Effect = notes.tag(stand, self.place)
            case Next.CREATE_RELEASE if not stand.is_shadow:
                step = notes.release(stand, self.world)
            case Next.CLOSE_ISSUE:
                return replace(stand, train=replace(train, stage=Stage.PUBLISHED)), []
            case _:
                return stand, []
        died_at = store.death(step.target)
        is_too_soon = died_at is not None and self.place.desk.now < died_at + LOOK_EVERY
        return replace(stand, is_dead=died_at is not None), [] if is_too_soon else [step]

    def _tell_how_it_stands(self, stand: Stand | None) -> None:
        """Answer those who only wanted to know."""
        for each in self.asked:
            if each.verb == "release" and each.get("step") in {"plan", "status"}:
                self.effects += self._answer_how(each, stand)

    def _answer_how(self, asked: Asked, stand: Stand | None) -> tuple[Effect, ...]:
        if stand is not None:
            return telling.status(asked, stand, self.place)
        last, tag = self.world.last()
        due = min(self.wakes, default=None)
        day = due.isoformat() if due else None
        return telling.answer(asked, "nothing-due", "+1", self.place, version=str(last) if tag else None, due=day)

    def _settled(self, kept: Kept) -> Came:
        """Return the decision, or nothing where all stands as it stood."""
        store, repository = self.place.desk.store, self.place.repository
        wake_at = min(self.wakes, default=None)
        known = {each.version: store.train(repository.id, each.version) for each in kept.trains}
        changed = tuple(each for each in kept.trains if known[each.version] != each)
        rest = (kept.taken, kept.answered, kept.done)
        is_waiting_on = kept.benches == tuple(
            each for each in store.benches(repository.id) if each.number not in kept.done
        )
        if not self.asked and not changed and not any(rest) and is_waiting_on:
            store.wake(repository, wake_at)
            return None, "the releases stand as they stood"
        return self._decision(replace(kept, trains=changed), repository, wake_at), "decided"

    def _decision(self, kept: Kept, repository: Repository, wake_at: datetime | None) -> Decision:
        subject = releases_of(repository.id)
        return Decision(
            repository=repository,
            subject=subject,
            verdicts=tuple(self.verdicts) or (Verdict("release", "answered", Outcome.NOT_APPLICABLE),),
            effects=tuple(self.effects),
            memory=self.place.desk.memories.memory(subject),
            config_digest=self.place.config.digest,
            facts_digest=_digest([])
            if not kept.trains
            else hashlib.sha256(msgspec.json.encode(kept.trains)).hexdigest(),
            wake_at=wake_at,
            releases=kept,
        )


def _outcome(stand: Stand) -> Outcome:
    """Return how a look counts in the audit log."""
    if stand.outcome in {SuiteOutcome.REGRESS, SuiteOutcome.INCORRECT}:
        return Outcome.FAIL
    match stand.decision.next:
        case Next.CREATE_TAG | Next.CREATE_RELEASE | Next.CLOSE_ISSUE | Next.NOTHING:
            return Outcome.PASS
        case Next.DISPATCH | Next.AWAIT_RESULT | Next.EXTEND:
            return Outcome.PENDING
        case Next.AWAIT_APPROVAL | Next.REMOVE_OBSTACLES:
            return Outcome.ACTION_REQUIRED


def _digest(effects: Sequence[Effect]) -> str:
    return hashlib.sha256(msgspec.json.encode(list(effects), enc_hook=str)).hexdigest()
