"""Things to put into a store, spelled as a test wants to read them."""

from datetime import UTC, datetime, timedelta

import zstandard
from sqlalchemy import Engine, insert, select

from bot.model.decisions import Decision
from bot.model.effects import Effect, SetLabels, StickyComment
from bot.model.facts import Memory
from bot.model.subjects import Lane, Repository, Subject
from bot.model.verdicts import Outcome, Verdict
from bot.store.database import Database
from bot.store.tables import State, inbox, outbox

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MODEL = Repository(1296269, "acme/model", 77, "main", "acme")
SEVEN = Subject(1296269, 7)


def delivered(  # noqa: PLR0913  a row has that many sides
    engine: Engine,
    delivery: str,
    *,
    subject: str = SEVEN.key,
    lane: Lane = Lane.ISSUE,
    state: State = State.PENDING,
    at: datetime = NOW,
    installation: int = 77,
    body: bytes = b'{"a":1}',
) -> None:
    """Put a delivery into the inbox."""
    with engine.begin() as connection:
        connection.execute(
            insert(inbox).values(
                delivery=delivery,
                event="issues",
                lane=lane,
                subject=subject,
                installation_id=installation,
                received_at=at,
                state=state,
                not_before=at,
                body=zstandard.ZstdCompressor().compress(body),
            )
        )


def decision(
    *effects: Effect, subject: Subject = SEVEN, repository: Repository = MODEL, wake_at: datetime | None = None
) -> Decision:
    """Decide something that wants these effects."""
    return Decision(
        repository=repository,
        subject=subject,
        verdicts=(Verdict("triage", "prefix", Outcome.PASS),),
        effects=effects,
        memory=Memory(label="bug", seen_at=NOW, digest="f" * 64),
        config_digest="c" * 64,
        facts_digest="f" * 64,
        wake_at=wake_at,
    )


def labels(*add: str, subject: Subject = SEVEN) -> SetLabels:
    """Wish for labels."""
    return SetLabels(subject, add=add)


def comment(body: str, subject: Subject = SEVEN) -> StickyComment:
    """Wish for the sticky comment."""
    return StickyComment(subject, body)


def decided(database: Database, delivery: str, *effects: Effect, at: datetime = NOW) -> None:
    """Bring a delivery all the way to its decision."""
    delivered(database.engine, delivery, at=at)
    database.memory.keep_repository(MODEL)
    claim = database.inbox.claim(at)
    assert claim is not None
    assert database.record(claim, claim.seqs, decision(*effects), now=at)


def states(engine: Engine) -> dict[str, State]:
    """Return every delivery's state."""
    with engine.connect() as connection:
        return {row.delivery: State(row.state) for row in connection.execute(select(inbox.c.delivery, inbox.c.state))}


def effects(engine: Engine) -> list[tuple[str, State]]:
    """Return every effect's target and state, oldest first."""
    with engine.connect() as connection:
        rows = connection.execute(select(outbox.c.target, outbox.c.state).order_by(outbox.c.id))
        return [(row.target.split("/", 1)[1], State(row.state)) for row in rows]
