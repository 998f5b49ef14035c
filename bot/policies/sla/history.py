"""What is known of an issue's past -> what happened, once each and in order, however and how often it came in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.model.timeline import Happening, Remark, Source, What

#: What a delivery tells carries the issue's time of change, which may be a little later than the event's own.
_SLACK = timedelta(seconds=60)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_ORDER = {what: place for place, what in enumerate(What)}
# Of what happens in one second: "comment and close" is a comment, then a close.
_FIRST = {What.OPENED: 0, What.ARRIVED: 0, What.COMMENTED: 1}


def settle(happenings: Iterable[Happening], *, until: datetime) -> tuple[Happening, ...]:
    """Return what happened up to this moment. Neither order nor repetition of what is given changes the result."""
    groups: dict[tuple[object, ...], list[Happening]] = defaultdict(list)
    for each in happenings:
        groups[_identity(each)].append(each)
    known = [_one(group) if len(group) > 1 else _as_alone(group[0]) for group in groups.values()]
    deleted = {each.comment_id for each in known if each.what is What.COMMENT_DELETED and each.at <= until}
    remaining = [each for each in known if each.what is not What.COMMENTED or each.comment_id not in deleted]
    return tuple(sorted((each for each in _without_echoes(remaining) if each.at <= until), key=_place))


def _identity(happening: Happening) -> tuple[object, ...]:
    """Return what makes two entries one: an issue is opened once, and the versions of a comment are one comment."""
    match happening.what:
        case What.OPENED:
            return (What.OPENED,)
        case What.COMMENTED if happening.comment_id is not None:
            return (What.COMMENTED, happening.comment_id)
        case _:
            return (happening.id,)


def _one(group: Sequence[Happening]) -> Happening:
    """Make one of several: GitHub's own list first, and nothing known is given up for something unknown."""
    ordered = sorted(dict.fromkeys(group), key=_preference)
    return replace(
        ordered[0],
        at=min(each.at for each in group),
        actor=next((each.actor for each in ordered if each.actor), None),
        role=max((each.role for each in group if each.role is not None), default=None),
        commit=any(each.commit for each in group),
        remark=_remark(ordered),
    )


def _preference(happening: Happening) -> tuple[bool, datetime, str]:
    return happening.source is Source.HEARD, happening.edited_at or _LONG_AGO, repr(happening)


def _as_alone(happening: Happening) -> Happening:
    """Return an entry without the orders of a text that was changed: a command that is edited in is never run."""
    if happening.edited_at is None or happening.remark is None or not happening.remark.orders:
        return happening
    return replace(happening, remark=replace(happening.remark, orders=()))


def _remark(versions: Sequence[Happening]) -> Remark | None:
    """Take the commands from a comment as it was written, and whether it answers from how it reads last."""
    known = [each for each in versions if each.remark is not None]
    if not known:
        return None
    first = next((each.remark for each in known if each.edited_at is None), None)
    newest = max(known, key=lambda each: each.edited_at or _LONG_AGO).remark
    assert newest is not None  # only those with one are known
    return replace(newest, orders=first.orders if first else ())


def _without_echoes(happenings: Sequence[Happening]) -> Iterator[Happening]:
    """Drop from what was heard what GitHub's own list has too: the same deed of the same person at nearly the time."""
    if len({each.source for each in happenings}) < 2:
        yield from happenings
        return
    alike: dict[tuple[object, ...], list[Happening]] = defaultdict(list)
    for each in happenings:
        alike[_deed(each)].append(each)
    for group in alike.values():
        read = sorted((each for each in group if each.source is Source.READ), key=_place)
        heard = sorted((each for each in group if each.source is Source.HEARD), key=_place)
        yield from _paired(read, heard)


def _deed(happening: Happening) -> tuple[object, ...]:
    name = happening.name.casefold() if happening.name else ""
    return happening.what, happening.comment_id, name, happening.actor.id if happening.actor else 0


def _paired(read: Sequence[Happening], heard: Sequence[Happening]) -> Iterator[Happening]:
    """Yield what was read, each with what its echo knew besides, and what was heard only."""
    waiting = list(reversed(heard))
    for each in read:
        while waiting and each.at - waiting[-1].at > _SLACK:
            yield waiting.pop()
        is_echo = waiting and abs(waiting[-1].at - each.at) <= _SLACK
        yield _one([each, waiting.pop()]) if is_echo else each
    yield from reversed(waiting)


def _place(happening: Happening) -> tuple[datetime, int, int, int, str]:
    number = happening.id.rpartition(":")[2] if happening.source is Source.READ else ""
    rank = _FIRST.get(happening.what, 2)
    return happening.at, rank, int(number) if number.isdecimal() else 0, _ORDER[happening.what], happening.id
