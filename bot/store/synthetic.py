"""Deliveries that GitHub did not send: timers and sweeps put them into the same inbox, under keys of their own."""

from datetime import datetime

import zstandard
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.subjects import Lane
from bot.store.tables import State, inbox

TIMER_EVENT = "reeve.timer"
SWEEP_EVENT = "reeve.sweep"
SWEEP_PULL_EVENT = "reeve.sweep.pull"
SWEEP_COMMENT_EVENT = "reeve.sweep.comment"
WELCOME_EVENT = "reeve.welcome"
DIGEST_EVENT = "reeve.digest"
GATES_EVENT = "reeve.gates"
RELEASE_EVENT = "reeve.release"

SWEEPS = frozenset({SWEEP_EVENT, SWEEP_PULL_EVENT, SWEEP_COMMENT_EVENT})
SYNTHETIC = SWEEPS | {TIMER_EVENT, WELCOME_EVENT, GATES_EVENT, RELEASE_EVENT, DIGEST_EVENT}


def deliver(  # noqa: PLR0913  one row's columns
    connection: Connection,
    key: str,
    *,
    event: str,
    subject: str,
    installation_id: int,
    now: datetime,
    body: bytes = b"{}",
    lane: Lane = Lane.SWEEP,
) -> bool:
    """Put a delivery into the inbox and say whether it is new; the same key twice is one delivery."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    written = connection.execute(
        insert(inbox)
        .values(
            delivery=key,
            event=event,
            lane=lane,
            subject=subject,
            installation_id=installation_id,
            received_at=now,
            state=State.PENDING,
            not_before=now,
            body=zstandard.ZstdCompressor().compress(body),
        )
        .on_conflict_do_nothing(index_elements=["delivery"])
        .returning(inbox.c.seq)
    )
    return written.first() is not None
