"""What the adapter's tests share: a key, a clock that stands where it is put, and the adapter itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.github.client import Client
from bot.github.forge import GitHub
from bot.model.subjects import Repository
from tests.github.desk import Desk, open_desk
from tests.github.little_server import LittleServer, Reply, little_server

APP_ID = 12
MINT = "POST /app/installations/77/access_tokens"


@dataclass(slots=True)
class Clock:
    """A clock that moves only when told to."""

    now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@pytest.fixture(scope="session")
def private_key() -> str:
    """Make a key for the occasion."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


@pytest.fixture
def clock() -> Clock:
    """Start at noon."""
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[LittleServer]:
    """Run a little server that hands out tokens that live for an hour."""
    with little_server() as running:
        running.will_say(MINT, *(minted(f"ghs_{n}", clock.now + timedelta(hours=1)) for n in (1, 2, 3)))
        yield running


@pytest.fixture
def client(server: LittleServer, private_key: str, clock: Callable[[], datetime]) -> Iterator[Client]:
    """Point the client at the little server."""
    made = Client(app_id=APP_ID, private_key=private_key, base_url=server.url, clock=clock)
    yield made
    made.close()


@pytest.fixture
def github(server: LittleServer, private_key: str, clock: Callable[[], datetime]) -> Iterator[GitHub]:
    """Point the App at the little server."""
    made = GitHub(app_id=APP_ID, private_key=private_key, base_url=server.url, clock=clock)
    yield made
    made.close()


@pytest.fixture
def repository() -> Repository:
    """Return the repository that everything happens in."""
    return Repository(1296269, "acme/model", 77, organization="acme")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Give a sandbox and the adapter beside it."""
    with open_desk(files={".github/reeve.yml": "sla: {}\n"}) as opened:
        yield opened


def minted(token: str, expires_at: datetime) -> Reply:
    """Return GitHub's answer with a new token."""
    return Reply(201, {"token": token, "expires_at": expires_at.isoformat().replace("+00:00", "Z")})
