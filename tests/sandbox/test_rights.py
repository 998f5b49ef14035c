"""Who may do what, and how much of it: signatures, tokens, permissions and limits."""

from datetime import UTC, datetime

import httpx
import jwt

from bot.sandbox.state import Repository
from bot.sandbox.world import World

REPO = "/repos/acme/model"


def test_the_primary_limit_stops_the_caller_until_it_resets(world: World, api: httpx.Client) -> None:
    world.limits.primary = 3
    answers = [api.get(REPO) for _ in range(4)]

    assert [each.status_code for each in answers] == [200, 200, 200, 403]
    assert answers[3].headers["x-ratelimit-remaining"] == "0"
    assert int(answers[3].headers["x-ratelimit-reset"]) > world.now.timestamp()
    assert api.get("/rate_limit").json()["rate"]["remaining"] == 0
    world.advance(minutes=30)
    assert api.get(REPO).status_code == 403
    world.limits.enabled = False
    assert api.get(REPO).status_code == 200


def test_eighty_writes_a_minute_are_allowed_and_then_github_asks_for_patience(world: World, api: httpx.Client) -> None:
    number = world.open_issue("busy")
    path = f"{REPO}/issues/{number}/reactions"
    answers = [api.post(path, json={"content": "eyes"}) for _ in range(81)]

    assert [each.status_code for each in answers[:80]] == [201] + [200] * 79
    assert answers[80].status_code == 403
    wait = int(answers[80].headers["retry-after"])
    assert 0 < wait <= 60
    world.advance(seconds=wait + 1)
    assert api.post(path, json={"content": "eyes"}).status_code == 200
    assert sum(each.is_content_write for each in world.requests) == 82


