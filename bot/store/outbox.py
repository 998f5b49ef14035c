"""The outbox: effects wait here until GitHub has confirmed them, one writer per installation, urgent ones first."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, Engine, bindparam, case, func, literal_column, select, update

from bot.model.decisions import PendingEffect
from bot.model.effects import CreateTag, Dispatch, PublishRelease, SetLabels
from bot.model.forge import Receipt
from bot.model.subjects import Subject
from bot.store import releases, taking
from bot.store.engine import EFFECTS_LOCK, lock, passing, reading
from bot.store.pace import Pace
from bot.store.tables import Moment, State, applied, inbox, outbox, subjects
from bot.store.taking import Writer
from bot.store.upsert import upsert_many
from bot.store.wishes import digest

#: So many effects are taken at a time at most: what a decision usually wants, and one that has to be urgent waits for
#: no more than these.
AT_A_TIME = 5

#: How an effect ended: with a receipt, or with the reason of its death.
Ended = tuple[PendingEffect, Receipt | str]

_Budget = Callable[[int], int | None]


def _unknown(_installation_id: int) -> None:
    """Say that nobody knows how many calls are left."""


class Outbox:
    """The queue of effects in the database."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def claim_writer(self, now: datetime, *, budget_left: _Budget = _unknown) -> Writer | None:
        """Become the one writer of an installation that has something due; None when there is none.

        `budget_left` says how many calls GitHub last said an installation has left: noted here for the figures.
        """
        for installation_id in self._due(now):
            with self._engine.begin() as connection:
                if (writer := taking.claim(connection, installation_id, now, budget_left)) is not None:
                    return writer
        return None

    def claim_and_begin(
        self, now: datetime, *, pace: Pace, budget_left: _Budget = _unknown
    ) -> tuple[Writer, tuple[PendingEffect, ...]] | None:
        """Become a writer and take its first effects, in one transaction."""
        for installation_id in self._due(now):
            with self._engine.begin() as connection:
                if (writer := taking.claim(connection, installation_id, now, budget_left)) is not None:
                    return writer, taking.begin(connection, writer, now, pace, most=AT_A_TIME)
        return None

    def recent_writes(self, installation_id: int, *, now: datetime) -> list[datetime]:
        """Return when this installation wrote during the last hour, oldest first; once for each request."""
        with reading(self._engine) as connection:
            return taking.recent_writes(connection, installation_id, now - timedelta(hours=1))

    def begin(self, writer: Writer, now: datetime, *, pace: Pace | None = None) -> PendingEffect | None:
        """Take the writer's most urgent effect and mark it as tried, before the call is made.

        None ends the writer's turn: nothing is due, the lease is lost, or `pace` says that it has to rest first; then
        nobody writes for the installation before that time, and the work waits in the database.
        """
        with self._engine.begin() as connection:
            return next(iter(taking.begin(connection, writer, now, pace, most=1)), None)

    def go_on(
        self,
        writer: Writer,
        ended: Sequence[Ended],
        now: datetime,
        *,
        pace: Pace,
        untried: Sequence[PendingEffect] = (),
    ) -> tuple[PendingEffect, ...]:
        """Put down how effects ended and take the next ones, in one transaction; nothing ends the writer's turn."""
        with self._engine.begin() as connection:
            _end(connection, ended, untried, now)
            return taking.begin(connection, writer, now, pace, most=AT_A_TIME)

    def stop(
        self, writer: Writer, ended: Sequence[Ended], now: datetime, *, untried: Sequence[PendingEffect] = ()
    ) -> None:
        """Put down how effects ended and let somebody else write for the installation."""
        with self._engine.begin() as connection:
            _end(connection, ended, untried, now)
            taking.release(connection, writer)

    def confirm(self, pending: PendingEffect, receipt: Receipt, *, now: datetime) -> None:
        """Record that GitHub has it; a delivery whose last effect this was is done."""
        with self._engine.begin() as connection:
            _end(connection, [(pending, receipt)], (), now)

    def bury(self, pending: PendingEffect, reason: str, *, now: datetime) -> None:
        """Set an effect aside as dead, and the deliveries that wanted it with it."""
        with self._engine.begin() as connection:
            _end(connection, [(pending, reason)], (), now)

    def postpone(self, pending: PendingEffect, reason: str, *, not_before: datetime, may_have_happened: bool) -> None:
        """Keep an effect for a later try; one that certainly did not happen counts neither as tried nor as written."""
        with self._engine.begin() as connection:
            _postpone(connection, pending, reason, not_before=not_before, may_have_happened=may_have_happened)

    def release_writer(self, writer: Writer) -> None:
        """Let somebody else write for the installation."""
        with passing(self._engine) as connection:
            taking.release(connection, writer)

    def is_waiting(self, now: datetime) -> bool:
        """Say whether a writer would find something to do."""
        with reading(self._engine) as connection:
            return taking.due(connection, now) is not None

    def _due(self, now: datetime) -> Iterator[int]:
        """Yield the installation that is the most urgent; the next one if somebody else was faster.

        To look locks nothing: whoever claims it finds out whether it is still free.
        """
        known: set[int] = set()
        while True:
            with reading(self._engine) as connection:
                found = taking.due(connection, now)
            if found is None or found in known:
                return
            known.add(found)
            yield found


