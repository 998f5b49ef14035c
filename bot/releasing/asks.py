"""What people ask of a release in comments, and how each is answered. Who may ask was checked before."""

from dataclasses import dataclass, replace
from datetime import date

from bot.model.effects import Effect
from bot.model.trains import Asked, Attempt, Fate, Stage, Train, Waiver, Word
from bot.policies.release.suite import Outcome
from bot.policies.release.versions import Step, parse
from bot.releasing import judging
from bot.releasing.gathering import World
from bot.releasing.telling import answer

#: A result that came out so says nothing about the code: somebody may ask for another run of the same commit.
_NO_WORD_ON_CODE = frozenset({Outcome.NOT_COMPARABLE, Outcome.INFRASTRUCTURE})


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a comment: the release that is under way after it, what is said, and a release that it ended."""

    train: Train | None
    effects: tuple[Effect, ...] = ()
    ended: Train | None = None


def heed(asked: Asked, train: Train | None, world: World) -> Heard:
    """Carry out what somebody asked of releases, or say why not."""
    if asked.verb == "override":
        return _waive(asked, train, world)
    match asked.get("step"):
        case "cut":
            return _cut(asked, train, world)
        case "approve":
            return _approve(asked, train, world)
        case "cancel":
            return _cancel(asked, train, world)
        case "patch" | "minor" | "major" as step:
            return _begin(asked, train, world, Step(step))
        case _:
            return Heard(train)  # answered when it is known how things stand


def _no(asked: Asked, train: Train | None, world: World, why: str, **data: str | None) -> Heard:
    return Heard(train, answer(asked, why, "-1", world.place, **data))


def _cut(asked: Asked, train: Train | None, world: World) -> Heard:
    """Begin a release by its number, or let one that waits for its day go on: whoever names the number has decided."""
    version, last = parse(asked.get("version") or ""), world.last()[0]
    step = last.step_to(version) if version else None
    if version is None or step is None:
        following = ", ".join(str(last.after(each)) for each in Step)
        return _no(asked, train, world, "wrong-version", version=asked.get("version"), steps=following)
    return _begin(asked, train, world, step, is_cut=True)


def _begin(asked: Asked, train: Train | None, world: World, step: Step, *, is_cut: bool = False) -> Heard:
    last, tag = world.last()
    version = str(last.after(step))
    if train is not None and train.stage is Stage.OPEN:
        is_same = train.version == version and asked.get("ref") in {None, train.ref}
        return _again(asked, train, world, is_cut=is_cut) if is_same else _second(asked, train, world, version)
    ref = asked.get("ref") or asked.get("sha") or world.place.repository.default_branch
    sha = world.commit(ref)
    if sha is None:
        return _no(asked, train, world, "unknown-ref", ref=ref)
    if tag is not None and sha == tag.sha:
        return _no(asked, train, world, "nothing-new", ref=ref, other=tag.name)
    desk = world.place.desk
    begun = Train(
        version=version,
        step=step.value,
        ref=ref,
        sha=sha,
        since=desk.now,
        base_tag=tag.name if tag else "",
        base_sha=tag.sha if tag else sha,
        by=asked.by,
        language=desk.speech(),
        opened_at=desk.now,
        due=None if is_cut else world.due(step),
        is_cut=is_cut,
        attempts=_earlier(version, sha, tag.sha if tag else sha, world),
    )
    ended = replace(train, stage=Stage.CANCELLED) if train is not None and train.version != version else None
    said = answer(asked, "begun", "+1", world.place, version=version, short=sha[:12], ref=ref)
    return Heard(begun, said, ended)


def _earlier(version: str, sha: str, base: str, world: World) -> tuple[Attempt, ...]:
    """Return the runs of an earlier try at the same release: to cancel it and ask again leads to no better one."""
    known = world.place.desk.store.train(world.place.repository.id, version)
    runs = known.attempts if known is not None else ()
    return tuple(each for each in runs if (each.head, each.base, each.fate) == (sha, base, Fate.TAKEN))


def _second(asked: Asked, train: Train, world: World, version: str) -> Heard:
    return _no(asked, train, world, "another-train", version=version, other=train.version, by=train.by)


def _again(asked: Asked, train: Train, world: World, *, is_cut: bool) -> Heard:
    """Ask for another run where the last one says nothing about the code, or lift the calendar; else it goes on."""
    if is_cut and not train.is_cut:
        return Heard(replace(train, is_cut=True), answer(asked, "cut", "+1", world.place, version=train.version))
    if not _is_without_answer(train, world):
        return Heard(train, answer(asked, "under-way", "+1", world.place, version=train.version))
    dropped = tuple(replace(each, fate=Fate.DROPPED) for each in train.attempts)
    return Heard(replace(train, attempts=dropped), answer(asked, "once-more", "+1", world.place, version=train.version))


def _is_without_answer(train: Train, world: World) -> bool:
    latest, place = train.latest, world.place
    if latest is None:
        return False
    match latest.fate:
        case Fate.FAILED | Fate.REFUSED:
            return True
        case Fate.WAITING:
            return place.desk.now >= latest.at + place.config.release.patience
        case _:
            found = judging.result(train, place)
            return found is not None and found.conclusion.outcome in _NO_WORD_ON_CODE


def _approve(asked: Asked, train: Train | None, world: World) -> Heard:
    """Count somebody's word for the candidate that they saw."""
    if train is None or train.stage is not Stage.OPEN:
        return _no(asked, train, world, "no-release")
    named = asked.get("sha") or ""
    if not train.sha.startswith(named) or _is_of_another(asked, train) or world.commit(train.ref) != train.sha:
        return _no(asked, train, world, "moved", version=train.version, short=train.sha[:12])
    word = Word(asked.user_id, asked.by, asked.role, train.sha, asked.written_at)
    others = tuple(each for each in train.words if each.user_id != asked.user_id)
    after = replace(train, words=(*others, word))
    missing = max(0, world.place.config.release.approvals - len(after.words))
    said = answer(
        asked, "approved", "+1", world.place, version=train.version, short=train.sha[:12], missing=str(missing)
    )
    return Heard(after, said)


def _is_of_another(asked: Asked, train: Train) -> bool:
    """Say whether its writer may have seen an earlier candidate; of the first one there is none."""
    return train.since != train.opened_at and asked.written_at < train.since


def _cancel(asked: Asked, train: Train | None, world: World) -> Heard:
    if train is None or train.stage is not Stage.OPEN:
        return _no(asked, train, world, "no-release")
    if world.tagged(train.version) == train.sha:
        return _no(asked, train, world, "tagged", version=train.version)
    ended = replace(train, stage=Stage.CANCELLED)
    return Heard(None, answer(asked, "cancelled", "+1", world.place, version=train.version), ended)


def _waive(asked: Asked, train: Train | None, world: World) -> Heard:
    """Let a case through on this very commit, for a reason that is kept."""
    case, until = asked.get("case") or "", asked.get("until")
    if train is None or train.stage is not Stage.OPEN:
        return _no(asked, train, world, "no-release")
    found = judging.result(train, world.place)
    if found is None or case not in {each.case for each in found.conclusion.findings}:
        return _no(asked, train, world, "no-such-case", case=case, version=train.version)
    if _is_of_another(asked, train):
        return _no(asked, train, world, "moved", version=train.version, short=train.sha[:12])
    waiver = Waiver(case, asked.get("reason") or "", date.fromisoformat(until) if until else None, asked.by, train.sha)
    said = answer(asked, "waived", "+1", world.place, case=case, version=train.version, short=train.sha[:12])
    return Heard(replace(train, waivers=(*train.waivers, waiver)), said)
