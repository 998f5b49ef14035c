"""Who is who in what is told: one account for each login, and a role, if need be a likely one."""

from collections.abc import Sequence
from zlib import crc32

from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.model.timeline import What
from bot.policies.sla.events.told import Person, Told

#: What GitHub says of an account's part in a repository -> the role that this most likely means.
_LIKELY = {
    "OWNER": Role.ADMIN,
    "MEMBER": Role.WRITE,
    "COLLABORATOR": Role.WRITE,
    "CONTRIBUTOR": Role.READ,
    "FIRST_TIME_CONTRIBUTOR": Role.READ,
    "FIRST_TIMER": Role.READ,
    "MANNEQUIN": Role.READ,
    "NONE": Role.READ,
}
#: What GitHub lets nobody do without the role `triage`.
_PRIVILEGED = frozenset({What.LABELED, What.UNLABELED, What.MILESTONED, What.DEMILESTONED, What.TRANSFERRED})
# Made-up ids lie far above GitHub's.
_MADE_UP = 1 << 40


class People:
    """Everybody who is told of. `likely` are those whose role was not given and is only likely."""

    def __init__(self, told: Sequence[Told], roles: dict[str, Role]) -> None:
        """Look through everything once; `roles` are given by login for the whole."""
        self.likely: dict[str, Role] = {}
        self._given = {login.casefold(): role for login, role in roles.items()}
        self._ids: dict[str, int] = {}
        self._actors: dict[tuple[str, bool], Actor] = {}
        self._known: dict[str, Role] = {}
        self._associations: dict[str, Role] = {}
        self._author = next((each.by.login.casefold() for each in told if each.what is What.OPENED and each.by), "")
        for each in told:
            if each.by is not None:
                self._meet(each, each.by)

    def _meet(self, each: Told, by: Person) -> None:
        login = by.login.casefold()
        if by.id is not None:
            self._ids.setdefault(login, by.id)
        if by.role is not None:
            self._known[login] = max(by.role, self._known.get(login, by.role))
        likely = _LIKELY.get((by.association or "").upper())
        if each.what in _PRIVILEGED and login != self._author:
            likely = max(likely or Role.TRIAGE, Role.TRIAGE)
        if likely is not None:
            self._associations[login] = max(likely, self._associations.get(login, likely))

    def actor(self, by: Person | None) -> Actor | None:
        """Return the account."""
        if by is None:
            return None
        if (by.login, by.is_bot) not in self._actors:
            made_up = _MADE_UP + crc32(by.login.casefold().encode())
            actor = Actor(self._ids.get(by.login.casefold(), made_up), by.login, is_bot=by.is_bot)
            self._actors[by.login, by.is_bot] = actor
        return self._actors[by.login, by.is_bot]

    def role(self, each: Told) -> Role | None:
        """Return the role in which something was done: as told with it, or of the person, or a likely one."""
        if each.by is None or each.by.is_bot:
            return None
        login = each.by.login.casefold()
        told = each.by.role if each.by.role is not None else self._given.get(login, self._known.get(login))
        if told is not None:
            return told
        likely = self._associations.get(login)
        if likely is not None and login != self._author:
            self.likely[each.by.login] = likely
        return likely
