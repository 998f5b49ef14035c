"""The short cut answers exactly as the general way does, and takes nothing that is not plain."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store.ingest import Admission, Arrival
from bot.web.express import KNOWN, MOST_HEAD, MOST_KNOWN, plain
from tests.web.doors import PATH, Door, Plan, signed, standing

BODY = b'{"zen":"Speak like a human.","installation":{"id":77}}'


def delivery(body: bytes = BODY, *, extra: str = "", **changes: str | None) -> bytes:
    """Return a whole request as bytes."""
    usual: dict[str, Any] = {"X_GitHub_Event": "ping", "Content_Length": str(len(body))}
    headers = signed(body, **{**usual, **changes})
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{extra}{lines}\r\n".encode() + body


@contextmanager
def client(door: Door) -> Iterator[socket.socket]:
    """Connect to the door."""
    with socket.create_connection(("127.0.0.1", door.port), 10) as connection:
        yield connection


def answers(connection: socket.socket, count: int) -> list[int]:
    """Read this many answers; return their statuses."""
    received = b""
    while received.count(b"HTTP/1.1 ") < count or not received.endswith(b"\n"):
        piece = connection.recv(65_536)
        if not piece:
            break
        received += piece
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


def test_a_plain_request_is_understood() -> None:
    headers, body = plain(delivery(X_GitHub_Delivery="d")) or ({}, b"")
    assert body == BODY
    assert headers[b"x-github-delivery"] == b"d"
    assert headers[b"host"] == b"x"


def test_headers_that_always_differ_are_read_anew_and_not_all_remembered() -> None:
    for number in range(2 * MOST_KNOWN):
        headers, _ = plain(delivery(extra=f"X-Number: {number}\r\n")) or ({}, b"")
        assert headers[b"x-number"] == b"%d" % number
    assert len(KNOWN) <= MOST_KNOWN


@pytest.mark.parametrize(
    "odd",
    [
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Expect: 100-continue\r\n",
        "Connection: close\r\n",
        "Upgrade: h2c\r\n",
        "Content-Length: 3\r\n",
        "content-length: 54\r\n",
        "X-Folded: a\r\n b\r\n",
        "X-Tab:\ta\r\n",
        "X-Bare: a\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_a_request_that_is_not_plain_goes_the_general_way(odd: str) -> None:
    assert plain(delivery(extra=odd)) is None


@pytest.mark.parametrize("length", ["", "x", "-1", "+54", "5_4", "53", "55", "9" * 30])
def test_a_length_that_does_not_fit_goes_the_general_way(length: str) -> None:
    assert plain(delivery(Content_Length=length)) is None


@given(st.integers(0, len(delivery()) - 1))
def test_a_request_that_is_not_whole_goes_the_general_way(end: int) -> None:
    assert plain(delivery()[:end]) is None


@pytest.mark.parametrize("cut", [1, 20, 60, 300, -1])
def test_a_request_in_two_pieces_is_the_same_delivery(door: Door, cut: int) -> None:
    whole = delivery()
    with client(door) as connection:
        connection.sendall(whole[:cut])
        time.sleep(0.05)
        connection.sendall(whole[cut:])
        assert answers(connection, 1) == [202]
    assert len(door.rows()) == 1


async def take_a_moment(_arrival: Arrival) -> Admission:
    """Commit slowly."""
    await asyncio.sleep(0.1)
    return Admission.ACCEPTED


def test_requests_sent_without_waiting_are_answered_in_order(open_door: Callable[..., Door]) -> None:
    door = open_door(submit=take_a_moment)
    with client(door) as connection:
        connection.sendall(delivery())
        time.sleep(0.02)
        connection.sendall(delivery())
        time.sleep(0.02)
        connection.sendall(delivery(X_GitHub_Delivery="x"))
        assert answers(connection, 3) == [202, 202, 400]


def test_many_requests_in_one_piece_are_all_answered(door: Door) -> None:
    with client(door) as connection:
        connection.sendall(b"".join(delivery() for _ in range(5)))
        assert answers(connection, 5) == [202] * 5
    assert len(door.rows()) == 5


def test_a_busy_connection_is_kept_and_an_idle_one_is_closed(open_door: Callable[..., Door]) -> None:
    door = open_door(keep_alive=1)
    with client(door) as connection:
        for _ in range(4):
            connection.sendall(delivery())
            assert answers(connection, 1) == [202]
            time.sleep(0.3)  # four of them are longer than an idle connection is kept
        assert connection.recv(10) == b""


def test_a_client_that_leaves_before_its_answer_harms_nobody(open_door: Callable[..., Door]) -> None:
    door = open_door(submit=take_a_moment)
    with client(door) as connection:
        connection.sendall(delivery())
    time.sleep(0.2)
    with client(door) as connection:
        connection.sendall(delivery())
        assert answers(connection, 1) == [202]


def test_the_short_and_the_general_way_take_turns_on_one_connection(door: Door) -> None:
    with client(door) as connection:
        for extra in ("", "Expect: 100-continue\r\n", "", "X-Tab:\ta\r\n", ""):
            connection.sendall(delivery(extra=extra))
            assert answers(connection, 1)[-1] in (100, 202)
            time.sleep(0.05)
    assert len(door.rows()) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"X_Hub_Signature_256": None},
        {"X_GitHub_Delivery": "x"},
        {"X_GitHub_Event": "!"},
        {"Content_Type": "text/x"},
        {"X_Hub_Signature_256": "sha256=" + "0" * 64},
    ],
)
def test_both_ways_give_the_same_answer(door: Door, changes: dict[str, Any]) -> None:
    found = []
    for extra in ("", "X-Tab:\ta\r\n"):
        with client(door) as connection:
            connection.sendall(delivery(extra=extra, **changes))
            answer = connection.makefile("rb")
            head = list(iter(answer.readline, b"\r\n"))
            names = sorted(line.lower().split(b":")[0] for line in head[1:])
            found.append((head[0], names, answer.readline()))
    assert found[0][0] == found[1][0]
    assert found[0][2] == found[1][2]
    assert found[0][1] == found[1][1]


def test_a_refused_connection_is_closed(door: Door) -> None:
    with client(door) as connection:
        connection.sendall(delivery(X_Hub_Signature_256=None))
        assert answers(connection, 1) == [401]
        assert connection.recv(10) == b""


def test_a_head_without_an_end_is_cut_off(door: Door) -> None:
    with client(door) as connection:
        connection.sendall(f"POST {PATH} HTTP/1.1\r\nX-Long: ".encode())
        for _ in range(MOST_HEAD // 8192 + 1):
            connection.sendall(b"a" * 8192)
            time.sleep(0.01)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_what_is_under_way_when_the_server_stops_is_still_answered(tmp_path: Path) -> None:
    async def slow(_arrival: Arrival) -> Admission:
        entered.set()
        await asyncio.sleep(0.5)
        return Admission.ACCEPTED

    entered = threading.Event()
    with standing(tmp_path / "reeve.db", Plan(submit=slow)) as door:
        connection = socket.create_connection(("127.0.0.1", door.port), 10)
        connection.sendall(delivery())
        entered.wait(5)

    with connection:
        assert answers(connection, 1) == [202]
        assert connection.recv(10) == b""
