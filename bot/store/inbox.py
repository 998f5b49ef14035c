"""The inbox: deliveries are claimed by lease, one subject at a time, in order, commands first."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, bindparam, case, literal_column, or_, select, update
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.dml import ReturningUpdate, Update

from bot.model.subjects import Lane
from bot.store.bodies import unpack
from bot.store.engine import CLAIM_LOCK, pass_by, passing, reading
from bot.store.synthetic import TIMER_EVENT
from bot.store.tables import Moment, State, inbox, installations, outbox

#: Longer than any GitHub call may take; a worker that dies gives its work back after this.
LEASE = timedelta(seconds=30)

#: A delivery that fails this often, or takes its worker down with it, is set aside as a dead letter.
MOST_ATTEMPTS = 14

MOST_ROWS_A_SUBJECT = 200

INSTALLATION_EVENT = "installation"

#: By `seq`, with a sign that keeps SQLite from walking the whole table in that order instead of the waiting rows alone.
_BY_AGE: ColumnElement[int] = literal_column("+inbox.seq")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One claimed delivery, its body as it was signed."""

    seq: int
    id: str
    event: str
    subject: str
    installation_id: int
    received_at: datetime
    attempts: int
    body: bytes
    lane: Lane = Lane.ISSUE


@dataclass(frozen=True, slots=True)
class Claim:
    """All waiting deliveries of one subject, held under a lease until `until`."""

    lease: str
    until: datetime
    deliveries: tuple[Delivery, ...]

    @property
    def seqs(self) -> tuple[int, ...]:
        """The rows that are held."""
        return tuple(d.seq for d in self.deliveries)


class Inbox:
    """The queue of deliveries in the database."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def claim(self, now: datetime) -> Claim | None:
        """Take everything that waits for the most urgent free subject; None when nothing may be worked on now."""
        if not self.is_waiting(now):  # to look locks nothing
            return None
        with passing(self._engine, CLAIM_LOCK) as connection:
            first = _most_urgent(connection, now)
            if first is None:
                return None
            lease, until = secrets.token_hex(8), now + LEASE
            which = {"mine": first.seq} if first.subject == "" else {"mine": first.subject}
            values = {**which, "now": now, "by": lease, "until": until}
            rows = connection.execute(_TAKE_ONE if first.subject == "" else _TAKE, values).all()
        return Claim(lease, until, tuple(sorted((_delivery(r) for r in rows), key=lambda d: d.seq)))

    def is_waiting(self, now: datetime) -> bool:
        """Say whether something could be claimed now, without taking it."""
        with reading(self._engine) as connection:
            return _most_urgent(connection, now) is not None

    def ignore(self, claim: Claim, seqs: Sequence[int], reason: str, *, now: datetime) -> None:
        """Finish deliveries that need nothing done."""
        self._finish(claim, seqs, State.IGNORED, reason, now)

    def bury(self, claim: Claim, seqs: Sequence[int], reason: str, *, now: datetime) -> None:
        """Set deliveries aside as dead letters, with the reason; they can be re-armed."""
        self._finish(claim, seqs, State.DEAD, reason, now)

    def release(
        self, claim: Claim, seqs: Sequence[int], reason: str, *, not_before: datetime, counts: bool = True
    ) -> None:
        """Give deliveries back for a later try; a wait that GitHub asked for does not count as one."""
        if not seqs:
            return
        with passing(self._engine) as connection:
            connection.execute(
                update(inbox)
                .where(inbox.c.seq.in_(seqs), inbox.c.lease == claim.lease, inbox.c.state == State.LEASED)
                .values(
                    state=State.PENDING,
                    lease=None,
                    lease_until=None,
                    not_before=not_before,
                    reason=reason,
                    attempts=inbox.c.attempts if counts else inbox.c.attempts - 1,
                )
            )

    def rearm(self, delivery: str, *, now: datetime) -> bool:
        """Let a dead letter be tried again: from its dead effects on where it was decided already, else whole.

        Return False when there is no such dead letter.
        """
        dead = and_(inbox.c.delivery == delivery.lower(), inbox.c.state == State.DEAD)
        with self._engine.begin() as connection:
            row = connection.execute(select(inbox.c.seq, inbox.c.decision).where(dead)).first()
            if row is None:
                return False
            effects = connection.execute(
                update(outbox)
                .where(outbox.c.decision == row.decision, outbox.c.state == State.DEAD)
                .values(state=State.PENDING, attempts=1, not_before=now, finished_at=None)
            )
            state = State.DECIDED if effects.rowcount else State.PENDING
            connection.execute(
                update(inbox)
                .where(inbox.c.seq == row.seq)
                .values(state=state, attempts=0, not_before=now, lease=None, lease_until=None, finished_at=None)
            )
        return True

    def _finish(self, claim: Claim, seqs: Sequence[int], state: State, reason: str, now: datetime) -> None:
        if not seqs:
            return
        statement, values = _finish(claim, seqs, state=state, reason=reason, now=now)
        pass_by(self._engine, statement, values)


def finish(
    connection: Connection,
    claim: Claim,
    seqs: Sequence[int],
    *,
    state: State,
    reason: str,
    now: datetime,
    decision: int | None = None,
) -> bool:
    """End claimed deliveries in the caller's transaction; False when the lease was lost meanwhile."""
    statement, values = _finish(claim, seqs, state=state, reason=reason, now=now, decision=decision)
    return connection.execute(statement, values).rowcount == len(seqs)


