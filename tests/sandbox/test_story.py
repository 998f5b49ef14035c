"""What a story says takes place, and what it asks is answered."""

import threading

import httpx
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World
from tests.sandbox import contract


def test_an_issue_form_becomes_the_markdown_that_github_makes(world: World, repo: Repository) -> None:
    answers = {"what": "It crashes\n\non load", "logs": "boom", "terms": ["I agree"]}
    number = world.open_issue("crash", form="bug.yml", answers=answers)

    issue = world.issue(number, repository=repo)
    assert issue.title == "[Bug]: crash"
    assert world.labels(number) == {"bug"}
    assert issue.body == (
        "### What happened?\n\nIt crashes\n\non load\n\n### Logs\n\n```shell\nboom\n```\n\n"
        "### Version\n\n_No response_\n\n### Code of Conduct\n\n- [X] I agree\n- [ ] I searched"
    )


@pytest.mark.usefixtures("repo")
def test_a_story_that_names_what_is_not_there_is_told_so(world: World) -> None:
    with pytest.raises(LookupError, match="no issue form absent"):
        world.open_issue("x", form="absent.yml")
    with pytest.raises(LookupError, match="no repository acme/absent"):
        world.open_issue("x", repository="acme/absent")
    with pytest.raises(ValueError, match="not a role"):
        world.set_permission("ada", "owner")
    with pytest.raises(ValueError, match="only moves forward"):
        world.advance(hours=-1)
    with pytest.raises(LookupError, match="no delivery"):
        world.redeliver("absent")
    world.create_repository("acme/second")
    with pytest.raises(LookupError, match="say which repository"):
        world.open_issue("x")


def test_many_threads_open_issues_without_losing_one(world: World, repo: Repository) -> None:
    threads = [threading.Thread(target=lambda: [world.open_issue("x") for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(repo.issues) == list(range(1, 41))


def test_waiting_ends_when_the_claim_is_true_and_says_when_it_never_was(world: World, repo: Repository) -> None:
    number = world.open_issue("x", repository=repo)
    threading.Timer(0.05, lambda: world.add_label(number, "bug")).start()

    assert world.wait_for(lambda: "bug" in world.labels(number), timeout=5)
    assert not world.wait_for(lambda: False, timeout=0.05)


def test_a_second_process_drives_the_sandbox_through_its_controls(world: World, repo: Repository) -> None:
    with httpx.Client(base_url=f"{world.url}/_sandbox", trust_env=False) as control:
        number = control.post("/issues", json={"title": "<script>", "author": "ada"}).json()["number"]
        control.post("/comments", json={"number": number, "text": "a & b", "by": "bob"})
        labels = control.post("/labels", json={"number": number, "add": "bug"}).json()["labels"]
        before = world.now
        control.post("/clock", json={"hours": 25})
        listed = control.get("/issues").json()
        page = control.get("/").text

        assert labels == ["bug"]
        assert listed[0]["comments"] == [{"author": "bob", "body": "a & b"}]
        assert (world.now - before).total_seconds() >= 25 * 3600
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert control.post("/issues", json={"title": "x", "repository": "no/where"}).status_code == 422
        assert control.post("/issues", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
        assert control.get("/absent").status_code == 404
        assert control.get("/state").json()["repositories"] == [repo.full_name]


def test_a_second_process_lets_github_fail_and_recover(world: World, repo: Repository) -> None:
    with httpx.Client(base_url=world.url, trust_env=False) as client:
        client.post("/_sandbox/faults", json={"times": 9, "status": 503})
        assert client.get("/meta").status_code == 503
        client.post("/_sandbox/faults", json={"clear": True})
        assert client.get("/meta").status_code == 200
        world.open_issue("x", repository=repo)
        world.flush_deliveries()
        assert client.get("/_sandbox/deliveries").json()[0]["event"] == "issues"


def test_the_environment_for_reeve_names_this_sandbox(world: World) -> None:
    environment = world.environment()

    assert environment["REEVE_GITHUB_API_URL"] == world.url
    assert "PRIVATE KEY" in environment["REEVE_PRIVATE_KEY"]


@pytest.mark.skipif(contract.data() is None, reason="GitHub's description is not beside the checkout")
def test_the_judge_of_payloads_and_answers_finds_faults() -> None:
    with pytest.raises(contract.BrokenError, match="required property"):
        contract.check_exchange("GET", "/repos/a/b/labels/bug", {}, None, 200, {"name": "bug"})
    with pytest.raises(contract.UndescribedError):
        contract.check_exchange("GET", "/repos/a/b/labels", {"colour": "red"}, None, 200, [])
    with pytest.raises(contract.BrokenError, match="required property"):
        contract.check_payload("issues", {"action": "opened"})
    with pytest.raises(contract.UndescribedError):
        contract.check_payload("issues", {"action": "painted"})
