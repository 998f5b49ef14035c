"""How a release stands: its candidate, its result worked out from the raw numbers, and what it needs next."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.trains import Attempt, Fate, Taken, Train, Word
from bot.policies.release import drift
from bot.policies.release.required import required
from bot.policies.release.suite import Expectation, Outcome, conclude, needs_more
from bot.policies.release.train import Blocking, Decision, Facts, Next, Obstacle, decide
from bot.policies.release.versions import NOTHING, Step, parse
from bot.releasing import evidence
from bot.releasing.gathering import World, facts
from bot.releasing.parts import Place
from bot.releasing.telling import Read, Stand
from bot.reports import tensor_parallel

#: So many pairs an extension asks for: the last look of the rule.
EXTENDED = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A release as it stands now, the results that were accepted just now, and when to look again at the latest."""

    stand: Stand
    taken: tuple[Taken, ...] = ()
    wake_at: datetime | None = None

    @property
    def train(self) -> Train:
        """The release."""
        return self.stand.train


def judge(train: Train, world: World) -> Judged:
    """Look at everything a release rests on, and decide what it needs."""
    train = _followed(train, world)
    train, taken = _heard(train, world.place)
    read = result(train, world.place, taken)
    train = _once_more(train, read)
    known = facts(train, world, read.conclusion.outcome if read else None)
    rules, now = world.place.config.release, world.place.desk.now
    decision = decide(known, rules, now)
    if known.tag_sha != train.sha and (unseen := _unseen(train, world)):
        decision = Decision(Next.REMOVE_OBSTACLES, (*unseen, *decision.blocking))
    if decision.next is Next.CREATE_TAG:
        train = replace(train, words=_still(train, world.place))
        known = facts(train, world, read.conclusion.outcome if read else None)
        decision = decide(known, rules, now)
    stand = Stand(train, known, decision, read, is_shadow=rules.shadow_until is not None)
    return Judged(stand, (taken,) if taken else (), decision.wake_at)


def _unseen(train: Train, world: World) -> tuple[Blocking, ...]:
    """Return what cannot be known of a release, and so does not pass."""
    gone = (Blocking(Obstacle.REF_GONE, detail=train.ref),) if world.commit(train.ref) is None else ()
    is_any_change_fine = train.step == Step.MAJOR
    many = () if is_any_change_fine or world.merged(train) is not None else (Blocking(Obstacle.TOO_MANY_CHANGES),)
    return (*gone, *many)


def _followed(train: Train, world: World) -> Train:
    """Return the release with the commit that its ref leads to now; one that moved has lost all that was said of it.

    What it is compared with is the last release, whichever that is by now; the first one is compared with itself. A
    candidate that is tagged already stays: what is left to do follows from the tag.
    """
    if world.tagged(train.version) == train.sha:
        return train
    sha, (_, tag) = world.commit(train.ref) or train.sha, world.last(but=train.version)
    base_tag, base = (tag.name, tag.sha) if tag is not None else ("", sha)
    if (sha, base) == (train.sha, train.base_sha):
        return train
    dropped = tuple(replace(each, fate=Fate.DROPPED) for each in train.attempts)
    has_lost = bool(train.words) or any(each.fate is not Fate.DROPPED for each in train.attempts)
    voided = train.sha if has_lost else train.voided
    now = world.place.desk.now
    return replace(
        train, sha=sha, base_tag=base_tag, base_sha=base, since=now, words=(), attempts=dropped, voided=voided
    )


def _heard(train: Train, place: Place) -> tuple[Train, Taken | None]:
    """Return the release with what is known of its last run by now."""
    latest = train.latest
    if latest is None:
        return train, None
    seen = evidence.look(latest, place, version=train.version)
    return with_attempt(train, seen.attempt), seen.taken


def with_attempt(train: Train, attempt: Attempt) -> Train:
    """Return the release with an attempt as it is known now."""
    return replace(train, attempts=tuple(attempt if each.nonce == attempt.nonce else each for each in train.attempts))


def result(train: Train, place: Place, taken: Taken | None = None) -> Read | None:
    """Return what the candidate's result says, worked out anew from its raw numbers; None where there is none."""
    latest = train.latest
    if latest is None or latest.fate is not Fate.TAKEN:
        return None
    kept = taken or place.desk.store.result(place.repository.id, latest.nonce)
    if kept is None:
        return None
    today = place.desk.now.date()
    waived = frozenset(each.case for each in train.waivers if each.holds(train.sha, today))
    return read(latest, kept, place, waived=waived)


def read(attempt: Attempt, kept: Taken, place: Place, *, waived: frozenset[str] = frozenset()) -> Read:
    """Return what one result says, and how it compares with what went out before from the same kind of machine."""
    document = tensor_parallel.parse(kept.content)
    before = place.desk.store.released(place.repository.id, kept.environment)
    medians = [(each.version, drift.medians(tensor_parallel.parse(each.content))) for each in before[: max(drift.BACK)]]
    conclusion = conclude(document, expectation(attempt, waived))
    return Read(document, conclusion, drift.drifts(document, medians))


def expectation(attempt: Attempt, waived: frozenset[str] = frozenset()) -> Expectation:
    """Return what a result has to be, by what was asked for."""
    degrees = tuple(int(each) for each in attempt.tp.split(",") if each)
    return Expectation(
        head=attempt.head,
        base=attempt.base,
        nonce=attempt.nonce,
        profile=attempt.profile,
        required=required(attempt.profile, degrees),
        waived=waived,
    )


def _once_more(train: Train, found: Read | None) -> Train:
    """Count a first result that is only about the machine as a run that failed: it is run once more."""
    latest = train.latest
    is_machine = found is not None and found.conclusion.outcome is Outcome.INFRASTRUCTURE
    has_failed = any(each.fate is Fate.FAILED for each in train.attempts if each.head == train.sha)
    if latest is None or not is_machine or has_failed:
        return train
    return with_attempt(train, replace(latest, fate=Fate.FAILED, flaw="cases-did-not-run"))


def _still(train: Train, place: Place) -> tuple[Word, ...]:
    """Return the approvals with the roles that their givers have now, right before they are acted upon."""
    forge, repository = place.desk.forge, place.repository
    return tuple(replace(each, role=forge.permission(repository, each.login, each.user_id)) for each in train.words)


def next_attempt(stand: Stand, place: Place) -> Attempt | None:
    """Return the run that is to be asked for now; None where none is."""
    train, read = stand.train, stand.read
    match stand.decision.next:
        case Next.DISPATCH:
            return evidence.begun(place, head=train.sha, base=train.base_sha)
        case Next.EXTEND if read is not None and train.latest is not None:
            more = max(needs_more(read.document, expectation(train.latest)), default=EXTENDED)
            return evidence.begun(place, head=train.sha, base=train.base_sha, pairs=max(more, EXTENDED))
        case _:
            return None


def undecided(train: Train) -> Stand:
    """Return a release that is over, without looking at anything."""
    version = parse(train.version) or NOTHING
    bare = Facts(step=Step(train.step), version=version, last=version, sha=train.sha, due=None)
    return Stand(train, bare, Decision(Next.NOTHING))
