"""Things that happen to an issue, by hours after it was opened on Monday, 23 November 2026, 06:00 UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.config import Config, parse
from bot.model.kinds import Kind
from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.model.timeline import Happening, Regime, Remark, Source, Timeline, What, comment_key, event_key, heard_key
from bot.policies.sla.clock import Clock, clock
from bot.policies.sla.goals import Goal
from bot.policies.sla.remarks import remark

OPENED = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
AUTHOR = Actor(1, "author")
MAINTAINER = Actor(2, "maintainer")
OTHER = Actor(3, "passer-by")
BOT = Actor(4, "helpful[bot]", is_bot=True)
ROLES = {AUTHOR: Role.READ, MAINTAINER: Role.WRITE, OTHER: Role.READ, BOT: Role.WRITE}
ANSWER = "Thanks, I can reproduce this."


def at(hours: float) -> datetime:
    """Return the moment so many hours after the opening."""
    return OPENED + timedelta(hours=hours)


def opened(by: Actor | None = AUTHOR, *, hours: float = 0) -> Happening:
    """The issue is opened."""
    return Happening(id="opened", what=What.OPENED, at=at(hours), actor=by, role=ROLES.get(by) if by else None)


def comment(
    hours: float,
    by: Actor | None = MAINTAINER,
    body: str = ANSWER,
    *,
    role: Role | None = Role.NONE,
    number: int | None = None,
    edited: float | None = None,
    said: Remark | None = None,
) -> Happening:
    """Somebody comments; without a role given they have their usual one."""
    number = round(hours * 1000) + 1 if number is None else number
    edited_at = None if edited is None else at(edited)
    return Happening(
        id=comment_key(number, edited_at),
        what=What.COMMENTED,
        at=at(hours),
        actor=by,
        role=(ROLES.get(by) if by else None) if role is Role.NONE else role,
        comment_id=number,
        remark=said or remark(body),
        edited_at=edited_at,
    )


def deed(
    what: What,
    hours: float,
    by: Actor | None = MAINTAINER,
    name: str | None = None,
    *,
    commit: bool = False,
    number: int | None = None,
    role: Role | None = Role.NONE,
) -> Happening:
    """Somebody does something other than commenting; with a number it was read from GitHub's list, else heard."""
    return Happening(
        id=heard_key(what, at(hours), by, name) if number is None else event_key(number),
        what=what,
        at=at(hours),
        actor=by,
        role=(ROLES.get(by) if by else None) if role is Role.NONE else role,
        source=Source.HEARD if number is None else Source.READ,
        name=name,
        commit=commit,
    )


def labeled(hours: float, name: str = "bug", by: Actor | None = MAINTAINER, *, number: int | None = None) -> Happening:
    """A maintainer sets a label."""
    return deed(What.LABELED, hours, by, name, number=number)


def unlabeled(
    hours: float, name: str = "bug", by: Actor | None = MAINTAINER, *, number: int | None = None
) -> Happening:
    """A maintainer takes a label away."""
    return deed(What.UNLABELED, hours, by, name, number=number)


def closed(hours: float, by: Actor | None = MAINTAINER, *, commit: bool = False) -> Happening:
    """Somebody closes the issue."""
    return deed(What.CLOSED, hours, by, commit=commit)


def reopened(hours: float, by: Actor | None = AUTHOR) -> Happening:
    """Somebody opens it again."""
    return deed(What.REOPENED, hours, by)


def bug(*happenings: Happening) -> tuple[Happening, ...]:
    """Return the past of an issue that was opened as a bug."""
    return (opened(), labeled(0), *happenings)


def run(
    happenings: Iterable[Happening],
    now: float,
    *,
    config: str | Config = "",
    kind: Kind | None = None,
    regimes: tuple[Regime, ...] = (),
) -> Clock:
    """Return the clock so many hours after the opening."""
    settings = parse(config) if isinstance(config, str) else config
    return clock(Timeline(tuple(happenings), regimes, kind=kind), settings, at(now))


def first(happenings: Iterable[Happening], now: float, *, config: str | Config = "") -> Goal:
    """Return how the first answer of the newest round stands so many hours after the opening."""
    return run(happenings, now, config=config).laps[-1].first_answer


def hours(time: timedelta | None) -> float | None:
    """Return a time in hours."""
    return None if time is None else time / timedelta(hours=1)


def when(moment: datetime | None) -> float | None:
    """Return a moment in hours after the opening."""
    return None if moment is None else (moment - OPENED) / timedelta(hours=1)
