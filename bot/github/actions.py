"""Workflow runs and their artifacts. An artifact lies on another host, which must never see a token.

Source: https://docs.github.com/en/rest/actions/artifacts#download-an-artifact
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
import urllib3
from msgspec import Struct
from requests.auth import AuthBase

from bot.github import ci
from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE, pages
from bot.github.tokens import Scope
from bot.github.transport import TIMEOUT_SECONDS, USER_AGENT, Answer, Request
from bot.model.errors import GitHubDown, Gone, Refused, TooLarge
from bot.model.runs import Artifact, Run
from bot.model.subjects import Repository

#: More than this is not fetched: what opens artifacts takes no more either.
MAX_ARTIFACT_BYTES = 5 * 1024 * 1024

#: So many runs of one commit, or of one workflow, are looked at, the newest first; a repository may have dozens.
MAX_PAGES = 5

_PIECE = 64 * 1024


class _Runs(Struct):
    workflow_runs: list[ci.RunShape]


class _Artifacts(Struct):
    artifacts: list[ci.ArtifactShape]


class _NoCredentials(AuthBase):
    """Keeps `requests` from adding what a `.netrc` of the machine says."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return request


def runs(client: Client, repository: Repository, head_sha: str) -> Iterator[Run]:
    """Read the runs of a commit, each in its newest attempt, the newest first."""
    path = repo_path(repository, "actions", "runs")
    request = Request("GET", path, parameters={"head_sha": head_sha, "per_page": PER_PAGE})
    for at, page in enumerate(pages(lambda each: _call(client, repository, each), request), start=1):
        yield from map(ci.run, page.read(_Runs).workflow_runs)
        if at == MAX_PAGES:
            return


def run(client: Client, repository: Repository, run_id: int) -> Run | None:
    """Return a workflow run in its newest attempt; None where there is none."""
    request = Request("GET", repo_path(repository, "actions", "runs", str(run_id)))
    answer = _call(client, repository, request, 404)
    return ci.run(answer.read(ci.RunShape)) if answer.status == 200 else None


def run_by_nonce(
    client: Client, repository: Repository, workflow: str, nonce: str, since: datetime | None = None
) -> Run | None:
    """Return the first run that was dispatched with this nonce in its title; None where there is none (yet).

    The first: whoever repeats a nonce has read it from there. `workflow` is the file, with or without its folder.
    https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow
    """
    wanted: dict[str, str | int] = {"event": "workflow_dispatch", "per_page": PER_PAGE}
    if since is not None:
        wanted["created"] = f">={since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    path = repo_path(repository, "actions", "workflows", workflow.rpartition("/")[2], "runs")
    found = []
    request = Request("GET", path, parameters=wanted)
    for at, page in enumerate(pages(lambda each: _call(client, repository, each, 404), request), start=1):
        shapes = page.read(_Runs).workflow_runs if page.status == 200 else []
        found += [each for each in map(ci.run, shapes) if nonce in each.title and each.event == "workflow_dispatch"]
        if at == MAX_PAGES:
            break
    return min(found, key=lambda each: each.id, default=None)


def artifacts(client: Client, repository: Repository, run_id: int) -> Iterator[Artifact]:
    """Read what a run handed over, in all its attempts."""
    path = repo_path(repository, "actions", "runs", str(run_id), "artifacts")
    request = Request("GET", path, parameters={"per_page": PER_PAGE})
    for at, page in enumerate(pages(lambda each: _call(client, repository, each), request), start=1):
        yield from map(ci.artifact, page.read(_Artifacts).artifacts)
        if at == MAX_PAGES:
            return


def download(client: Client, repository: Repository, artifact: Artifact) -> bytes:
    """Return an artifact's zip; raise `TooLarge` before fetching what is too large, `Gone` for what has expired."""
    if artifact.size > MAX_ARTIFACT_BYTES:
        raise TooLarge(f"artifact {artifact.id} has {artifact.size} bytes, more than {MAX_ARTIFACT_BYTES}")
    path = repo_path(repository, "actions", "artifacts", str(artifact.id), "zip")
    answer = _call(client, repository, Request("GET", path, is_followed=False), 302)
    content = _fetch(_address(answer, client.base_url), name=f"artifact {artifact.id}")
    if artifact.digest is not None and artifact.digest != f"sha256:{hashlib.sha256(content).hexdigest()}":
        raise GitHubDown(f"artifact {artifact.id} arrived damaged")
    return content


def _address(answer: Answer, base_url: str) -> str:
    """Return where the artifact lies; what travels in the clear is taken only from a GitHub that does so itself."""
    address = answer.headers.get("location", "") if answer.status == 302 else ""
    allowed = {"https", urlsplit(base_url).scheme}
    if urlsplit(address).scheme not in allowed or not urlsplit(address).hostname:
        raise Refused(f"{answer.request.name}: leads nowhere that can be read")
    return address


def _fetch(address: str, *, name: str) -> bytes:
    """Read an address that is not GitHub's API: no token, no redirect, no more bytes than are allowed."""
    try:
        with requests.Session() as session:
            session.auth = _NoCredentials()
            wish = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
            with session.get(
                address, headers=wish, timeout=TIMEOUT_SECONDS, stream=True, allow_redirects=False
            ) as answer:
                return _content(answer, name)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise GitHubDown(f"{name}: {type(error).__name__}") from None


def _content(answer: requests.Response, name: str) -> bytes:
    if answer.status_code in {404, 410}:
        raise Gone(f"{name}: {answer.status_code} from where it should lie")
    if answer.status_code != 200:
        raise GitHubDown(f"{name}: {answer.status_code} from where it should lie")
    content = b""
    for piece in answer.iter_content(_PIECE):
        content += piece
        if len(content) > MAX_ARTIFACT_BYTES:
            raise TooLarge(f"{name} has more than {MAX_ARTIFACT_BYTES} bytes")
    return content


def _call(client: Client, repository: Repository, request: Request, *accept: int) -> Answer:
    return client.call(repository, request, accept=accept, scope=Scope.ACTIONS)
