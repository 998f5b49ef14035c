"""A sandbox, the adapter that looks at it, and everything that passed between them."""

from dataclasses import dataclass, field

from bot.github.forge import GitHub, GitHubForge
from bot.github.transport import Answer, Request, Transport
from bot.model.subjects import Repository, Subject
from bot.sandbox.world import World


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
