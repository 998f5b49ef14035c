"""One process of `reeve serve`: the door, what it says of itself, and what it does when a part is missing."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot import settings
from bot.policies import triage
from bot.serve import Service
from bot.store import engine as engines
from bot.store import migrate
from bot.store.tables import State
from bot.web.server import serving
from tests.github.samples import encoded, issue, issue_delivery
from tests.road import NOW
from tests.services import free_port
from tests.store.given import states
from tests.test_work import Shift, on_shift
from tests.web.doors import signed

SECRET = "s3cret"


def made(tmp_path: Path, **changes: str) -> settings.Settings:
    """Return settings with a database of their own."""
    base = {"REEVE_APP_ID": "1", "REEVE_PRIVATE_KEY": "none", "REEVE_WEBHOOK_SECRET": SECRET}
    return settings.read({**base, "REEVE_DATA_DIR": str(tmp_path), **changes})


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    """A worker's parts on the same database."""
    engine = engines.connect(made(tmp_path).database_url)
    migrate.upgrade(engine)
    yield on_shift(engine, triage.decide)
    engine.dispose()


@contextmanager
def open_door(service: Service) -> Iterator[str]:
    """Serve, and give the address."""
    with serving(service.app) as port:
        yield f"http://127.0.0.1:{port}"


def deliver(url: str) -> int:
    """Deliver an opened issue as GitHub does."""
    body = encoded(issue_delivery(issue=issue(labels=[], type=None, title="[Bug] x")))
    return httpx.post(f"{url}/webhooks/github", content=body, headers=signed(body, secret=SECRET.encode())).status_code


def until_ready(url: str) -> httpx.Response:
    """Ask until it is ready, or time is up."""
    deadline = time.monotonic() + 15
    while (answer := httpx.get(f"{url}/readyz")).status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def test_one_process_takes_a_delivery_and_does_the_work(tmp_path: Path, shift: Shift) -> None:
    shift.opened("known")  # so that the island has issue 7
    service = Service(made(tmp_path), clock=lambda: NOW, parts=lambda: shift.parts)

    with open_door(service) as url:
        assert deliver(url) == 202
        assert until_ready(url).json() == {
            "ready": True,
            "checks": {"database": "ok", "migrations": "ok", "queue": "ok"},
        }
        deadline = time.monotonic() + 15
        while set(states(shift.database.engine).values()) & {State.PENDING, State.LEASED, State.DECIDED}:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        figures = httpx.get(f"{url}/metrics").text

    assert "bug" in shift.island.issues[7].labels
    assert 'reeve_webhook_answers_total{status="202"} 1.0' in figures
    assert "reeve_events_lost 0.0" in figures
    assert 'reeve_deliveries{state="pending"} 0.0' in figures
    assert 'reeve_effects{state="done"}' in figures
    assert 'reeve_queue_age_seconds{lane="issue"} 0.0' in figures


def test_a_new_database_is_made_on_the_way(tmp_path: Path) -> None:
    Service(made(tmp_path / "new"))

    assert migrate.is_current(engines.connect(made(tmp_path / "new").database_url))


def test_while_the_worker_loads_deliveries_are_taken_and_readiness_says_why_it_waits(
    tmp_path: Path, shift: Shift
) -> None:
    may_go_on = threading.Event()

    def slow_parts() -> object:
        may_go_on.wait(15)
        return shift.parts

    service = Service(made(tmp_path), clock=lambda: NOW, parts=slow_parts)  # type: ignore[arg-type]
    with open_door(service) as url:
        answer = httpx.get(f"{url}/readyz")
        assert deliver(url) == 202
        may_go_on.set()
        until_ready(url)

    assert answer.status_code == 503
    assert answer.json()["checks"]["queue"] == "the worker is still starting"


def test_with_the_broker_away_deliveries_are_taken_and_readiness_says_so(tmp_path: Path) -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    service = Service(made(tmp_path, REEVE_BROKER_URL=away), clock=lambda: NOW)

    with open_door(service) as url:
        assert deliver(url) == 202
        answer = httpx.get(f"{url}/readyz", timeout=15)

    assert answer.status_code == 503
    assert answer.json()["checks"]["queue"] == "OperationalError"
    assert answer.json()["checks"]["database"] == "ok"


def test_a_database_at_another_migration_is_not_ready(tmp_path: Path, shift: Shift) -> None:
    service = Service(made(tmp_path), clock=lambda: NOW, parts=lambda: shift.parts)
    with open_door(service) as url:
        until_ready(url)
        with shift.database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        answer = httpx.get(f"{url}/readyz")

    assert answer.json()["checks"]["migrations"] == "not at the newest migration"


@pytest.mark.parametrize(("address", "status"), [("https://reeve.example.org/", 401), ("", 404)])
def test_results_may_be_posted_where_reeve_knows_its_own_address(tmp_path: Path, address: str, status: int) -> None:
    service = Service(made(tmp_path, REEVE_PUBLIC_URL=address))

    with open_door(service) as url:
        assert httpx.post(f"{url}/evidence/tensor-parallel", content=b"{}").status_code == status


def test_a_posted_token_is_checked_for_this_reeves_own_address(tmp_path: Path) -> None:
    service = Service(made(tmp_path, REEVE_PUBLIC_URL="https://reeve.example.org"))

    with open_door(service) as url:
        answer = httpx.post(f"{url}/evidence/tensor-parallel", content=b"{}", headers={"Authorization": "Bearer a.b.c"})

    assert (answer.status_code, answer.text) == (403, "the token is not valid: DecodeError\n")
