"""A result that the runner posts itself, with a token that says which run it is: kept as if it were the artifact.

It is taken only for a nonce that is waited for, from a run of this very repository whose workflow stands on the
default branch, and only from a job on a runner of GitHub's: the one that ran the candidate's code cannot have such a
token. Once for each run. What is in it is checked when it is read, as with any artifact (`bot.releasing.evidence`).
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from bot.clock import Clock
from bot.model.claims import Claims
from bot.model.errors import Refused
from bot.model.subjects import Repository
from bot.model.trains import Attempt, Fate
from bot.reports import tensor_parallel
from bot.reports.tensor_parallel import Document, Unreadable

#: A document of the largest profile is about one megabyte.
LARGEST = 4 * 1024 * 1024

#: The body that the caller calls: its own repository's, or Reeve's at one commit.
BODY = "/.github/workflows/measure-tensor-parallel.yml@"


class Known(Refused):
    """It was posted before; the first one stands."""


class Store(Protocol):
    """What is needed to know whom a result is for, and to keep it."""

    def repository(self, repository_id: int) -> Repository | None:
        """Return a repository that is governed."""
        ...

    def attempt(self, repository_id: int, nonce: str) -> Attempt | None:
        """Return the run of the suite that was asked for with a nonce, wherever it was asked for."""
        ...

    def keep_posted(self, repository: Repository, claims: Claims, archive: bytes, *, nonce: str, clock: Clock) -> bool:
        """Keep a result and have releases looked at, once for each run and each token; return whether it is new."""
        ...


@dataclass(frozen=True, slots=True)
class Post:
    """Takes results."""

    claims: Callable[[str], Claims]
    store: Store
    clock: Clock

    def take(self, token: str, body: bytes) -> None:
        """Keep what was posted; raise `Refused` with the reason, `Known` for a second one, `GitHubDown` without keys.

        Why the token itself is not believed is told as `Refused` too.
        """
        claims = self.claims(token)
        repository = self.store.repository(claims.repository_id)
        if repository is None:
            raise Refused("the repository is not governed by this Reeve")
        if flaw := next(_flaws(claims, repository), None):
            raise Refused(flaw)
        document = _read(body)
        attempt = self.store.attempt(repository.id, document.nonce)
        if attempt is None or attempt.fate is not Fate.WAITING:
            raise Refused("nobody waits for this nonce")
        if flaw := next(_differences(document, attempt, claims), None):
            raise Refused(f"{flaw} is not what was asked for")
        archive = _zipped(tensor_parallel.encode(document))
        if not self.store.keep_posted(repository, claims, archive, nonce=attempt.nonce, clock=self.clock):
            raise Known("this run has posted its result before")


def _flaws(claims: Claims, repository: Repository) -> Iterator[str]:
    """Yield why this run may not hand over evidence."""
    branch = f"refs/heads/{repository.default_branch}"
    if claims.event != "workflow_dispatch":
        yield "the run was not started by a dispatch"
    if claims.ref != branch:
        yield "the run is not on the default branch"
    file, _, ref = claims.workflow_ref.rpartition("@")
    if ref != branch or not file.startswith(f"{claims.repository}/.github/workflows/"):
        yield "the workflow is not one of the default branch"
    if BODY not in claims.job_workflow_ref:
        yield "the job is not one that hands over results"
    if claims.run_attempt != 1:
        yield "the run was run again"
    if claims.runner != "github-hosted":
        yield "the job ran where the candidate's code may run"


def _read(body: bytes) -> Document:
    if len(body) > LARGEST:
        raise Refused("the document is too large")
    try:
        return tensor_parallel.parse(body)
    except Unreadable as error:
        raise Refused(f"no result of the suite: {error}") from None


def _differences(document: Document, attempt: Attempt, claims: Claims) -> Iterator[str]:
    base = document.sides.get("base")
    if document.run_id != str(claims.run_id) or attempt.run_id not in {None, claims.run_id}:
        yield "the run"
    if document.sides["head"].commit != attempt.head:
        yield "the candidate"
    if base is None or base.commit != attempt.base:
        yield "the base"
    if document.profile != attempt.profile:
        yield "the profile"


def _zipped(content: bytes) -> bytes:
    """Return the document as an artifact would have come, so that it takes the same way from here."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tensor-parallel.json", content)
    return into.getvalue()