def test_a_token_dies_after_an_hour(world: World, repo: Repository, api: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {world.token(repo)}"}
    assert api.get(REPO, headers=headers).status_code == 200
    world.advance(hours=1)

    answer = api.get(REPO, headers=headers)

    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_a_revoked_token_is_worthless(world: World, repo: Repository, api: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {world.token(repo)}"}

    assert api.delete("/installation/token", headers=headers).status_code == 204
    assert api.get(REPO, headers=headers).status_code == 401


def test_a_token_has_the_format_of_2026(world: World, repo: Repository) -> None:
    token = world.token(repo)

    assert token.startswith(f"ghs_{world.app_id}_")
    assert token.count(".") == 2
    assert 480 <= len(token) <= 560


def test_a_narrowed_token_reaches_only_its_repositories_and_rights(
    world: World, repo: Repository, as_app: httpx.Client
) -> None:
    other = world.create_repository("acme/other", private=True)
    installation = world.install(other)
    narrow = {"repository_ids": [repo.id], "permissions": {"issues": "read"}}
    minted = as_app.post(f"/app/installations/{installation.id}/access_tokens", json=narrow).json()
    headers = {"Authorization": f"token {minted['token']}"}

    number = world.open_issue("crash", repository=repo)
    with httpx.Client(base_url=world.url, headers=headers, trust_env=False) as narrowed:
        assert narrowed.get("/installation/repositories").json()["total_count"] == 1
        assert narrowed.get(f"{REPO}/issues/{number}").status_code == 200
        assert narrowed.get("/repos/acme/other").status_code == 404
        refused = narrowed.post(f"{REPO}/issues/{number}/comments", json={"body": "hi"})
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")
    assert "issues=write" in refused.headers["x-accepted-github-permissions"]


def test_a_token_cannot_be_asked_for_more_than_the_installation_has(
    world: World, repo: Repository, as_app: httpx.Client
) -> None:
    path = f"/app/installations/{world.installation(repo).id}/access_tokens"

    assert as_app.post(path, json={"repository_ids": [1]}).status_code == 422
    assert as_app.post(path, json={"repositories": ["nowhere"]}).status_code == 422
    assert as_app.post(path, json={"permissions": {"issues": "write", "secrets": "write"}}).status_code == 422
    world.suspend(repo)
    assert as_app.post(path).status_code == 403


def test_only_the_app_itself_is_believed_to_be_the_app(world: World, api: httpx.Client, as_app: httpx.Client) -> None:
    bad = {"Authorization": "Bearer a.b.c"}

    assert as_app.get("/app").json()["id"] == world.app_id
    assert as_app.get("/app", headers=bad).status_code == 401
    assert api.get("/app").status_code == 401
    assert as_app.get(f"{REPO}/issues").status_code == 403


def test_the_sandbox_and_real_time_are_both_good_for_the_apps_signature(world: World, as_app: httpx.Client) -> None:
    world.advance(days=2)

    assert as_app.get("/app").status_code == 200


def test_a_repository_named_by_its_id_has_the_same_limits_and_faults(
    world: World, repo: Repository, api: httpx.Client
) -> None:
    number = world.open_issue("crash")
    path = f"/repositories/{repo.id}/issues/{number}/comments"
    world.faults.fail(path="/repos/*")

    assert [api.post(path, json={"body": "hi"}).status_code for _ in range(2)] == [502, 201]
    assert world.requests[-1].is_content_write
    assert api.get("/repositories/1").status_code == 404


def test_the_app_reads_its_installations_and_its_hook(world: World, repo: Repository, as_app: httpx.Client) -> None:
    installation = world.installation(repo)

    assert as_app.get(f"/app/installations/{installation.id}").json()["account"]["login"] == "acme"
    assert as_app.get("/app/installations/1").status_code == 404
    assert as_app.get(f"{REPO}/installation").json()["id"] == installation.id
    assert as_app.get("/app/hook/config").json()["secret"] == "********"
    assert as_app.get("/app/hook/deliveries/1").status_code == 404
    world.uninstall(repo)
    assert as_app.get(f"{REPO}/installation").status_code == 404


def test_an_installation_for_everything_reaches_repositories_to_come(world: World) -> None:
    world.create_repository("ada/tools", organization=False)
    installation = world.install_everywhere("ada")
    later = world.create_repository("ada/later", organization=False, private=True)

    headers = {"Authorization": f"Bearer {world.token(later)}"}
    with httpx.Client(base_url=world.url, headers=headers, trust_env=False) as client:
        listed = client.get("/installation/repositories").json()
        assert [each["full_name"] for each in listed["repositories"]] == ["ada/tools", "ada/later"]
        assert client.get("/orgs/ada/issue-types").status_code == 404
    assert installation.repository_ids is None


def test_an_exhausted_limit_can_be_429_and_says_when_to_come_back(world: World, api: httpx.Client) -> None:
    world.limits.primary, world.limits.primary_status = 0, 429

    answer = api.get(REPO)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3600


def test_whoever_brings_no_credentials_sees_only_what_is_public(world: World, repo: Repository) -> None:
    world.create_repository("acme/secret", private=True)
    with httpx.Client(base_url=world.url, trust_env=False) as stranger:
        assert stranger.get(REPO).json()["id"] == repo.id
        assert stranger.get("/repos/acme/secret").status_code == 404
        assert stranger.get(f"{REPO}/issues").status_code == 401
        assert stranger.get("/users/nobody").status_code == 404


def test_an_apps_signature_for_another_app_or_of_yesterday_is_refused(world: World) -> None:
    def sign(issuer: str, *, minutes: int) -> str:
        now = int(datetime.now(UTC).timestamp()) + minutes * 60
        claims = {"iss": issuer, "iat": now - 60, "exp": now + 300}
        return jwt.encode(claims, world.private_key_pem, algorithm="RS256")

    def status(token: str) -> int:
        return httpx.get(f"{world.url}/app", headers={"Authorization": f"Bearer {token}"}, trust_env=False).status_code

    assert status(sign(str(world.app_id), minutes=0)) == 200
    assert status(sign("1", minutes=0)) == 401
    assert status(sign(str(world.app_id), minutes=-1440)) == 401
    assert status(sign(str(world.app_id), minutes=1440)) == 401
