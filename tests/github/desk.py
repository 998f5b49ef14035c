"""A sandbox, the adapter that looks at it, and everything that passed between them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from bot.github.forge import GitHub, GitHubForge
from bot.github.transport import Answer, Request, Transport
from bot.model.effects import Effect
from bot.model.errors import GitHubDown
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository, Subject
from bot.sandbox.clock import Clock
from bot.sandbox.world import World
from tests.sandbox import contract

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = Attempt()
AGAIN = Attempt(may_have_happened=True)


class Recording(Transport):
    """The real transport, which also remembers what passed."""

    def __init__(self, base_url: str) -> None:
        """Start with nothing."""
        super().__init__(base_url)
        self.answers: list[Answer] = []

    def send(self, request: Request, *, authorization: str | None) -> Answer:
        """Send the request and remember the answer."""
        answer = super().send(request, authorization=authorization)
        self.answers.append(answer)
        return answer


@dataclass(slots=True)
class Desk:
    """A sandbox with one installed repository, and the adapter that looks at it."""

    world: World
    github: GitHub
    recording: Recording
    repository: Repository
    seen: int = field(default=0)

    @property
    def forge(self) -> GitHubForge:
        """GitHub as the installation uses it."""
        return self.github.installation(self.repository.installation_id)

    def asked(self) -> list[str]:
        """Return the requests since the last look, tokens left out."""
        fresh = self.world.requests[self.seen :]
        self.seen += len(fresh)
        return [f"{each.method} {each.path}" for each in fresh if not each.path.endswith("/access_tokens")]

    def tokens_minted(self) -> int:
        """Count the tokens so far."""
        return sum(each.path.endswith("/access_tokens") for each in self.world.requests)

    def subject(self, number: int) -> Subject:
        """Return an issue of the repository by number."""
        return Subject(self.repository.id, number)

    def apply(self, effect: Effect, attempt: Attempt = FIRST) -> Receipt:
        """Make an effect true."""
        return self.forge.apply(self.repository, effect, attempt)

    def insist(self, effect: Effect) -> Receipt:
        """Make an effect true as the road does: again and again while GitHub is down."""
        attempt = FIRST
        for _ in range(30):
            try:
                return self.apply(effect, attempt)
            except GitHubDown:
                attempt = AGAIN
        raise AssertionError("GitHub stayed down")

    def check_exchanges(self) -> None:
        """Hold all that passed against GitHub's description, where it is here and describes the operation."""
        if contract.data() is not None:
            for answer in self.recording.answers:
                check(answer)


@contextmanager
def open_desk(*, prefix: str = "", files: dict[str, str] | None = None) -> Iterator[Desk]:
    """Start a sandbox at noon with one repository, and the adapter beside it."""
    with World.start(clock=Clock(frozen_at=NOON)) as world:
        made = world.create_repository("acme/model", issue_types=["Bug", "Feature"], files=files)
        installation = world.install()
        github = GitHub(
            app_id=world.app_id,
            private_key=world.private_key_pem,
            base_url=world.url + prefix,
            clock=lambda: world.now,
        )
        recording = github._client._transport = Recording(world.url + prefix)
        yield Desk(world, github, recording, Repository(made.id, "acme/model", installation.id, organization="acme"))
        github.close()


def check(answer: Answer) -> None:
    """Hold one exchange against GitHub's description."""
    request, address = answer.request, urlsplit(answer.request.path)
    query = dict(parse_qsl(address.query)) | {name: str(value) for name, value in request.parameters.items()}
    contract.check_exchange(
        request.verb,
        address.path.removeprefix("/api/v3"),
        query,
        request.body,
        answer.status,
        json.loads(answer.text or "null"),
    )
