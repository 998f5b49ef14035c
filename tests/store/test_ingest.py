"""The group commit: what is new is stored once, what is known is judged by its body and its state."""

import asyncio
import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, create_engine, func, insert, select, update

from bot.model.errors import Full, StoreDown
from bot.model.states import State
from bot.model.subjects import Lane
from bot.store.bodies import packer, unpack
from bot.store.group_commit import GroupCommit
from bot.store.ingest import COLUMNS, Admission, Arrival, Ingest
from bot.store.tables import inbox, metadata, outbox
from tests import services
from tests.services import empty

SERVER = f"{os.environ.get(services.POSTGRES, '')}/postgres"
NOON = 1_790_000_000_000

pack = packer()


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A database of this module's own, dropped afterwards."""
    name = f"reeve_ingest_{uuid.uuid4().hex}"
    if services.missing():
        pytest.skip(f"{services.MISSING_SERVICE}PostgreSQL")
    with psycopg.connect(SERVER, autocommit=True, connect_timeout=2) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        url = SERVER.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://") + f"/{name}"
        made = create_engine(url)
        metadata.create_all(made)
        made.dispose()
        yield url
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each test runs on both databases, on empty tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'reeve.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The same database by the other road, to look at what was stored."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        metadata.create_all(engine)
    else:
        empty(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def ingest(engine: Engine, url: str) -> Iterator[Ingest]:  # noqa: ARG001  the engine makes the tables
    """The writing end of an empty inbox."""
    ingest = Ingest(url)
    yield ingest
    ingest.close()


def arrival(
    *, delivery: str | None = None, body: bytes = b'{"action":"opened"}', state: State = State.PENDING
) -> Arrival:
    """A delivery about one issue, with an id of its own unless one is given."""
    return Arrival(delivery or str(uuid.uuid4()), "issues", Lane.ISSUE, "1296269#7", 77, NOON, state, pack(body))


def rows(engine: Engine) -> list[Any]:
    """All rows of the inbox, oldest first."""
    with engine.connect() as connection:
        return list(connection.execute(select(inbox).order_by(inbox.c.seq)))


def set_state(engine: Engine, state: State, **others: Any) -> None:
    """Let a worker have brought every delivery to this state."""
    with engine.begin() as connection:
        connection.execute(update(inbox).values(state=state, **others))


def test_the_columns_are_those_of_the_table_and_the_others_have_defaults() -> None:
    left = [c for c in inbox.c if c.name not in COLUMNS and not c.primary_key]
    assert set(COLUMNS) <= set(inbox.c.keys())
    assert all(c.nullable or c.server_default is not None for c in left)


def test_a_new_delivery_is_stored_with_everything_it_said(ingest: Ingest, engine: Engine) -> None:
    body = b"x" * 20_000
    new = arrival(body=body)

    assert ingest.admit([new]) == [Admission.ACCEPTED]

    (row,) = rows(engine)
    assert (row.delivery, row.event, row.lane, row.subject) == (new.delivery, "issues", Lane.ISSUE, "1296269#7")
    assert (row.installation_id, row.state, row.attempts, row.finished_at) == (77, State.PENDING, 0, None)
    assert row.received_at == row.not_before
    assert round(row.received_at.timestamp() * 1000) == NOON
    assert unpack(row.body) == body
    assert len(row.body) < 200


def test_an_irrelevant_delivery_is_stored_as_finished(ingest: Ingest, engine: Engine) -> None:
    ingest.admit([arrival(state=State.IGNORED)])

    (row,) = rows(engine)
    assert row.state == State.IGNORED
    assert row.finished_at == row.received_at


@pytest.mark.parametrize("size", [1, 2, 9, 61, 128])
def test_a_batch_of_new_deliveries_is_stored_whole_and_in_order(ingest: Ingest, engine: Engine, size: int) -> None:
    batch = [arrival() for _ in range(size)]

    assert ingest.admit(batch) == [Admission.ACCEPTED] * size

    assert [row.delivery for row in rows(engine)] == [a.delivery for a in batch]


@pytest.mark.parametrize("place", [0, 8])
def test_a_repeat_is_found_in_a_batch_of_an_odd_size(ingest: Ingest, engine: Engine, place: int) -> None:
    known = arrival()
    ingest.admit([known])
    batch = [arrival() for _ in range(8)]
    batch.insert(place, known)

    admissions = ingest.admit(batch)

    assert [i for i, admission in enumerate(admissions) if admission is Admission.WAITING] == [place]
    assert len(rows(engine)) == 9


def test_nothing_to_admit_is_nothing_to_do(ingest: Ingest) -> None:
    assert ingest.admit([]) == []


@pytest.mark.parametrize(
    ("state", "admission"),
    [
        (State.PENDING, Admission.WAITING),
        (State.LEASED, Admission.WAITING),
        (State.DECIDED, Admission.WAITING),
        (State.DONE, Admission.FINISHED),
        (State.IGNORED, Admission.FINISHED),
        (State.DEAD, Admission.REARMED),
    ],
)
def test_a_repeat_is_answered_by_the_state_of_the_first(
    ingest: Ingest, engine: Engine, state: State, admission: Admission
) -> None:
    first = arrival()
    ingest.admit([first])
    set_state(engine, state)

    assert ingest.admit([first]) == [admission]

    assert len(rows(engine)) == 1


def test_new_ones_and_repeats_in_one_batch_are_told_apart(ingest: Ingest, engine: Engine) -> None:
    known = [arrival() for _ in range(3)]
    ingest.admit(known)
    fresh = [arrival() for _ in range(3)]

    mixed = [known[2], fresh[0], known[0], fresh[1], fresh[1], fresh[2], known[1]]

    wait, new = Admission.WAITING, Admission.ACCEPTED
    assert ingest.admit(mixed) == [wait, new, wait, new, wait, new, wait]
    assert len(rows(engine)) == 6


@pytest.mark.parametrize("state", list(State))
def test_another_body_under_a_known_id_never_replaces_the_first(ingest: Ingest, engine: Engine, state: State) -> None:
    first = arrival(body=b"first")
    ingest.admit([first])
    set_state(engine, state)

    assert ingest.admit([replace(first, packed=pack(b"second"))]) == [Admission.CONFLICT]

    (row,) = rows(engine)
    assert unpack(row.body) == b"first"
    assert row.state == state
    assert ingest.conflicts == 1


def test_two_bodies_under_one_id_in_the_same_batch_conflict(ingest: Ingest) -> None:
    first = arrival(body=b"first")
    assert ingest.admit([first, replace(first, packed=pack(b"second"))]) == [Admission.ACCEPTED, Admission.CONFLICT]


def test_a_dead_delivery_that_comes_again_waits_again_and_keeps_its_reason(ingest: Ingest, engine: Engine) -> None:
    first = arrival()
    ingest.admit([first])
    set_state(engine, State.DEAD, attempts=5, lease="w1", reason="GitHub said no")

    assert ingest.admit([replace(first, received_at=NOON + 5_000)]) == [Admission.REARMED]

    (row,) = rows(engine)
    assert (row.state, row.attempts, row.lease, row.lease_until) == (State.PENDING, 0, None, None)
    assert (row.reason, row.finished_at) == ("GitHub said no", None)
    assert round(row.not_before.timestamp() * 1000) == NOON + 5_000


def test_only_the_dead_effects_of_the_rearmed_delivery_wait_again(ingest: Ingest, engine: Engine) -> None:
    first = arrival()
    ingest.admit([first])
    set_state(engine, State.DEAD, decision=9)
    with engine.begin() as connection:
        for decision, state in ((9, State.DEAD), (9, State.DONE), (8, State.DEAD)):
            connection.execute(insert(outbox).values(effect(decision, state, rows(engine)[0].received_at)))

    ingest.admit([first])

    with engine.connect() as connection:
        states = list(connection.execute(select(outbox.c.state).order_by(outbox.c.id)).scalars())
    assert states == [State.PENDING, State.DONE, State.DEAD]


def effect(decision: int, state: State, moment: Any) -> dict[str, Any]:
    """A row of the outbox in this state."""
    return {
        "decision": decision,
        "state": state,
        "installation_id": 77,
        "repository_id": 1,
        "target": "1#7/labels",
        "kind": "set_labels",
        "priority": 10,
        "digest": "d",
        "payload": "{}",
        "attempts": 5,
        "not_before": moment,
        "created_at": moment,
    }


def test_a_database_without_tables_is_down_and_works_once_they_are_there(ingest: Ingest, engine: Engine) -> None:
    metadata.drop_all(engine)
    with pytest.raises(StoreDown):
        ingest.admit([arrival()])

    metadata.create_all(engine)

    assert ingest.admit([arrival()]) == [Admission.ACCEPTED]


def test_a_lost_connection_to_postgresql_is_opened_again(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    metadata.create_all(engine)
    ingest = Ingest(postgres_url)
    ingest.admit([arrival()])
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert ingest.admit([arrival()]) == [Admission.ACCEPTED]

    ingest.close()
    engine.dispose()


def test_a_postgresql_that_is_not_there_is_down() -> None:
    ingest = Ingest("postgresql+psycopg://nobody@localhost:1/none")
    with pytest.raises(StoreDown):
        ingest.admit([arrival()])


def test_a_sqlite_file_that_cannot_be_opened_is_down(tmp_path: Path) -> None:
    with pytest.raises(StoreDown):
        Ingest(f"sqlite:///{tmp_path / 'no-such-folder' / 'reeve.db'}")


def test_an_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        Ingest("mysql://localhost/reeve")


def test_a_number_that_no_column_holds_is_down_and_not_a_crash(ingest: Ingest) -> None:
    with pytest.raises(StoreDown):
        ingest.admit([replace(arrival(), installation_id=1 << 70)])


def test_the_write_ahead_log_is_moved_into_the_file_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "reeve.db"
    metadata.create_all(create_engine(f"sqlite:///{path}"))
    ingest = Ingest(f"sqlite:///{path}")
    before = path.stat().st_size
    for _ in range(10):
        ingest.admit([arrival(body=os.urandom(50_000))])

    wait_until(lambda: path.stat().st_size > before + 400_000)

    assert ingest.admit([arrival()]) == [Admission.ACCEPTED]  # and the door stays open over it
    ingest.close()


def wait_until(is_so: Any, patience: float = 10) -> None:
    """Return as soon as the claim holds; fail when it does not within the patience (seconds)."""
    ticks = threading.Event()
    for _ in range(int(patience / 0.02)):
        if is_so():
            return
        ticks.wait(0.02)
    pytest.fail("did not come true in time")


class Disk:
    """A slow disk under the test's hand: writes only when told, and remembers the batches."""

    def __init__(self) -> None:
        """Hold the first write."""
        self.batches: list[int] = []
        self.may_write = threading.Event()
        self.fault: Exception | None = None

    def admit(self, arrivals: Sequence[Arrival]) -> list[Admission]:
        """Write when allowed to, or fail as told."""
        self.batches.append(len(arrivals))
        self.may_write.wait(10)
        if self.fault:
            raise self.fault
        return [Admission.ACCEPTED] * len(arrivals)


async def settle() -> None:
    """Let the loop and the writing thread take a few turns."""
    for _ in range(5):
        await asyncio.sleep(0.01)


def test_what_comes_while_a_batch_is_written_goes_in_the_next_one() -> None:
    async def story() -> None:
        first = asyncio.ensure_future(group.submit(arrival()))
        await settle()
        later = [asyncio.ensure_future(group.submit(arrival())) for _ in range(5)]
        await settle()
        disk.may_write.set()
        assert set(await asyncio.gather(first, *later)) == {Admission.ACCEPTED}

    disk = Disk()
    group = GroupCommit(disk.admit)
    asyncio.run(story())
    assert disk.batches == [1, 5]


def test_no_batch_is_larger_than_allowed() -> None:
    async def story() -> None:
        await asyncio.gather(*(group.submit(arrival()) for _ in range(10)))

    disk = Disk()
    disk.may_write.set()
    group = GroupCommit(disk.admit, batch=4)
    asyncio.run(story())
    assert disk.batches == [4, 4, 2]


@pytest.mark.parametrize("limit", [{"most": 3}, {"most_bytes": 4 * len(arrival().packed)}])
def test_beyond_the_bound_a_delivery_is_refused_at_once_and_the_others_go_on(limit: dict[str, Any]) -> None:
    async def story() -> None:
        first = asyncio.ensure_future(group.submit(arrival()))
        await settle()
        waiting = [asyncio.ensure_future(group.submit(arrival())) for _ in range(3)]
        await settle()
        with pytest.raises(Full):
            await group.submit(arrival())
        disk.may_write.set()
        assert await asyncio.gather(first, *waiting) == [Admission.ACCEPTED] * 4
        assert await group.submit(arrival()) is Admission.ACCEPTED

    disk = Disk()
    group = GroupCommit(disk.admit, **limit)
    asyncio.run(story())


def test_a_failed_batch_fails_all_its_waiters_and_the_next_one_is_tried() -> None:
    async def story() -> None:
        disk.fault = StoreDown("disk full")
        failed = await asyncio.gather(*(group.submit(arrival()) for _ in range(3)), return_exceptions=True)
        assert [type(f) for f in failed] == [StoreDown] * 3
        disk.fault = None
        assert await group.submit(arrival()) is Admission.ACCEPTED

    disk = Disk()
    disk.may_write.set()
    group = GroupCommit(disk.admit)
    asyncio.run(story())


def test_a_waiter_that_gives_up_does_not_disturb_its_batch() -> None:
    async def story() -> None:
        leaving, staying = (asyncio.ensure_future(group.submit(arrival())) for _ in range(2))
        await settle()
        leaving.cancel()
        disk.may_write.set()
        assert await staying is Admission.ACCEPTED

    disk = Disk()
    group = GroupCommit(disk.admit)
    asyncio.run(story())


def test_the_doorbell_hears_only_of_work_that_now_waits() -> None:
    async def story() -> None:
        await asyncio.gather(*(group.submit(a) for a in (arrival(), arrival(state=State.IGNORED), arrival())))
        await group.submit(arrival(state=State.IGNORED))

    rings: list[int] = []
    sizes: list[int] = []
    disk = Disk()
    disk.may_write.set()
    group = GroupCommit(disk.admit, on_commit=rings.append, on_batch=sizes.append)
    asyncio.run(story())
    assert rings == [2]
    assert sizes == [3, 1]


def test_a_real_database_takes_a_burst_without_losing_one(ingest: Ingest, engine: Engine) -> None:
    async def story() -> None:
        answers = await asyncio.gather(*(group.submit(arrival()) for _ in range(500)))
        assert set(answers) == {Admission.ACCEPTED}

    group = GroupCommit(ingest.admit)
    asyncio.run(story())
    group.close()
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(inbox)).scalar_one() == 500
