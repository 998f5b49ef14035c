"""Workflow runs, artifacts and merge groups in GitHub's JSON, and what they mean in Reeve's own words.

Imported on the request path, so PyGithub stays out of here.
"""

import re

from msgspec import Struct

from bot.github.wire import Count, HasId, Id, Moment, Sha, clean, utc
from bot.model.runs import Artifact, MergeGroup, Run

_QUEUE_REF = re.compile(r"/pr-([0-9]{1,9})-[0-9a-f]{40,64}\Z")


class RunShape(Struct):
    """A workflow run as deliveries and the REST API carry it; the path may end in `@` and a branch."""

    id: Id
    head_sha: Sha
    event: str
    created_at: Moment
    run_attempt: Count = 1
    path: str = ""
    head_branch: str | None = None
    head_repository: HasId | None = None
    status: str | None = None
    conclusion: str | None = None
    run_started_at: Moment | None = None
    html_url: str = ""
    display_title: str | None = None


class ArtifactShape(Struct):
    """What a workflow run handed over."""

    id: Id
    name: str
    size_in_bytes: Count
    created_at: Moment
    expired: bool = False
    digest: str | None = None


class MergeGroupShape(Struct):
    """What a merge queue is about to merge."""

    head_sha: Sha
    head_ref: str
    base_sha: Sha
    base_ref: str


def run(shape: RunShape) -> Run:
    """Return the run in Reeve's words: it has a conclusion only when it is over."""
    return Run(
        id=shape.id,
        attempt=shape.run_attempt,
        path=clean(shape.path.partition("@")[0]),
        event=shape.event,
        head_sha=shape.head_sha,
        head_ref=clean(shape.head_branch or ""),
        head_repository_id=shape.head_repository.id if shape.head_repository else None,
        conclusion=(shape.conclusion or "unknown") if shape.status == "completed" else None,
        started_at=utc(shape.run_started_at or shape.created_at),
        url=clean(shape.html_url),
        title=clean(shape.display_title or ""),
    )


def artifact(shape: ArtifactShape) -> Artifact:
    """Return the artifact in Reeve's words."""
    return Artifact(
        id=shape.id,
        name=clean(shape.name),
        size=shape.size_in_bytes,
        digest=shape.digest,
        created_at=utc(shape.created_at),
        is_expired=shape.expired,
    )


def merge_group(shape: MergeGroupShape) -> MergeGroup:
    """Return the group in Reeve's words; its reference names the last pull request in it."""
    found = _QUEUE_REF.search(shape.head_ref)
    return MergeGroup(
        head_sha=shape.head_sha,
        head_ref=clean(shape.head_ref.removeprefix("refs/heads/")),
        base_sha=shape.base_sha,
        base_ref=clean(shape.base_ref.removeprefix("refs/heads/")),
        number=int(found[1]) if found else 0,
    )
