"""`make run` in one command: the scene plays against a real Reeve, and tells how it went."""

import os
import subprocess
import sys

import pytest

from bot import demo
from bot.sandbox.world import World


def test_the_demo_plays_its_scene_and_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--once"], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "A GitHub on your desk runs at http://127.0.0.1:" in done.stdout
    assert "✓ #1 carries the label bug" in done.stdout
    assert '.github/reeve.yml:3:3: sla.bugs: is not a setting; did you mean "bug"?' in done.stdout
    assert "✓ refused, with a thumb down" in done.stdout
    assert "✓ obeyed, with a thumb up and no words" in done.stdout
    assert "✗" not in done.stdout
    assert "Everything went as it should." in done.stdout
    assert "reeve audit verify: the chain holds" in done.stdout
    assert "reeve deliveries: no dead letters" in done.stdout


def test_the_demo_never_reaches_a_real_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REEVE_GITHUB_API_URL", "https://api.github.com")
    monkeypatch.setenv("REEVE_DATABASE_URL", "postgresql://production")

    assert not [name for name in demo._clean_environment() if name.startswith("REEVE_")]
    assert demo._clean_environment().items() <= os.environ.items()


def test_a_reeve_that_does_not_start_is_told_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "webhook_secret", "")

    with pytest.raises(SystemExit, match="REEVE_WEBHOOK_SECRET must be set"):
        demo.demo(stay=False)
