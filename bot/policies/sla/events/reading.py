"""The text of a file of events -> the timeline of one issue, whichever way it is written down."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from bot.model.facts import Issue as IssueFacts
from bot.model.roles import Role
from bot.model.subjects import Actor, Subject
from bot.model.timeline import Happening, Remark, Source, Timeline, What, comment_key, event_key, heard_key
from bot.policies.sla.events.document import take_apart
from bot.policies.sla.events.mistakes import EventsError, Note
from bot.policies.sla.events.people import People
from bot.policies.sla.events.shapes import Account, Delivery, Entry, Issue
from bot.policies.sla.events.told import Person, Told, as_role, of_delivery, of_entry, of_issue, person, utc
from bot.policies.sla.remarks import remark

Shape = TypeVar("Shape", Issue, Entry, Delivery)


@dataclass(frozen=True, slots=True)
class Given:
    """What a file gives: the timeline, the issue as it is now if it is in there, and what had to be assumed."""

    timeline: Timeline
    issue: IssueFacts | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """When and by whom an issue was opened, for a list that does not say so."""

    at: datetime | None = None
    by: str | None = None


def read(text: str | bytes, opening: Opening = Opening()) -> Given:
    """Read the events of one issue; raise `EventsError` naming the place of the first thing that cannot be read."""
    parts = take_apart(text.encode() if isinstance(text, str) else text)
    reader = _Reader(parts.issue, opening)
    for place, value in parts.entries:
        reader.take(value, place)
    told = reader.all()
    people = People(told, {login: _given_role(role, login) for login, role in (parts.roles or {}).items()})
    maker = _Maker(people)
    happenings = tuple(maker.happening(each) for each in told)
    likely = ", ".join(f"{login} {role.name.lower()}" for login, role in sorted(people.likely.items()))
    notes = [*reader.notes, *([Note("likely-roles", {"roles": likely})] if likely else [])]
    return Given(Timeline(happenings), reader.facts(people), tuple(notes))


def _given_role(role: Any, login: str) -> Role:  # noqa: ANN401  whatever stands there
    found = as_role(role, f"roles.{login}") if isinstance(role, str | int) else None
    if found is None:
        raise EventsError(f"roles.{login}", "role", role=str(role))
    return found


def _shape(value: object, shape: type[Shape], place: str) -> Shape:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        raise EventsError(place + path.rstrip("`"), "wrong-shape", problem=problem) from error


class _Reader:
    """Takes entry after entry, whatever form each has."""

    def __init__(self, issue: dict[str, Any] | None, opening: Opening) -> None:
        self.notes: list[Note] = []
        self._told: list[Told] = []
        self._issue = None if issue is None else _shape(issue, Issue, "issue")
        self._place = "issue"
        self._others: dict[str, int] = {}
        self._opening = opening

    def take(self, value: dict[str, Any], place: str) -> None:
        """Take a delivery, with or without its wrapping, an entry of a list, or the issue itself."""
        for wrapping in ("payload", "body"):
            if isinstance(value.get(wrapping), dict):
                return self.take(value[wrapping], f"{place}.{wrapping}")
        if "event" in value or "what" in value:
            return self._enter(_shape(value, Entry, place), place)
        if "action" in value:
            return self._deliver(value, place)
        if isinstance(value.get("issue"), dict):
            return self.take(value["issue"], f"{place}.issue")
        if "body" in value and "title" not in value:  # a comment by itself
            return self._enter(_shape(value, Entry, place), place)
        return self._meet(_shape(value, Issue, place), place)

    def _enter(self, entry: Entry, place: str) -> None:
        told = of_entry(entry, place)
        if told is None:
            self._pass_over(entry.event or entry.what or "?")
        else:
            self._told.append(told)

    def _deliver(self, value: dict[str, Any], place: str) -> None:
        if "issue" not in value:
            self._pass_over(str(value["action"]))
            return
        delivery = _shape(value, Delivery, place)
        before = len(self._told)
        self._told += of_delivery(delivery, place)
        if len(self._told) == before:
            self._pass_over(delivery.action)
        self._meet(delivery.issue, f"{place}.issue")

    def _meet(self, issue: Issue, place: str) -> None:
        """Keep the newest state of the issue; all must be of one."""
        if self._issue and self._issue.number and issue.number and issue.number != self._issue.number:
            raise EventsError(place, "several-issues", first=self._issue.number, second=issue.number)
        oldest = datetime.min.replace(tzinfo=UTC)
        if self._issue is None or (issue.updated_at or oldest) >= (self._issue.updated_at or oldest):
            self._issue, self._place = issue, place

    def _pass_over(self, word: str) -> None:
        self._others[word] = self._others.get(word, 0) + 1

    def all(self) -> list[Told]:
        """Return everything that was told, with the opening and the end as far as the issue itself tells of them."""
        if self._others:
            counts = sorted(self._others.items())[:10]
            words = ", ".join(word if count == 1 else f"{word} ({count})" for word, count in counts)
            self.notes.append(Note("passed-over", {"words": words}))
        if self._issue is not None:
            self._told += [each for each in of_issue(self._issue, self._place) if each.what is What.OPENED]
            self._told += self._unheard_end(self._issue)
        if not self._told:
            raise EventsError("the file", "no-events")
        return self._arrived(self._with_opening(self._told))

    def _unheard_end(self, issue: Issue) -> Iterator[Told]:
        """Give the closing of a closed issue of which no event tells."""
        is_told = any(each.what is What.CLOSED for each in self._told)
        if issue.state == "closed" and issue.closed_at is not None and not is_told:
            self.notes.append(Note("unheard-closing"))
            by = person(issue.closed_by, None, None, self._place)
            yield Told(what=What.CLOSED, at=utc(issue.closed_at, f"{self._place}.closed_at"), by=by, source=Source.READ)

    def _with_opening(self, told: list[Told]) -> list[Told]:
        """Take the opening as given, or else the first entry for it, where nothing tells of one."""
        by, at = self._opening.by, self._opening.at
        if not any(each.what is What.OPENED for each in told):
            if at is None:
                at = min(each.at for each in told)
                self.notes.append(Note("opening-assumed", {"at": at.isoformat()}))
            if by is None:
                self.notes.append(Note("author-unknown"))
            told = [Told(what=What.OPENED, at=at, by=Person(by) if by else None, source=Source.READ), *told]
        return told

    def _arrived(self, told: list[Told]) -> list[Told]:
        """Take a transfer for an arrival if the issue lives on here: its list moves with it."""
        last = max(each.at for each in told)
        moved = [each for each in told if each.what is What.TRANSFERRED and each.at < last]
        if not moved:
            return told
        self.notes.append(Note("arrived", {"at": moved[0].at.isoformat()}))
        return [replace(each, what=What.ARRIVED) if each in moved else each for each in told]

    def facts(self, people: People) -> IssueFacts | None:
        """Return the issue as triage sees it; its repository does not matter."""
        if self._issue is None:
            return None
        issue = self._issue
        labels = frozenset(each if isinstance(each, str) else each.text or "" for each in issue.labels)
        kind = issue.type if isinstance(issue.type, str) or issue.type is None else issue.type.text
        created_at = utc(issue.created_at, self._place)
        return IssueFacts(
            subject=Subject(0, issue.number),
            title=issue.title or "",
            body=issue.body or "",
            author=people.actor(person(_account(issue.user), None, None, self._place)),
            labels=labels,
            type=kind,
            is_open=issue.state == "open",
            comments=0,
            created_at=created_at,
            updated_at=utc(issue.updated_at or created_at, f"{self._place}.updated_at"),
        )


def _account(account: Account | str | None) -> Account | None:
    return Account(login=account) if isinstance(account, str) else account


class _Maker:
    """Makes happenings of what is told; equal texts are read once."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._remarks: dict[tuple[str, bool], Remark] = {}

    def happening(self, told: Told) -> Happening:
        """Return the happening, under the id that it would have in the service."""
        actor = self._people.actor(told.by)
        return Happening(
            id=_id(told, actor),
            what=told.what,
            at=told.at,
            actor=actor,
            role=self._people.role(told),
            source=told.source,
            name=told.name,
            comment_id=told.comment_id,
            remark=self._remark(told) if told.what is What.COMMENTED else None,
            edited_at=told.edited_at,
            commit=told.commit,
        )

    def _remark(self, told: Told) -> Remark:
        key = (told.body or "", told.is_by_app)
        if told.remark is None and key not in self._remarks:
            self._remarks[key] = remark(key[0], is_by_app=told.is_by_app)
        return told.remark or self._remarks[key]


def _id(told: Told, actor: Actor | None) -> str:
    if told.what is What.COMMENTED and told.comment_id is not None:
        return comment_key(told.comment_id, told.edited_at)
    if isinstance(told.number, str):
        return told.number
    if told.number is not None and told.what is not What.OPENED:
        return event_key(told.number)
    return heard_key(told.what, told.at, actor, told.name)
