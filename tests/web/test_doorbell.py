"""The doorbell never makes the door wait, whatever the broker does."""

import threading
import time
from collections.abc import Callable

import pytest

from bot.web.doorbell import Doorbell


class Broker:
    """A broker under the test's hand: slow until told otherwise, broken when told so."""

    def __init__(self) -> None:
        """Let nothing through yet."""
        self.received = 0
        self.at_once = 0
        self.most_at_once = 0
        self.is_open = threading.Event()
        self.fault: Exception | None = None

    def publish(self) -> None:
        """Take one ring."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.is_open.wait(10)
        self.at_once -= 1
        if self.fault:
            raise self.fault
        self.received += 1


def wait_until(is_so: Callable[[], bool]) -> None:
    """Return as soon as the claim holds."""
    limit = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < limit, "did not come true in time"
        time.sleep(0.005)


def test_a_ring_reaches_the_broker() -> None:
    broker = Broker()
    broker.is_open.set()
    bell = Doorbell(broker.publish)
    bell.ring()
    wait_until(lambda: broker.received == 1)
    bell.close()
    assert (bell.asked, bell.sent, bell.failed) == (1, 1, 0)


def test_rings_while_one_is_under_way_become_one_more() -> None:
    broker = Broker()
    bell = Doorbell(broker.publish)
    bell.ring()
    wait_until(lambda: broker.at_once == 1)
    for _ in range(1000):
        bell.ring(3)
    broker.is_open.set()
    wait_until(lambda: broker.received == 2)
    bell.close()
    assert (bell.asked, bell.sent, broker.most_at_once) == (1001, 2, 1)


def test_in_a_flood_the_bell_rests_between_two_rings_and_may_still_be_closed() -> None:
    broker = Broker()
    broker.is_open.set()
    bell = Doorbell(broker.publish, rest_in_flood=60)
    bell.ring(1_000)
    wait_until(lambda: bell.sent == 1)
    bell.ring()
    time.sleep(0.05)  # in which a bell that does not rest rings again
    bell.close()
    assert bell.sent == 1


def test_a_broker_that_hangs_does_not_hold_the_door() -> None:
    broker = Broker()
    bell = Doorbell(broker.publish)
    bell.ring()
    wait_until(lambda: broker.at_once == 1)
    bell.ring()
    bell.close(patience=0.01)
    assert (bell.asked, bell.sent, broker.at_once) == (2, 0, 1)  # it hangs still, and nobody waited for it
    broker.is_open.set()


def test_an_outage_is_logged_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="bot.web.doorbell")
    broker = Broker()
    broker.is_open.set()
    broker.fault = ConnectionError("no broker")
    bell = Doorbell(broker.publish)
    for failures in (1, 2, 3):
        bell.ring()
        wait_until(lambda: bell.failed == failures)  # noqa: B023  waited for at once
    broker.fault = None
    bell.ring()
    wait_until(lambda: bell.sent == 1)
    bell.close()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
