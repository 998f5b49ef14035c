"""The notes of a release: what was merged since the last one, by kind, with the evidence."""

from collections.abc import Sequence

from bot.config import Config
from bot.model.effects import CreateTag, PublishRelease
from bot.model.kinds import Kind
from bot.model.releases import MergedPull
from bot.model.subjects import Subject
from bot.model.verdicts import Data, Message
from bot.policies.triage import titles
from bot.policies.triage.vocabulary import kind_of_label
from bot.releasing.gathering import World
from bot.releasing.parts import Place
from bot.releasing.telling import Stand, facts_of

#: So many changes of one kind are listed; the rest is counted.
MOST = 200

GROUPS: tuple[Kind | None, ...] = (Kind.FEATURE, Kind.BUG, Kind.DOCS, None)


def tag(stand: Stand, place: Place) -> CreateTag:
    """Return the tag of a release, on its candidate."""
    return CreateTag(Subject(place.repository.id, 0), stand.train.version, stand.train.sha)


def release(stand: Stand, world: World) -> PublishRelease:
    """Return the release itself, with its notes in the language of the repository."""
    place, merged = world.place, world.merged(stand.train)
    pulls = merged or ()
    grouped = {kind: [each for each in pulls if kind_of(each, place.config) is kind] for kind in GROUPS}
    data: dict[str, Data] = {**facts_of(stand, place), "is_too_much": merged is None}
    for kind, found in grouped.items():
        data |= _listed(kind.value if kind else "other", found)
    title, body = place.desk.words.headed(Message("release/notes", data), stand.train.language)
    return PublishRelease(Subject(place.repository.id, 0), stand.train.version, title, body.strip() + "\n")


def kind_of(pull: MergedPull, config: Config) -> Kind | None:
    """Return the kind of a change: by its labels first, then by how its title begins; None where neither says."""
    by_label = [kind for each in sorted(pull.labels) if (kind := kind_of_label(each, config))]
    if by_label:
        return by_label[0]
    kinds = titles.read(pull.title).kinds
    return next(iter(kinds)) if len(kinds) == 1 else _by_prefix(pull.title)


def _by_prefix(title: str) -> Kind | None:
    """Return the kind of a conventional title whose word names none of the three kinds by itself: `fix: ...`."""
    word = title.split(":", 1)[0].split("(", 1)[0].strip().rstrip("!").lower() if ":" in title else ""
    return {"fix": Kind.BUG, "bugfix": Kind.BUG, "hotfix": Kind.BUG, "perf": Kind.FEATURE}.get(word)


def _listed(name: str, pulls: Sequence[MergedPull]) -> dict[str, Data]:
    shown = pulls[:MOST]
    return {
        f"{name}_titles": tuple(each.title for each in shown),
        f"{name}_numbers": tuple(str(each.number) for each in shown),
        f"{name}_authors": tuple(each.author.login if each.author else "" for each in shown),
        f"{name}_more": len(pulls) - len(shown),
    }
