"""What a pull request changes, asked of git itself over the sandbox's repositories."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.github.git import Clone, compare, texts
from bot.github.git import command as commanding
from bot.github.git.clone import MAX_CHANGED
from bot.github.git.command import Denied, Git, Missing, Remote
from bot.model.changes import Comparison, Interest, Puzzle, Unclear, Wish
from bot.model.errors import GitHubDown, TooLarge
from bot.reports import diff as diffs
from bot.sandbox.actions.commits import make_commit
from bot.sandbox.world import World

FILES = {
    "src/a.py": "a = 1\n",
    "src/b c/模型.py": "".join(f"line_{n} = {n}\n" for n in range(30)),
    "old.py": "old = 1\n",
    "README.md": "# A model\n",
    "pyproject.toml": "a = 1\n",
}
INTEREST = Interest(lambda path: path.endswith(".py"), lambda path: path.endswith(".toml"))


@pytest.fixture
def world() -> Iterator[World]:
    with World.start(seed=3) as started:
        started.create_repository("acme/model", files=FILES, private=True)
        started.install()
        yield started


def wish(world: World, number: int, *, tested: str | None = None, base: str = "main") -> Wish:
    """Return the wish to know what a pull request changes."""
    return Wish(number, world.pull(number).head_sha, base, tested)


def compared(world: World, wanted: Wish) -> Comparison | Unclear:
    """Compare as Reeve does."""
    with Clone.at(f"{world.url}/acme/model.git", world.token()) as clone:
        return compare(clone, wanted, INTEREST)


def comparison(world: World, wanted: Wish) -> Comparison:
    """Compare what can be compared."""
    found = compared(world, wanted)
    assert isinstance(found, Comparison), found
    return found


def added(found: Comparison) -> dict[str, list[int]]:
    """Return the new lines of each file by the diff."""
    return {each.path: list(each.lines) for each in diffs.parse([found.diff])}


@pytest.mark.parametrize("fork", [False, True])
def test_what_merging_changes_is_told_whatever_happened_on_the_base_branch_meanwhile(
    world: World,
    fork: bool,  # noqa: FBT001
) -> None:
    moved = FILES["src/b c/模型.py"] + "new = 1\n"
    files = {
        "src/a.py": "a = 2\nb = 3\n",
        "src/b c/模型.py": None,
        "src/d/模型.py": moved,
        "old.py": None,
        "n.txt": "n",
    }
    number = world.open_pull_request("Change", head="change", files=files, fork=fork)
    world.push_file("other.py", "other = 1\n")

    found = comparison(world, wish(world, number))

    assert (found.sha, found.base_sha) == (world.merge_ref(number), world.repository().branches["main"])
    assert {each.path for each in found.changed} == files.keys()
    assert added(found) == {"src/a.py": [1, 2], "src/d/模型.py": [31], "old.py": []}
    assert found.sources == {"src/a.py": b"a = 2\nb = 3\n", "src/d/模型.py": moved.encode()}
    assert found.listing == {"src/a.py", "src/d/模型.py", "README.md", "pyproject.toml", "n.txt", "other.py"}


def test_settings_are_given_as_they_were_and_as_they_are(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"pyproject.toml": "a = 2\n", "x.toml": "new"})

    assert comparison(world, wish(world, number)).settings == {
        "pyproject.toml": (b"a = 1\n", b"a = 2\n"),
        "x.toml": (None, b"new"),
    }


def test_a_line_that_looks_binary_is_told_like_any_other(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2  # \0\n"})

    assert added(comparison(world, wish(world, number))) == {"src/a.py": [1]}


def test_the_merge_that_was_tested_before_the_base_moved_on_is_known_again_by_its_tree(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    world.push_file("one.py", "1")
    before = world.merge_ref(number)
    for name in ("two.py", "three.py"):
        world.push_file(name, "1")

    found = comparison(world, wish(world, number, tested=before))

    assert found.sha == before != world.merge_ref(number)
    assert added(found) == {"src/a.py": [1]}


def test_a_forged_merge_with_the_right_parents_and_another_tree_is_not_believed(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    repository, head = world.repository(), world.pull(number).head_sha
    genuine = repository.commits[world.merge_ref(number) or ""]
    forged = forge(world, files=dict(repository.commits[genuine.parents[0]].files), parents=(genuine.parents[0], head))

    assert compared(world, wish(world, number, tested=forged)) == Unclear(Puzzle.ANOTHER_TREE, forged)


def test_a_forged_merge_into_a_commit_that_is_not_on_the_base_branch_is_not_believed(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    head = world.pull(number).head_sha
    files = dict(world.repository().commits[head].files)
    elsewhere = forge(world, files=files, parents=(world.repository().branches["main"],))
    forged = forge(world, files=files, parents=(elsewhere, head))

    assert compared(world, wish(world, number, tested=forged)) == Unclear(Puzzle.ANOTHER_TREE, forged)


def forge(world: World, *, files: dict[str, bytes], parents: tuple[str, ...]) -> str:
    """Make a commit that no branch leads to, as anybody can in a fork."""
    by = world._state.account("mallory")
    made = make_commit(world._state, world.repository(), tree=files, message="Merge", by=by, parents=parents)
    return made.sha


def test_the_head_itself_may_be_what_was_tested(world: World) -> None:
    start = world.repository().branches["main"]
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    world.push_to(number, {"src/a.py": "a = 2\nb = 3\n"})
    world.push_file("other.py", "other = 1\n")
    head = world.pull(number).head_sha

    found = comparison(world, wish(world, number, tested=head))

    assert (found.base_sha, found.sha) == (start, head)
    assert added(found) == {"src/a.py": [1, 2]}


def test_a_report_for_the_head_before_is_for_another_tree(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    before, old_head = world.merge_ref(number), world.pull(number).head_sha
    world.push_to(number, {"src/a.py": "a = 3\n"})

    for sha in (before, old_head):
        assert compared(world, wish(world, number, tested=sha)) == Unclear(Puzzle.ANOTHER_TREE, sha)


def test_what_cannot_be_compared_yet_or_at_all_is_told_apart(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    merge = world.merge_ref(number)

    late = Wish(number, "b" * 40, "main")
    assert compared(world, late) == Unclear(Puzzle.NOT_READY, merge)
    unknown = wish(world, number, tested="a" * 40)
    assert compared(world, unknown) == Unclear(Puzzle.UNKNOWN_COMMIT, "a" * 40)
    assert compared(world, wish(world, number, base="absent")) == Unclear(Puzzle.UNKNOWN_COMMIT)
    world.push_file("src/a.py", "a = 4\n")
    assert compared(world, wish(world, number)) == Unclear(Puzzle.CONFLICT)


def test_a_merge_group_is_compared_with_what_it_stands_on_step_by_step(world: World) -> None:
    one = world.open_pull_request("One", head="one", files={"one.py": "1\n"})
    two = world.open_pull_request("Two", head="two", files={"src/a.py": "a = 2\n"}, fork=True)
    alone = comparison(world, wish(world, one)).identity
    group = world.queue(one, two)

    found = comparison(world, Wish(two, group.head_sha, "main", base_sha=group.base_sha))

    assert added(found) == {"one.py": [1], "src/a.py": [1]}
    assert [each.parents[1] for each in found.steps] == [world.pull(one).head_sha, world.pull(two).head_sha]
    assert found.steps[0].identity == alone
    other = Wish(two, group.head_sha, "main", tested="a" * 40, base_sha=group.base_sha)
    assert compared(world, other) == Unclear(Puzzle.ANOTHER_TREE, "a" * 40)


def test_more_than_a_queue_ever_puts_together_is_too_large(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.github.git.clone.MAX_STEPS", 1)
    numbers = [world.open_pull_request("One", head=name, files={f"{name}.py": "1\n"}) for name in ("one", "two")]
    group = world.queue(*numbers)

    found = compared(world, Wish(numbers[1], group.head_sha, "main", base_sha=group.base_sha))

    assert found == Unclear(Puzzle.TOO_LARGE)


@pytest.mark.parametrize("limit", ["clone.MAX_CHANGED", "clone.MAX_NAMES", "clone.MAX_LISTED", "comparing.MAX_FILES"])
def test_what_is_too_large_is_told_and_not_cut(world: World, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"bot.github.git.{limit}", 1)
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n", "src/e.py": "e\n"})

    assert compared(world, wish(world, number)) == Unclear(Puzzle.TOO_LARGE)
    assert MAX_CHANGED > 1


def test_files_are_read_as_they_are_in_a_commit_and_what_is_no_file_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = world.repository().branches["main"]
    with Clone.at(f"{world.url}/acme/model.git", world.token()) as clone:
        found = texts(clone, tip, ["src/a.py", "src/b c/模型.py", "src", "absent.py"])
        monkeypatch.setattr("bot.github.git.comparing.MAX_FILES", 1)
        with pytest.raises(TooLarge):
            texts(clone, tip, ["src/a.py", "old.py"])

    assert {path: text.decode() for path, text in found.items()} == {
        path: FILES[path] for path in ("src/a.py", "src/b c/模型.py")
    }


def test_a_changed_file_whose_name_is_no_text_is_told_as_that(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    with Clone.at(f"{world.url}/acme/model.git", world.token()) as clone:
        odd = Clone(clone.git)
        with pytest.MonkeyPatch.context() as patch:
            raw = b":000000 100644 " + b"0" * 40 + b" " + b"a" * 40 + b" A\0\xff.py\0"
            run = Git.run
            patch.setattr(Git, "run", lambda self, *w, **m: raw if w[0] == "diff-tree" else run(self, *w, **m))
            assert compare(odd, wish(world, number), INTEREST) == Unclear(Puzzle.ODD_NAME)


def test_a_commit_with_nothing_in_common_is_no_head_of_this_branch(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    root = forge(world, files={"src/a.py": b"a = 3\n"}, parents=())
    merge = forge(world, files={"src/a.py": b"a = 3\n"}, parents=(world.repository().branches["main"], root))

    assert compared(world, Wish(number, root, "main", root)) == Unclear(Puzzle.ANOTHER_TREE, root)
    assert compared(world, Wish(number, root, "main", merge)) == Unclear(Puzzle.ANOTHER_TREE, merge)


def test_a_change_without_source_has_no_diff(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"README.md": "# Another\n"})

    found = comparison(world, wish(world, number))

    assert (found.diff, found.sources, [each.path for each in found.changed]) == (b"", {}, ["README.md"])


@pytest.mark.parametrize("trouble", ["no repository", "no token"])
def test_code_that_reeve_may_not_read_is_told_as_that(world: World, trouble: str) -> None:
    number = world.open_pull_request("Change", head="change", files={"src/a.py": "a = 2\n"})
    name, token = ("none", world.token()) if trouble == "no repository" else ("model", "ghs_expired")

    with Clone.at(f"{world.url}/acme/{name}.git", token) as clone:
        assert compare(clone, wish(world, number), INTEREST) == Unclear(Puzzle.NO_ACCESS)


def git(world: World, folder: Path, *, patience: float = 20.0, url: str = "") -> Git:
    """Return git in a folder."""
    return Git(folder, Remote(url or f"{world.url}/acme/model.git", world.token()), time.monotonic() + patience)


def test_a_github_that_does_not_answer_is_down(world: World, tmp_path: Path) -> None:
    with pytest.raises(GitHubDown):
        git(world, tmp_path, url="http://127.0.0.1:1/acme/model.git").run("ls-remote", "origin")


def test_a_command_ends_at_its_deadline(world: World, tmp_path: Path) -> None:
    with pytest.raises(GitHubDown):
        git(world, tmp_path, patience=-1).run("hash-object", "--stdin")


def test_what_git_prints_is_read_up_to_a_limit(world: World, tmp_path: Path) -> None:
    here = git(world, tmp_path)
    here.run("init", "-q", "--bare", ".")
    name = here.run("hash-object", "-w", "--stdin", said=b"x" * 3_000_000).decode().strip()

    assert len(here.run("cat-file", "blob", name)) == 3_000_000
    with pytest.raises(TooLarge):
        here.run("cat-file", "blob", name, limit=100_000)


def test_a_file_that_git_writes_grows_only_so_far(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commanding, "MAX_FILE_BLOCKS", 64)
    here = git(world, tmp_path)
    here.run("init", "-q", "--bare", ".")

    with pytest.raises(TooLarge):
        here.run("hash-object", "-w", "--stdin", said=os.urandom(100_000))


def test_a_file_that_is_nowhere_is_missing(world: World) -> None:
    with Clone.at(f"{world.url}/acme/model.git", world.token()) as clone, pytest.raises(Missing):
        clone.contents(["a" * 40])


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ("fatal: Authentication failed for 'https://x'", Denied),
        ("fatal: repository 'https://x' not found", Denied),
        ("fatal: remote error: upload-pack: not our ref aaaa", Missing),
        ("fatal: unable to write new file: File too large", TooLarge),
        ("fatal: the remote end hung up unexpectedly", GitHubDown),
    ],
)
def test_what_git_complains_of_is_told_apart_and_not_passed_on(complaint: str, kind: type[Exception]) -> None:
    error = commanding._failure("fetch", 128, complaint)

    assert isinstance(error, kind)
    assert "https://x" not in str(error)


def test_the_token_is_in_no_argument_and_no_file_and_in_no_repr(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    original: Callable[..., object] = subprocess.Popen

    def popen(words: list[str], **more: object) -> object:
        if words[0] == "/bin/sh":  # the sandbox runs git too
            seen.append(words)
        return original(words, **more)

    token = world.token()
    monkeypatch.setattr(subprocess, "Popen", popen)
    here = Git(tmp_path, Remote(f"{world.url}/acme/model.git", token), time.monotonic() + 20)
    here.run("init", "-q", "--bare", ".")
    here.run("fetch", "-q", "origin", "main")

    assert len(seen) == 2
    assert not any(token in word for words in seen for word in words)
    assert token not in repr(here)
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(token.encode() in content for content in kept)


def test_git_sees_nothing_of_this_process(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REEVE_PRIVATE_KEY", "secret")
    monkeypatch.setenv("GIT_DIR", "elsewhere")

    environment = git(world, tmp_path)._environment()

    assert not {"REEVE_PRIVATE_KEY", "GIT_DIR"} & environment.keys()
    assert "PATH" in environment
