"""The whole sandbox in one hand: start it, tell a story, look at what happened, stop it."""

import functools
import random
import secrets
import threading
import uuid
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox import history
from bot.sandbox.clock import Clock
from bot.sandbox.desk import Desk
from bot.sandbox.faults import Faults
from bot.sandbox.gateway import Gateway
from bot.sandbox.hooks import Hooks
from bot.sandbox.server import Server
from bot.sandbox.stage import Where
from bot.sandbox.state import Account, App, State
from bot.sandbox.story import Story

PERMISSIONS = {
    "actions": "write",
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "members": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
    "workflows": "write",
}
EVENTS = (
    "check_run",
    "check_suite",
    "deployment_protection_rule",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "pull_request",
    "push",
    "release",
    "repository",
    "workflow_run",
)


class World(Story):
    """A running sandbox. Use it as a context manager, or `start` and `stop` it."""

    def __init__(self, desk: Desk, server: Server, private_key_pem: str) -> None:
        """Hold the parts that `start` put together."""
        super().__init__(desk)
        self._server = server
        self.url = server.url
        self.private_key_pem = private_key_pem

    @classmethod
    def start(
        cls,
        *,
        seed: int = 0,
        port: int = 0,
        slug: str = "reeve",
        bot_id: int = 49_699_333,
        clock: Clock | None = None,
        receiver: str | None = None,
    ) -> Self:
        """Start a sandbox on a free port; the seed decides the faults and the GUIDs of deliveries.

        A test whose deliveries were recorded elsewhere can give the App and its bot the name and id that they know.
        """
        private, public = _keys()
        server, lock = Server(port), threading.RLock()
        state = _state(clock or Clock(), slug=slug, bot_id=bot_id, public_key=public)
        state.url, state.app.receiver = server.url, receiver
        faults, dice = Faults(seed), random.Random(f"guids {seed}")  # noqa: S311  dice, not secrets
        new_guid = functools.partial(_guid, dice)
        desk = Desk(state, faults, Hooks(state, faults.webhooks, lock, new_guid=new_guid), lock)
        server.start(Gateway(desk))
        desk.hooks.start()
        return cls(desk, server, private)

    def stop(self) -> None:
        """Stop answering and sending."""
        self._desk.hooks.stop()
        self._server.stop()
        self._desk.shelf.close()

    def __enter__(self) -> Self:
        """Enter a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at the end of a `with` block."""
        self.stop()

    @property
    def app_id(self) -> int:
        """The App's id."""
        return self._state.app.id

    @property
    def bot_login(self) -> str:
        """The login of the App's bot, as in `reeve[bot]`."""
        return self._state.app.bot.login

    @property
    def webhook_secret(self) -> str:
        """The secret that deliveries are signed with."""
        return self._state.app.webhook_secret

    @webhook_secret.setter
    def webhook_secret(self, secret: str) -> None:
        self._state.app.webhook_secret = secret

    @property
    def receiver(self) -> str | None:
        """Where webhooks are sent; nobody listens until this is set."""
        return self._state.app.receiver

    @receiver.setter
    def receiver(self, url: str | None) -> None:
        self._state.app.receiver = url

    def send_as_form(self) -> None:
        """Send webhooks as a form from now on, the other content type that an App can choose."""
        self._state.app.content_type = "form"

    def token(self, repository: Where = None, *, permissions: dict[str, str] | None = None) -> str:
        """Return a fresh installation token for a repository, for tests that talk to the API by themselves."""
        with self._desk.lock:
            installation = self.installation(repository)
            minted = self._desk.tokens.mint(
                self._state.app, installation, now=self.now, repository_ids=None, permissions=permissions
            )
            return minted.text

    def environment(self) -> dict[str, str]:
        """Return the settings with which Reeve serves this sandbox."""
        return {
            "REEVE_APP_ID": str(self.app_id),
            "REEVE_PRIVATE_KEY": self.private_key_pem,
            "REEVE_WEBHOOK_SECRET": self.webhook_secret,
            "REEVE_GITHUB_API_URL": self.url,
        }


def _state(clock: Clock, *, slug: str, bot_id: int, public_key: bytes) -> State:
    now = clock.now()
    owner = Account(583_231, f"{slug}-owner", now)
    bot = Account(bot_id, f"{slug}[bot]", now, "Bot")
    app = App(1_234_567, slug, owner, bot, 507_001, now, secrets.token_hex(20), public_key, dict(PERMISSIONS), EVENTS)
    state = State(clock, app, accounts={owner.login: owner, bot.login: bot})
    state.listeners.append(functools.partial(history.keep, state))
    return state


@functools.cache
def _keys() -> tuple[str, bytes]:
    """Return an RSA key pair in PEM form, made once for the life of the process."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return private.decode(), key.public_key().public_bytes(serialization.Encoding.PEM, spki)


def _guid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))