def settle(connection: Connection, *decisions: int, now: datetime) -> None:
    """Close the deliveries behind decisions of which nothing is under way: done, or dead if an effect died."""
    connection.execute(_SETTLE, {"of_decisions": sorted(decisions), "now": now})


def _end(connection: Connection, ended: Sequence[Ended], untried: Iterable[PendingEffect], now: datetime) -> None:
    """Put down how effects ended; those of them that were not tried wait again, as if nobody had taken them."""
    lock(connection, EFFECTS_LOCK)
    for each in untried:
        _postpone(connection, each, "the next turn", not_before=now, may_have_happened=False)
    if not ended:
        return
    _keep_applied(connection, ended, now)
    decisions: set[int] = set()
    outcomes = sorted(((*_outcome(how), pending) for pending, how in ended), key=lambda each: each[:2])
    for (state, reason), those in groupby(outcomes, key=lambda each: each[:2]):
        end = {"these": [pending.id for *_, pending in those], "as_state": state, "because": reason, "now": now}
        decisions.update(connection.execute(_END, end).scalars())
    for pending, how in ended:
        if isinstance(how, str) and isinstance(pending.effect, SetLabels):
            _disown(connection, pending.effect.subject)
        _pass_on(connection, pending, now)
    settle(connection, *decisions, now=now)


def _outcome(how: Receipt | str) -> tuple[State, str]:
    """Say how an effect stands that ended like this, and why."""
    if isinstance(how, str):
        return State.DEAD, how
    if how.is_overtaken:
        return State.IGNORED, "overtaken: its commit is no longer the head"
    return State.DONE, "written" if how.was_needed else "already so"


def _keep_applied(connection: Connection, ended: Iterable[Ended], now: datetime) -> None:
    """Remember what GitHub has; of what was overtaken it has nothing."""
    rows = [
        {
            "target": pending.effect.target,
            "digest": digest(pending.effect),
            "remote_id": how.remote_id,
            "applied_at": now,
            "repository_id": pending.repository.id,
        }
        for pending, how in ended
        if isinstance(how, Receipt) and not how.is_overtaken
    ]
    upsert_many(connection, applied, ("target",), rows)


def _postpone(
    connection: Connection, pending: PendingEffect, reason: str, *, not_before: datetime, may_have_happened: bool
) -> None:
    was_never_sent = not may_have_happened and pending.attempts == 0
    connection.execute(
        update(outbox)
        .where(outbox.c.id == pending.id, outbox.c.state == State.LEASED)
        .values(
            state=State.PENDING,
            lease=None,
            lease_until=None,
            not_before=not_before,
            reason=reason,
            attempts=outbox.c.attempts if may_have_happened else pending.attempts,
            written_at=None if was_never_sent else outbox.c.written_at,
        )
    )


def _pass_on(connection: Connection, pending: PendingEffect, now: datetime) -> None:
    """Have the releases looked at when a step of one is done, or cannot be: what comes next follows from that."""
    if isinstance(pending.effect, Dispatch | CreateTag | PublishRelease):
        repository = pending.repository
        cause = f"effect:{pending.id}:{pending.attempts}"
        releases.ask(connection, repository.id, repository.installation_id, cause, now)


def _disown(connection: Connection, subject: Subject) -> None:
    """Forget the marks that could not be set: their absence must not look like a person's doing."""
    connection.execute(
        update(subjects)
        .where(subjects.c.repository_id == subject.repository_id, subjects.c.number == subject.number)
        .values(label=None, type=None, digest="")
    )


# Built once: putting such a statement together costs as much as running it.
_END = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("these", expanding=True)))
    .values(
        state=bindparam("as_state"),
        reason=bindparam("because"),
        finished_at=bindparam("now", type_=Moment()),
        lease=None,
        lease_until=None,
    )
    .returning(outbox.c.decision)
)
_OF_IT = outbox.c.decision == inbox.c.decision
_UNDER_WAY = select(outbox.c.id).where(_OF_IT, literal_column("outbox.state <= 1")).exists()
#: Which effect died and of what: the operator sees this beside the delivery.
_DEATH = (
    select(outbox.c.target.concat(": ").concat(func.coalesce(outbox.c.reason, "")))
    .where(_OF_IT, literal_column("outbox.state = 5"))
    .order_by(outbox.c.id)
    .limit(1)
    .scalar_subquery()
)
_SETTLE = (
    update(inbox)
    .where(
        inbox.c.decision.in_(bindparam("of_decisions", expanding=True)), literal_column("inbox.state = 2"), ~_UNDER_WAY
    )
    .values(
        state=case((_DEATH.is_(None), int(State.DONE)), else_=int(State.DEAD)),
        reason=func.coalesce(_DEATH, "done"),
        finished_at=bindparam("now", type_=Moment()),
    )
)