def _finish(
    claim: Claim, seqs: Sequence[int], *, state: State, reason: str, now: datetime, decision: int | None = None
) -> tuple[Update, dict[str, object]]:
    """Return the statement that ends claimed deliveries, and what it is given."""
    values: dict[str, object] = {"state": state, "reason": reason, "lease": None, "lease_until": None}
    if state != State.DECIDED:
        values["finished_at"] = now
    if decision is not None:
        values["decision"] = decision
    which = {"mine": seqs[0] if len(seqs) == 1 else list(seqs), "held": claim.lease}
    return (_FINISH_ONE if len(seqs) == 1 else _FINISH), {**which, **values}


def _finishing(mine: ColumnElement[bool]) -> Update:
    return update(inbox).where(mine, inbox.c.lease == bindparam("held"), literal_column("inbox.state = 1"))


def _columns() -> tuple[ColumnElement[Any], ...]:
    c = inbox.c
    return (c.seq, c.delivery, c.event, c.subject, c.installation_id, c.received_at, c.attempts, c.body, c.lane)


def _delivery(row: Row[Any, Any]) -> Delivery:
    return Delivery(
        seq=row.seq,
        id=row.delivery,
        event=row.event,
        subject=row.subject,
        installation_id=row.installation_id,
        received_at=row.received_at,
        attempts=row.attempts,
        body=unpack(row.body),
        lane=Lane(row.lane),
    )


def ringing(connection: Connection, installation_id: int, *, since: datetime, now: datetime) -> bool:
    """Say whether clocks of an installation that rang since then are still to be judged."""
    found = connection.execute(_RINGING, {"installation": installation_id, "since": since, "now": now})
    return found.first() is not None


def _free() -> ColumnElement[bool]:
    """A row that nobody holds: pending, or held by a worker that is gone."""
    now = bindparam("now", type_=Moment())
    return literal_column("inbox.state <= 1") & or_(
        literal_column("inbox.state = 0"), and_(literal_column("inbox.state = 1"), inbox.c.lease_until < now)
    )


def _taking(column: ColumnElement[Any]) -> ReturningUpdate[Any]:
    free = select(inbox.c.seq).where(column == bindparam("mine"), _free()).order_by(_BY_AGE).limit(MOST_ROWS_A_SUBJECT)
    return (
        update(inbox)
        .where(inbox.c.seq.in_(free))
        .values(
            state=State.LEASED,
            lease=bindparam("by"),
            lease_until=bindparam("until", type_=Moment()),
            attempts=inbox.c.attempts + 1,
        )
        .returning(*_columns())
    )


def _most_urgent(connection: Connection, now: datetime) -> Row[Any, Any] | None:
    """Choose the next subject: by lane, then by age; held subjects and paused installations are passed over."""
    return connection.execute(_MOST_URGENT, {"now": now}).first()


def _choice() -> Select[Any]:
    held, now = inbox.alias("held"), bindparam("now", type_=Moment())
    due = case((literal_column("inbox.state = 0"), inbox.c.not_before <= now), else_=inbox.c.lease_until < now)
    is_held = (
        select(held.c.seq)
        .where(
            held.c.subject == inbox.c.subject,
            literal_column("held.state = 1"),
            held.c.lease_until >= now,
            literal_column("held.subject <> ''"),
        )
        .exists()
    )
    is_paused = (
        select(installations.c.id)
        .where(
            installations.c.id == inbox.c.installation_id,
            or_(installations.c.blocked_until > now, literal_column("installations.state = 'suspended'")),
            inbox.c.event != INSTALLATION_EVENT,  # the news that it goes on must get through
        )
        .exists()
    )
    return (
        select(inbox.c.seq, inbox.c.subject)
        # Written out, not bound: the planner must see that the partial index covers it.
        .where(literal_column("inbox.state <= 1"), due, ~is_held, ~is_paused)
        .order_by(inbox.c.lane, inbox.c.seq)
        .limit(1)
    )


# Built once: putting such a statement together costs as much as running it.
_MOST_URGENT = _choice()
_FINISH = _finishing(inbox.c.seq.in_(bindparam("mine", expanding=True)))
_FINISH_ONE = _finishing(inbox.c.seq == bindparam("mine"))
_TAKE, _TAKE_ONE = _taking(inbox.c.subject), _taking(inbox.c.seq)
_RINGING = (
    select(inbox.c.seq)
    .where(
        literal_column("inbox.state <= 1"),
        inbox.c.event == TIMER_EVENT,
        inbox.c.installation_id == bindparam("installation"),
        inbox.c.not_before <= bindparam("now", type_=Moment()),
        inbox.c.received_at > bindparam("since", type_=Moment()),
    )
    .limit(1)
)
