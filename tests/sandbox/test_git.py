"""What git itself makes of the sandbox's repositories: genuine objects, partial clones, test merges."""

import base64
import os
import subprocess
from pathlib import Path

import httpx
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World

FILES = {"a/b.py": "x = 1\n", "a/c/d.txt": "d\n", "a.txt": "a\n", "模 型.py": "y = 1\n"}


@pytest.fixture
def hidden(world: World) -> Repository:
    repository = world.create_repository("acme/hidden", files=FILES, private=True)
    world.install(repository)
    return repository


def git(folder: Path, *words: str, token: str = "") -> str:
    """Run git in a folder, with a token by its header if given, and return what it printed."""
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    header = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraHeader"}
    environment = {"PATH": os.environ["PATH"], "GIT_TERMINAL_PROMPT": "0", "HOME": str(folder)}
    if token:
        environment |= header | {"GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}"}
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return done.stdout


def test_a_clone_holds_the_same_commits_and_files_and_every_object_is_sound(
    world: World, hidden: Repository, tmp_path: Path
) -> None:
    world.push_file("a.txt", None, repository=hidden)
    token = world.token(hidden)

    git(tmp_path, "clone", "-q", f"{world.url}/acme/hidden.git", "here", token=token)

    here = tmp_path / "here"
    assert git(here, "rev-parse", "HEAD").strip() == hidden.branches["main"]
    assert git(here, "ls-files", "-z").split("\0")[:-1] == ["a/b.py", "a/c/d.txt", "模 型.py"]
    assert git(here, "fsck", "--strict", "--full") == ""
    assert not any(request.is_content_write for request in world.requests)


def test_a_clone_holds_tags_also_those_that_are_objects_of_their_own(
    world: World, hidden: Repository, tmp_path: Path
) -> None:
    first = hidden.branches["main"]
    world.create_tag("v1.0.0", first, repository=hidden)
    world.create_tag("v1.1.0", world.push_file("b", "1", repository=hidden), message="One", repository=hidden)

    git(tmp_path, "clone", "-q", f"{world.url}/acme/hidden.git", "here", token=world.token(hidden))

    here = tmp_path / "here"
    assert git(here, "rev-parse", "v1.0.0^{commit}", "v1.1.0^{commit}").split() == [first, hidden.branches["main"]]
    assert git(here, "cat-file", "-t", "v1.1.0").strip() == "tag"
    assert git(here, "rev-parse", "v1.1.0").strip() == hidden.published.tags["v1.1.0"]
    assert git(here, "fsck", "--strict", "--full") == ""


def test_a_test_merge_has_the_base_and_the_head_as_parents_and_the_changes_of_both(
    world: World, hidden: Repository, tmp_path: Path
) -> None:
    number = world.open_pull_request("Change", head="change", files={"a/b.py": "x = 2\n"}, fork=True, repository=hidden)
    tip = world.push_file("new.txt", "new\n", repository=hidden)
    token = world.token(hidden)

    git(tmp_path, "init", "-q", "--bare", "here.git")
    url, here = f"{world.url}/acme/hidden.git", tmp_path / "here.git"
    git(here, "fetch", "-q", "--depth=2", "--filter=blob:none", url, f"refs/pull/{number}/merge:m", token=token)

    assert git(here, "rev-parse", "m^1", "m^2").split() == [tip, world.pull(number, repository=hidden).head_sha]
    assert git(here, "rev-parse", "m").strip() == world.merge_ref(number, repository=hidden)
    assert git(here, "diff-tree", "-r", "--name-only", "m^1", "m").split() == ["a/b.py"]
    assert git(here, "rev-list", "--objects", "--missing=print", "m").count("?") >= len(FILES)


def test_a_conflict_has_no_test_merge_and_cannot_be_merged(world: World, hidden: Repository) -> None:
    number = world.open_pull_request("Change", head="change", files={"a/b.py": "x = 2\n"}, repository=hidden)
    world.push_file("a/b.py", "x = 3\n", repository=hidden)

    assert world.merge_ref(number, repository=hidden) is None
    with pytest.raises(ValueError, match="cannot be merged"):
        world.merge(number, repository=hidden)


def test_a_merge_keeps_what_the_base_got_meanwhile(world: World, hidden: Repository) -> None:
    changes = {"a/b.py": "x = 2\n", "a.txt": None}
    number = world.open_pull_request("Change", head="change", files=changes, repository=hidden)
    tip = world.push_file("new.txt", "new\n", repository=hidden)

    merged = hidden.commits[world.merge(number, repository=hidden)]

    assert merged.parents == (tip, world.pull(number, repository=hidden).head_sha)
    assert {path: text.decode() for path, text in merged.files.items()} == {
        "a/b.py": "x = 2\n",
        "a/c/d.txt": "d\n",
        "new.txt": "new\n",
        "模 型.py": "y = 1\n",
    }


def test_the_same_change_on_the_same_parent_is_the_same_commit(world: World, hidden: Repository) -> None:
    made = [
        world.open_pull_request("Change", head=head, files={"a.txt": "b\n"}, repository=hidden)
        for head in ("one", "two")
    ]

    assert len({world.pull(number, repository=hidden).head_sha for number in made}) == 1


@pytest.mark.usefixtures("hidden")
def test_a_private_repository_is_hidden_from_git_without_a_token_and_nothing_can_be_pushed(world: World) -> None:
    with httpx.Client(base_url=world.url, trust_env=False) as anyone:
        assert anyone.get("/acme/hidden.git/info/refs?service=git-upload-pack").status_code == 404
        wrong = {"Authorization": "Basic %%%"}
        assert anyone.get("/acme/hidden.git/info/refs?service=git-upload-pack", headers=wrong).status_code == 401
        world.create_repository("acme/open")
        assert anyone.get("/acme/open.git/info/refs?service=git-receive-pack").status_code == 403
