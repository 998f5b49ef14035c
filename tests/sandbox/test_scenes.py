"""The demo tells the truth: it succeeds before a working Reeve, and says what it did not see otherwise."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import settings
from bot.config import ConfigError, parse
from bot.policies.release.required import required
from bot.policies.release.suite import Expectation, Outcome, conclude
from bot.reports import tensor_parallel
from bot.sandbox import release_scene, scenes
from bot.sandbox.world import World
from bot.serve import Service
from bot.web.server import serving


@contextmanager
def hurrying(world: World, service: Service) -> Iterator[None]:
    """Let the time that Reeve waits after a failure pass quickly."""
    over = threading.Event()

    def hurry() -> None:
        while not over.wait(0.1):
            world.advance(seconds=1)
            service.ring()

    thread = threading.Thread(target=hurry)
    thread.start()
    yield
    over.set()
    thread.join()


def test_the_scene_goes_well_before_a_working_reeve(tmp_path: Path) -> None:
    with World.start(seed=1) as world:
        environment = {"REEVE_DATA_DIR": str(tmp_path), **world.environment()}
        service = Service(settings.read(environment), clock=lambda: world.now)
        with serving(service.app) as port, hurrying(world, service):
            world.receiver = f"http://127.0.0.1:{port}/webhooks/github"
            lines: list[str] = []
            went_well = scenes.play(world, lines.append)

    assert went_well, lines
    assert sum("✓" in line for line in lines) == 41


def test_the_scene_says_what_it_did_not_see_when_nobody_listens(world: World) -> None:
    lines: list[str] = []

    assert not scenes.play(world, lines.append, patience=0.01)
    assert "  ✗ not seen: #1 carries the label bug" in lines


def test_only_the_mistaken_policy_of_the_scene_has_a_mistake() -> None:
    assert parse(scenes.GOOD)
    assert parse(scenes.MENDED)
    with pytest.raises(ConfigError, match=r":3:3: sla\.bugs"):
        parse(scenes.MISTAKEN)


def test_the_recorded_result_of_the_scene_is_a_whole_one_that_passes() -> None:
    made = tensor_parallel.parse(release_scene.RECORDED.read_bytes())
    head, base = made.sides["head"].commit, made.sides["base"].commit
    expected = Expectation(head, base, made.nonce, "smoke", required("smoke"))

    assert conclude(made, expected).outcome is Outcome.PASS


def test_the_headline_of_a_comment_is_its_first_visible_line() -> None:
    assert scenes.headline("<!-- reeve:1 -->\n\n**This is a bug.** Soon.\nMore") == "This is a bug. Soon."
    assert scenes.headline("") == ""
