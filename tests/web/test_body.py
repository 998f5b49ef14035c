"""Bodies under limits: of size, of time, and of memory over all requests together."""

import asyncio
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import create_engine

from bot.store.tables import metadata
from bot.web.body import Limits, Watch
from tests.web.doors import PATH, SECRET, Door
from tests.web.doors import signed as signed_issue

SMALL = Limits(body=200_000, together=300_000, seconds=0.4)


def in_pieces(body: bytes, size: int = 10_000) -> Iterator[bytes]:
    """Give the body out in chunks."""
    return (body[i : i + size] for i in range(0, len(body), size))


def signed(body: bytes, **changes: str | None) -> dict[str, str]:
    """Return the headers of an event that needs nothing in its body."""
    usual: dict[str, Any] = {"X_GitHub_Event": "quantum_leap"}
    return signed_issue(body, **{**usual, **changes})


def json_of(size: int) -> bytes:
    """Return a JSON object of about this many bytes."""
    return b'{"installation":{"id":77},"x":"' + b"A" * size + b'"}'


def test_a_body_in_pieces_is_the_same_delivery(door: Door) -> None:
    body = json_of(150_000)
    assert door.post(in_pieces(body), signed(body))[0] == 202


def test_a_body_in_pieces_with_a_wrong_signature_is_refused(door: Door) -> None:
    body = json_of(150_000)
    answer = door.post(in_pieces(body + b" "), signed(body))
    assert answer == (401, "the signature does not match\n")


def test_a_body_announced_too_large_is_refused_before_it_is_read(open_door: Callable[..., Door]) -> None:
    door = open_door(limits=SMALL)
    with socket.create_connection(("127.0.0.1", door.port), 5) as client:
        client.sendall(head(**signed(b"x"), Content_Length="200001"))
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_body_that_turns_out_too_large_is_refused(open_door: Callable[..., Door]) -> None:
    body = json_of(250_000)
    door = open_door(limits=SMALL)
    assert door.post(in_pieces(body), signed(body))[0] == 413


def head(**headers: str) -> bytes:
    """Return the head of a request."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode()


@pytest.mark.parametrize("sent", [0, 10, 100_000])
def test_a_body_that_does_not_arrive_in_time_is_refused(open_door: Callable[..., Door], sent: int) -> None:
    door = open_door(limits=SMALL)
    with socket.create_connection(("127.0.0.1", door.port), 5) as client:
        client.sendall(head(**signed(b"x"), Content_Length="150000") + b"x" * sent)
        assert client.recv(100).startswith(b"HTTP/1.1 408")


def test_the_room_for_large_bodies_is_shared_and_given_back(open_door: Callable[..., Door]) -> None:
    door = open_door(limits=Limits(body=200_000, together=300_000, seconds=5))
    body = json_of(180_000)
    with socket.create_connection(("127.0.0.1", door.port), 5) as slow:
        slow.sendall(head(**signed(body), Content_Length=str(len(body))) + body[:170_000])
        wait_until(lambda: door.post(body, signed(body))[0] == 503)
        assert door.post(json_of(1_000), signed(json_of(1_000)))[0] == 202
        slow.sendall(body[170_000:])
        assert slow.recv(100).startswith(b"HTTP/1.1 202")
    assert door.post(body, signed(body))[0] == 202


def test_a_client_that_leaves_in_the_middle_gives_its_room_back(open_door: Callable[..., Door]) -> None:
    door = open_door(limits=Limits(body=200_000, together=200_000, seconds=5))
    body = json_of(180_000)
    with socket.create_connection(("127.0.0.1", door.port), 5) as leaving:
        leaving.sendall(head(**signed(body), Content_Length=str(len(body))) + body[:170_000])
        wait_until(lambda: door.post(body, signed(body))[0] == 503)
    wait_until(lambda: door.post(body, signed(body))[0] == 202)
    assert len(door.rows()) == 1


def wait_until(is_so: Callable[[], bool], patience: float = 10) -> None:
    """Return as soon as the claim holds."""
    limit = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < limit, "did not come true in time"
        time.sleep(0.02)


def test_a_content_length_that_is_no_number_is_refused(open_door: Callable[..., Door]) -> None:
    door = open_door()
    with socket.create_connection(("127.0.0.1", door.port), 5) as client:
        client.sendall(head(**signed(b"x"), Content_Length="ten"))
        assert client.recv(100).startswith(b"HTTP/1.1 400")


def test_a_task_cancelled_by_someone_else_stays_cancelled() -> None:
    async def story() -> bool:
        watch = Watch(60)
        asyncio.get_running_loop().call_soon(asyncio.current_task().cancel)  # type: ignore[union-attr]
        task = watch.enter()
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            return watch.was_late(task)
        return True

    assert asyncio.run(story()) is False


SERVER = """
import os, sys
from bot.github.webhooks import peek
from bot.store.group_commit import GroupCommit
from bot.store.ingest import Ingest
from bot.web.app import build
from bot.web.server import serving
from bot.web.tally import Tally
from bot.web.webhook import Receiver
tally = Tally()
group = GroupCommit(Ingest(sys.argv[1]).admit)
receiver = Receiver(secrets=[os.environ["SECRET"].encode()], peek=peek, submit=group.submit, tally=tally)
with serving(build(receiver=receiver, figures=None, checks={}, tally=tally)) as port:
    print(port, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, psutil.Process]]:
    """A door in a process of its own, so that its memory can be measured."""
    url = f"sqlite:///{tmp_path / 'reeve.db'}"
    metadata.create_all(create_engine(url))
    environment = {**os.environ, "SECRET": SECRET.decode()}
    started = subprocess.Popen(
        [sys.executable, "-c", SERVER, url], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    yield int(started.stdout.readline()), psutil.Process(started.pid)
    started.send_signal(signal.SIGKILL)
    started.communicate()


@pytest.mark.parametrize("is_forged", [True, False])
def test_sixteen_large_posts_at_once_take_little_memory(server: tuple[int, psutil.Process], is_forged: bool) -> None:  # noqa: FBT001
    port, process = server
    body = json_of(26_000_000 if is_forged else 24_900_000)
    headers = signed(body, X_Hub_Signature_256="sha256=" + "0" * 64) if is_forged else signed(body)
    before = process.memory_info().rss
    statuses: list[int] = []

    senders = [threading.Thread(target=lambda: statuses.append(send_slowly(port, body, headers))) for _ in range(16)]
    peak = most_memory_while(senders, process)

    assert peak - before <= 64 << 20  # of the 400 MB that came
    assert set(statuses) <= {401, 413, 503, 202, 0}


def most_memory_while(threads: list[threading.Thread], process: psutil.Process) -> int:
    """Run the threads; return the most memory that the process had meanwhile."""
    peak = 0
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        peak = max(peak, process.memory_info().rss)
        time.sleep(0.005)
    return peak


def send_slowly(port: int, body: bytes, headers: dict[str, str]) -> int:
    """Send in chunks, so that no length is announced; return the status, or 0 when cut off."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        with contextlib.suppress(OSError):  # refused while still sending
            connection.request("POST", PATH, in_pieces(body, 1 << 18), headers)
        try:
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return 0
        return response.status
