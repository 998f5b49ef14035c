"""kill -9 at any instant, of anything: an acknowledged delivery is neither lost nor done twice."""

import random
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.sandbox.world import World
from bot.store import audit
from bot.store import engine as engines
from bot.store.tables import State, inbox
from tests.soak.processes import Fleet, fleet, redeliver_failed, wait_until

#: Many owners, so that nobody's budget of 80 writes a minute decides how fast the work is done.
OWNERS = 40


def _world() -> World:
    world = World.start(seed=11)
    for number in range(OWNERS):
        name = f"owner-{number}/model"
        world.create_repository(name, files={".github/reeve.yml": "version: 1\n"})
    return world


def _load(world: World, running: Fleet, *, issues: int, kills: int) -> list[tuple[str, int]]:
    """Open issues steadily and kill something between them, until both numbers are reached."""
    dice, opened = random.Random(5), []  # noqa: S311  dice, not secrets
    for turn in range(issues):
        repository = f"owner-{turn % OWNERS}/model"
        opened.append((repository, world.open_issue(f"[Bug] crash number {turn}", repository=repository)))
        if turn * kills // issues != (turn + 1) * kills // issues:
            time.sleep(dice.uniform(0.2, 1.0))
            running.strike(dice)
    return opened


@pytest.mark.parametrize(
    ("issues", "kills"), [(80, 4), pytest.param(700, 100, marks=pytest.mark.soak)], ids=["short", "soak"]
)
def test_nothing_that_was_acknowledged_is_lost_or_doubled(
    environment: dict[str, str], database_url: str, tmp_path: Path, issues: int, kills: int
) -> None:
    with _world() as world, fleet(world, environment, tmp_path) as running:
        time.sleep(2)
        _install_all(world)
        opened = _load(world, running, issues=issues, kills=kills)
        world.flush_deliveries(timeout=240)
        acknowledged = {d.guid for d in world.deliveries if d.status_code is not None and d.status_code < 300}
        engine = engines.connect(database_url)

        def is_done() -> bool:
            return all(world.labels(n, repository=r) and world.bot_comments(n, repository=r) for r, n in opened)

        finished = wait_until(is_done, world)
        redeliver_failed(world)

        with engine.connect() as connection:
            kept = set(connection.execute(select(inbox.c.delivery)).scalars())
            dead = connection.execute(
                select(func.count()).select_from(inbox).where(inbox.c.state == State.DEAD)
            ).scalar_one()
        chain = audit.verify(audit.entries(engine))
        engine.dispose()

    assert running.kills == kills
    assert acknowledged - kept == set(), "acknowledged, and not in the database"
    assert dead == 0
    assert finished, [pair for pair in opened if not world.bot_comments(pair[1], repository=pair[0])][:10]
    assert all(world.labels(n, repository=r) == {"bug"} for r, n in opened)
    assert [len(world.bot_comments(n, repository=r)) for r, n in opened] == [1] * issues, "a comment was doubled"
    assert chain.fault is None


def _install_all(world: World) -> None:
    for number in range(OWNERS):
        world.install(f"owner-{number}/model")
