"""Workflow runs and artifacts: read through the API, fetched from another host that never sees a token."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from bot.github import actions, code
from bot.github.actions import MAX_ARTIFACT_BYTES
from bot.github.forge import GitHub
from bot.github.transport import Answer, Request
from bot.model.changes import Comparison, Interest, Puzzle, Unclear, Wish
from bot.model.errors import GitHubDown, Gone, Refused, TooLarge
from bot.model.runs import Artifact
from bot.model.subjects import Repository
from bot.sandbox.ci import WorkflowRun
from tests.github.desk import Desk, open_desk
from tests.github.little_server import LittleServer, Reply

PATH = ".github/workflows/coverage.yml"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ALL = Interest(lambda _: True, lambda _: True)


@pytest.fixture(params=["", "/api/v3"], ids=["github.com", "enterprise"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with open_desk(prefix=request.param, files={"a.py": "a = 1\n"}) as opened:
        yield opened


def ran(desk: Desk, *, fork: bool = True, content: bytes = b"{}") -> tuple[int, WorkflowRun]:
    """Let somebody open a pull request and its workflow hand over one artifact."""
    number = desk.world.open_pull_request("Change", head="change", files={"a.py": "a = 2\n"}, fork=fork)
    return number, desk.world.run_workflow(number, PATH, {"coverage": {"coverage.json": content}})


@pytest.mark.parametrize("fork", [False, True])
def test_the_runs_of_a_commit_are_told_with_the_repository_that_its_branch_is_in(
    desk: Desk,
    fork: bool,  # noqa: FBT001
) -> None:
    number, made = ran(desk, fork=fork)
    pull = desk.world.pull(number)

    (run,) = desk.forge.runs(desk.repository, pull.head_sha)

    assert (run.id, run.attempt, run.path, run.event) == (made.id, 1, PATH, "pull_request")
    assert (run.head_sha, run.head_ref, run.conclusion) == (pull.head_sha, "change", "success")
    assert run.head_repository_id == (pull.head_repository or desk.world.repository()).id
    assert run.is_over
    assert desk.forge.runs(desk.repository, "a" * 40) == ()


def test_a_run_that_began_again_is_not_over(desk: Desk) -> None:
    number, made = ran(desk)
    desk.world.rerun_workflow(made)

    (run,) = desk.forge.runs(desk.repository, desk.world.pull(number).head_sha)

    assert (run.order, run.conclusion, run.is_over) == ((made.id, 2), None, False)


def test_an_artifact_is_fetched_without_a_token_and_checked_by_its_digest(desk: Desk) -> None:
    _, made = ran(desk)

    (artifact,) = desk.forge.artifacts(desk.repository, made.id)
    content = desk.forge.artifact(desk.repository, artifact)

    assert content == made.artifacts[0].content
    assert artifact.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    fetched = [request for request in desk.world.requests if request.path.startswith("/_storage/")]
    assert [(request.caller, request.status) for request in fetched] == [("anonymous", 200)]
    desk.check_exchanges()


def test_an_artifact_that_is_too_large_is_not_even_asked_for(desk: Desk) -> None:
    artifact = Artifact(7, "coverage", MAX_ARTIFACT_BYTES + 1, None, NOW)
    desk.asked()

    with pytest.raises(TooLarge):
        desk.forge.artifact(desk.repository, artifact)

    assert desk.asked() == []


def test_an_artifact_that_is_larger_than_it_says_is_read_no_further(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MAX_ARTIFACT_BYTES", 50)
    _, made = ran(desk, content=b"x" * 100)

    with pytest.raises(TooLarge):
        desk.forge.artifact(desk.repository, Artifact(made.artifacts[0].id, "coverage", 1, None, NOW))


def test_an_expired_artifact_is_gone(desk: Desk) -> None:
    _, made = ran(desk)
    made.artifacts[0].is_expired = True
    (artifact,) = desk.forge.artifacts(desk.repository, made.id)

    assert artifact.is_expired
    with pytest.raises(Gone):
        desk.forge.artifact(desk.repository, artifact)


def test_an_artifact_that_arrives_damaged_is_tried_again(desk: Desk) -> None:
    _, made = ran(desk)
    artifact = Artifact(made.artifacts[0].id, "coverage", 1, "sha256:" + "0" * 64, NOW)

    with pytest.raises(GitHubDown, match="damaged"):
        desk.forge.artifact(desk.repository, artifact)


@pytest.mark.parametrize(
    ("status", "error"), [(404, Gone), (410, Gone), (403, GitHubDown), (500, GitHubDown), (302, GitHubDown)]
)
def test_what_the_other_host_answers_is_told_apart(server: LittleServer, status: int, error: type[Exception]) -> None:
    server.will_say("GET /file.zip", Reply(status, "", {"Location": "http://127.0.0.1:1/"}))

    with pytest.raises(error):
        actions._fetch(f"{server.url}/file.zip", name="artifact 7")
    assert "authorization" not in server.asked[-1].headers


def test_another_host_that_does_not_answer_is_github_being_down() -> None:
    with pytest.raises(GitHubDown):
        actions._fetch("http://127.0.0.1:1/file.zip", name="artifact 7")


@pytest.mark.parametrize("address", ["", "/file.zip", "file:///etc/passwd", "ftp://x/y", "http://169.254.169.254/x"])
def test_an_address_that_is_no_safe_one_is_not_followed(address: str) -> None:
    request = Request("GET", "/repos/acme/model/actions/artifacts/7/zip")
    answer = Answer(request, 302, {"location": address}, "")

    with pytest.raises(Refused):
        actions._address(answer, "https://api.github.com")


def test_a_netrc_of_the_machine_adds_nothing() -> None:
    request = requests.Request("GET", "https://files.example/x", auth=actions._NoCredentials()).prepare()

    assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        ("https://api.github.com", "https://github.com/acme/model.git"),
        ("https://git.acme.example/api/v3/", "https://git.acme.example/acme/model.git"),
        ("http://127.0.0.1:8100", "http://127.0.0.1:8100/acme/model.git"),
    ],
)
def test_git_finds_the_code_beside_the_api(api: str, expected: str) -> None:
    assert code.address(api, Repository(1, "acme/model", 7)) == expected


def test_a_token_that_died_early_costs_one_more_try(desk: Desk) -> None:
    number, _ = ran(desk)
    wish = Wish(number, desk.world.pull(number).head_sha, "main")
    assert isinstance(desk.forge.compare(desk.repository, wish, ALL), Comparison)
    desk.world.revoke_tokens()

    assert isinstance(desk.forge.compare(desk.repository, wish, ALL), Comparison)


def test_code_that_the_installation_does_not_reach_stays_unread(desk: Desk) -> None:
    number, _ = ran(desk)
    wish = Wish(number, desk.world.pull(number).head_sha, "main")
    desk.world.repository().private = True
    elsewhere = Repository(desk.repository.id, "acme/other", desk.repository.installation_id)

    assert desk.forge.compare(elsewhere, wish, ALL) == Unclear(Puzzle.NO_ACCESS)


def test_another_installations_repository_is_refused(desk: Desk, github: GitHub) -> None:
    forge = github.installation(1)
    for ask in (
        lambda: forge.runs(desk.repository, "a" * 40),
        lambda: forge.artifacts(desk.repository, 7),
        lambda: forge.artifact(desk.repository, Artifact(7, "x", 1, None, NOW)),
        lambda: forge.compare(desk.repository, Wish(1, "a" * 40, "main"), ALL),
    ):
        with pytest.raises(Refused):
            ask()
