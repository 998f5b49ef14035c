"""The front: health, readiness, figures, and what happens when the server starts and stops."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.web.app import build
from bot.web.server import serving
from bot.web.tally import Histogram, Tally
from tests.web.doors import Door, StoreFigures, accept, request


def test_the_process_says_that_it_lives(door: Door) -> None:
    assert request(door.port, "GET", "/healthz") == (200, "ok\n")


def test_what_is_nowhere_is_not_found(door: Door) -> None:
    assert request(door.port, "GET", "/nowhere")[0] == 404


def test_ready_when_every_check_is_content(open_door: Callable[..., Door]) -> None:
    door = open_door(checks={"database": lambda: None, "queue": lambda: None})
    status, text = request(door.port, "GET", "/readyz")
    assert status == 200
    assert text == '{"ready":true,"checks":{"database":"ok","queue":"ok"}}'


def test_not_ready_with_the_reason_of_the_check_that_is_not(open_door: Callable[..., Door]) -> None:
    door = open_door(checks={"database": lambda: None, "migrations": lambda: "behind head: run reeve migrate"})
    status, text = request(door.port, "GET", "/readyz")
    assert status == 503
    assert text == '{"ready":false,"checks":{"database":"ok","migrations":"behind head: run reeve migrate"}}'


def test_a_check_that_fails_names_the_fault_without_its_details(open_door: Callable[..., Door]) -> None:
    def fail() -> str | None:
        raise ConnectionError("password=hunter2")

    status, text = request(open_door(checks={"database": fail}).port, "GET", "/readyz")
    assert status == 503
    assert '"database":"ConnectionError"' in text


def test_the_figures_show_what_the_door_and_the_store_count(door: Door) -> None:
    door.post(b"", {})
    text = request(door.port, "GET", "/metrics")[1]
    for line in (
        'reeve_webhook_answers_total{status="401"} 1.0',
        'reeve_ack_seconds_bucket{le="+Inf"} 1.0',
        'reeve_commit_batch_size_bucket{le="+Inf"} 0.0',
        'reeve_deliveries{state="pending"} 3.0',
        'reeve_queue_age_seconds{lane="issue"} 1.5',
        "reeve_timer_age_seconds 30.0",
        'reeve_effects{state="done"} 7.0',
        'reeve_api_budget_left{installation="77"} 4999.0',
        "reeve_events_lost 0.0",
        "reeve_store_up 1.0",
    ):
        assert f"\n{line}\n" in text


def test_without_the_store_the_door_s_own_figures_still_show(open_door: Callable[..., Door]) -> None:
    door = open_door(figures=StoreFigures(fault=RuntimeError("down")))
    status, text = request(door.port, "GET", "/metrics")
    assert status == 200
    assert "reeve_store_up 0.0" in text
    assert "reeve_ack_seconds" in text


def test_many_first_visitors_build_the_pages_once(door: Door) -> None:
    with ThreadPoolExecutor(8) as visitors:
        answers = list(visitors.map(lambda _: request(door.port, "GET", "/healthz")[0], range(8)))
    assert answers == [200] * 8


def front(**steps: Any) -> Any:
    """Return a front that only lives and dies."""
    return build(receiver=lambda *_: accept(None), figures=StoreFigures(), checks={}, tally=Tally(), **steps)  # type: ignore[arg-type]


def test_the_steps_run_in_order_when_the_server_starts_and_stops() -> None:
    seen: list[str] = []
    app = front(
        startup=[lambda: seen.append("up 1"), lambda: seen.append("up 2")], shutdown=[lambda: seen.append("down")]
    )
    with serving(app):
        assert seen == ["up 1", "up 2"]
    assert seen == ["up 1", "up 2", "down"]


def test_a_step_that_fails_keeps_the_server_from_starting() -> None:
    def fail() -> None:
        raise RuntimeError("no database")

    with pytest.raises(RuntimeError, match="ended while it started"), serving(front(startup=[fail])):
        pass


def test_the_server_is_told_why_the_start_failed() -> None:
    def fail() -> None:
        raise RuntimeError("no database")

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        said.append(message)

    said: list[Any] = []
    asyncio.run(front(startup=[fail])({"type": "lifespan"}, receive, send))
    assert said == [{"type": "lifespan.startup.failed", "message": "no database"}]


def test_a_histogram_counts_up_to_each_bound() -> None:
    histogram = Histogram((1, 2, 4))
    for value in (0.5, 1, 3, 9):
        histogram.observe(value)
    assert histogram.cumulated() == [("1", 2), ("2", 2), ("4", 3), ("+Inf", 4)]
    assert histogram.sum == 13.5
