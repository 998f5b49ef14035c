"""The scene that `make run` plays, and the sandbox on its own: Reeve as a real process beside a GitHub on your desk."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console

from bot.sandbox import scenes
from bot.sandbox.world import World

_console = Console(highlight=False)

#: Where `reeve serve` listens unless told otherwise: there the sandbox sends its webhooks.
USUAL_PORT = 8000

_OPEN_AN_ISSUE = """\
curl -s {url}/_sandbox/issues -H 'Content-Type: application/json' -d '{{"title": "[Bug] crash on load"}}'"""

#: How long a process may take to answer before the demo gives up on it.
PATIENCE = 30.0


def demo(*, stay: bool) -> bool:
    """Play the scene and return whether all went as it should; with `stay`, leave everything up until Ctrl-C."""
    with (
        tempfile.TemporaryDirectory(prefix="reeve-demo-") as home,
        _world() as world,
        _reeve(world, Path(home)) as url,
    ):
        say(f"A GitHub on your desk runs at {world.url}/_sandbox/, Reeve (embedded) at {url}")
        went_well = scenes.play(world, say)
        say("Everything went as it should." if went_well else "Something did not go as it should: see above.")
        _show_accounts(Path(home))
        if stay and went_well:
            _wait_for_ctrl_c(world.url, url)
    return went_well


def sandbox(port: int) -> None:
    """Run only the sandbox, with one governed repository, and say how to point Reeve at it."""
    over = _end()
    with tempfile.TemporaryDirectory(prefix="reeve-sandbox-") as home, _world(port) as world:
        world.create_repository("acme/model", files={".github/reeve.yml": "version: 1\n"})
        world.receiver = f"http://127.0.0.1:{USUAL_PORT}/webhooks/github"
        world.install()
        say(f"The sandbox runs at {world.url}/_sandbox/, with the App installed on acme/model. In another terminal:")
        for name, value in _environment(world, Path(home)).items():
            print(f"export {name}='{value}'")  # noqa: T201  to be copied, so without colours
        print(f"reeve serve --port {USUAL_PORT}")  # noqa: T201
        say("Then open an issue from a third one:")
        print(_OPEN_AN_ISSUE.format(url=world.url))  # noqa: T201
        over.wait()


def say(text: str) -> None:
    """Tell what happens, with the time at which it does."""
    _console.print(f"[dim]{time.strftime('%H:%M:%S')}[/dim]  ", end="")
    _console.print(text, markup=False)


@contextmanager
def _world(port: int = 0) -> Iterator[World]:
    world = World.start(seed=1, port=port)
    try:
        yield world
    finally:
        world.stop()


def _environment(world: World, home: Path) -> Mapping[str, str]:
    """What Reeve needs to know of the sandbox; the key was made for this run and goes with it."""
    key = home / "private-key.pem"
    key.write_text(world.private_key_pem, encoding="ascii")
    key.chmod(0o600)
    return {
        "REEVE_APP_ID": str(world.app_id),
        "REEVE_PRIVATE_KEY_FILE": str(key),
        "REEVE_WEBHOOK_SECRET": world.webhook_secret,
        "REEVE_GITHUB_API_URL": world.url,
        "REEVE_DATA_DIR": str(home),
    }


@contextmanager
def _reeve(world: World, home: Path) -> Iterator[str]:
    """Run `reeve serve` against the sandbox and give its address once it answers."""
    url = f"http://127.0.0.1:{_free_port()}"
    world.receiver = f"{url}/webhooks/github"
    command = [sys.executable, "-m", "bot", "serve", "--port", url.rpartition(":")[2]]
    with (home / "reeve.log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603  our own command
            command, env={**_clean_environment(), **_environment(world, home)}, stderr=log
        )
        try:
            _until_ready(url, process, home / "reeve.log")
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def _clean_environment() -> dict[str, str]:
    """This process's environment without settings of a real installation: a demo must never reach GitHub."""
    return {name: value for name, value in os.environ.items() if not name.startswith("REEVE_")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)  # another process: it says that it is ready only when asked
    raise SystemExit(f"Reeve did not become ready. Its log says:\n{log.read_text()}")


def _show_accounts(home: Path) -> None:
    """Let Reeve's own commands answer for what was done."""
    for command in (("audit", "verify"), ("deliveries",)):
        done = subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", "bot", *command],
            env={**_clean_environment(), "REEVE_DATA_DIR": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        say(f"reeve {' '.join(command)}: {(done.stdout or done.stderr).strip()}")


def _wait_for_ctrl_c(world_url: str, url: str) -> None:
    say(f"Look around: {world_url}/_sandbox/ (issues and comments), {url}/metrics, {url}/readyz. Ctrl-C ends it.")
    _end().wait()


def _end() -> threading.Event:
    """Return what is set once somebody presses Ctrl-C or the process is told to end."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    return over
