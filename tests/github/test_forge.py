"""Reading facts: files with and without an ETag, issues, issue types, and who Reeve is."""

import base64
from datetime import UTC, datetime

import pytest

from bot.github.forge import GitHub, GitHubForge
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.model.forge import Fetched
from bot.model.subjects import Actor, Identity, Repository, Subject
from bot.road import Forge
from tests.github import samples
from tests.github.little_server import LittleServer, Reply

FILE = "GET /repos/acme/model/contents/.github/reeve.yml"
ISSUE = "GET /repos/acme/model/issues/7"
TYPES = "GET /repos/acme/model/issue-types"


@pytest.fixture
def forge(github: GitHub) -> GitHubForge:
    return github.installation(77)


def test_the_adapter_is_what_the_road_asks_for(forge: GitHubForge) -> None:
    needed: Forge = forge  # mypy proves it

    assert needed


def content(text: bytes, **changes: object) -> dict[str, object]:
    return {
        "type": "file",
        "size": len(text),
        "encoding": "base64",
        "content": base64.encodebytes(text).decode(),
    } | changes


def test_a_file_comes_as_text_with_its_etag(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    server.will_say(FILE, Reply(200, content("sla: 24 h  # 二十四".encode() * 9), {"ETag": 'W/"abc"'}))

    assert forge.file(repository, ".github/reeve.yml", etag=None) == Fetched("sla: 24 h  # 二十四" * 9, 'W/"abc"')
    assert "if-none-match" not in server.asked[-1].headers


def test_an_unchanged_file_is_none(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    server.will_say(FILE, Reply(304, headers={"ETag": '"abc"'}))

    assert forge.file(repository, ".github/reeve.yml", etag='"abc"') is None
    assert server.asked[-1].headers["if-none-match"] == '"abc"'


def test_a_file_that_does_not_exist_has_no_text(forge: GitHubForge, repository: Repository) -> None:
    assert forge.file(repository, ".github/reeve.yml", etag='"abc"') == Fetched(None, None)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (content(b"", size=1_500_000, encoding="none", content=""), "larger than 1 MB"),
        (content(b"x", size=1_000_001), "larger than 1 MB"),
        (content(b"", type="submodule"), "submodule"),
        ([content(b"")], "directory"),
    ],
)
def test_what_is_no_readable_file_is_refused(
    forge: GitHubForge, server: LittleServer, repository: Repository, body: object, reason: str
) -> None:
    server.will_say(FILE, Reply(200, body))

    with pytest.raises(Refused, match=reason):
        forge.file(repository, ".github/reeve.yml", etag=None)


@pytest.mark.parametrize("body", ["<html>", content(b"", content="A"), {"type": 5}, '{"type": "file"'])
def test_half_an_answer_is_github_down(
    forge: GitHubForge, server: LittleServer, repository: Repository, body: object
) -> None:
    server.will_say(FILE, Reply(200, body))

    with pytest.raises(GitHubDown, match="cannot be read"):
        forge.file(repository, ".github/reeve.yml", etag=None)


def test_bytes_that_are_not_text_are_marked(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    server.will_say(FILE, Reply(200, content(b"a: \xff")))

    assert forge.file(repository, ".github/reeve.yml", etag=None) == Fetched("a: \ufffd", None)


def test_an_odd_path_stays_one_path(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    forge.file(repository, "a b/ü?.yml", etag=None)

    assert server.asked[-1].path == "/repos/acme/model/contents/a%20b/%C3%BC%3F.yml"


def test_an_issue_is_read_as_deliveries_tell_it(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    server.will_say(ISSUE, Reply(200, samples.issue(body=None)))

    issue = forge.issue(repository, 7)

    assert (issue.subject, issue.author, issue.body) == (Subject(1296269, 7), Actor(1, "octocat"), "")
    assert issue.updated_at == datetime(2026, 11, 20, 11, tzinfo=UTC)


@pytest.mark.parametrize("status", [404, 410])
def test_a_deleted_issue_is_gone(forge: GitHubForge, server: LittleServer, repository: Repository, status: int) -> None:
    server.will_say(ISSUE, Reply(status, {"message": "This issue was deleted"}))

    with pytest.raises(Gone, match="deleted"):
        forge.issue(repository, 7)


def test_a_transferred_issue_is_gone_not_mistaken_for_another(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    server.will_say(ISSUE, Reply(301, {}, {"Location": f"{server.url}/repositories/5/issues/1"}))
    server.will_say("GET /repositories/5/issues/1", Reply(200, samples.issue(number=1)))

    with pytest.raises(Gone, match="transferred"):
        forge.issue(repository, 7)


def test_issue_types_in_use_are_named(forge: GitHubForge, server: LittleServer, repository: Repository) -> None:
    types = [{"name": "Bug", "is_enabled": True}, {"name": "Old", "is_enabled": False}, {"name": "Feature"}]
    server.will_say(TYPES, Reply(200, types))

    assert forge.issue_types(repository) == ("Bug", "Feature")


@pytest.mark.parametrize("status", [403, 404])
def test_issue_types_that_may_not_be_seen_are_none(
    forge: GitHubForge, server: LittleServer, repository: Repository, status: int
) -> None:
    server.will_say(TYPES, Reply(status, {"message": "Resource not accessible by integration"}))

    assert forge.issue_types(repository) == ()


def test_a_rate_limit_is_not_taken_for_no_issue_types(
    forge: GitHubForge, server: LittleServer, repository: Repository
) -> None:
    server.will_say(TYPES, Reply(403, {"message": "secondary rate limit"}, {"Retry-After": "5"}))

    with pytest.raises(RateLimited):
        forge.issue_types(repository)


def test_a_persons_repository_has_no_issue_types_and_is_not_asked(forge: GitHubForge, server: LittleServer) -> None:
    assert forge.issue_types(Repository(1, "octocat/model", 77)) == ()
    assert server.asked == []


def test_a_repository_of_another_installation_is_refused_unasked(forge: GitHubForge, server: LittleServer) -> None:
    with pytest.raises(Refused, match="another installation"):
        forge.issue(Repository(1, "other/model", 78), 7)
    assert server.asked == []


def test_reeve_knows_itself_by_name_and_number(github: GitHub, server: LittleServer) -> None:
    server.will_say("GET /app", Reply(200, {"id": 12, "slug": "reeve"}))
    server.will_say("GET /users/reeve%5Bbot%5D", Reply(200, {"id": 424242}))

    assert github.identity() == Identity(12, "reeve[bot]", 424242)
    assert "authorization" not in server.asked[-1].headers


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_where_strangers_see_no_users_the_name_must_do(github: GitHub, server: LittleServer, status: int) -> None:
    server.will_say("GET /app", Reply(200, {"id": 12, "slug": "reeve"}))
    server.will_say("GET /users/reeve%5Bbot%5D", Reply(status, {"message": "no"}))

    assert github.identity() == Identity(12, "reeve[bot]", 0)
