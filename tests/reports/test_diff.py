"""git's diff: what git itself writes is read back, and no line in a hunk can pass for a header."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.reports.diff import BadDiff, Change, FileDiff, parse

FILE = "diff --git a/a.py b/a.py\nindex 1111111..2222222 100644\n--- a/a.py\n+++ b/a.py\n"


def read(text: str | bytes) -> tuple[FileDiff, ...]:
    """Parse a diff that is in one piece."""
    return parse([text.encode() if isinstance(text, str) else text])


def only(text: str | bytes) -> FileDiff:
    """Parse a diff of one file."""
    (found,) = read(text)
    return found


class Repository:
    """A repository in which git makes the diffs."""

    def __init__(self, root: Path) -> None:
        """Begin an empty one in this folder."""
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> bytes:
        """Run git and return what it prints."""
        who = [
            each
            for name in ("AUTHOR", "COMMITTER")
            for each in ((f"GIT_{name}_NAME", "a"), (f"GIT_{name}_EMAIL", "a@b.c"))
        ]
        return subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, env={**os.environ, **dict(who)}
        ).stdout

    def commit(self, files: dict[str, bytes | None]) -> None:
        """Write these files, or delete those without content, and commit everything."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")

    def diff(self, *options: str) -> tuple[FileDiff, ...]:
        """Read what the last commit changed."""
        return read(self.git("diff", *options, "HEAD~1", "HEAD"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


BODY = b"".join(b"line %d\n" % n for n in range(40))


@pytest.mark.parametrize(
    "options",
    [(), ("-U0",), ("-M",), ("--no-prefix", "-M"), ("-M", "--src-prefix=i/", "--dst-prefix=w/"), ("--no-renames",)],
    ids=" ".join,
)
def test_all_kinds_of_changes_are_read_as_git_writes_them(repository: Repository, options: tuple[str, ...]) -> None:
    repository.commit(
        {
            "kept.py": BODY,
            "a b/mod with space.py": BODY,
            "modül.py": BODY,
            'quo"te\t.py': BODY,
            "gone.py": b"gone\n" * 30,
            "old/name.py": BODY,
            "empty.py": b"",
            "run.sh": b"#!/bin/sh\n",
            "image.png": b"\x00\x01",
            "tail.py": b"no newline",
        }
    )
    (repository.root / "run.sh").chmod(0o755)
    repository.commit(
        {
            "kept.py": BODY.replace(b"line 3\n", b"LINE 3\nmore\n"),
            "a b/mod with space.py": BODY + b"new\n",
            "modül.py": b"first\n" + BODY,
            'quo"te\t.py': BODY + b"new\n",
            "gone.py": None,
            "old/name.py": None,
            "new/näme.py": BODY.replace(b"line 7\n", b"LINE 7\n"),
            "fresh.py": b"x = 1\n\ny = 2\n",
            "image.png": b"\x00\x02",
            "tail.py": b"no newline\nagain",
            "empty2.py": b"",
        }
    )

    found = {each.path: each for each in repository.diff(*options)}

    assert found["kept.py"].added == ((4, 5),)
    assert found["kept.py"].new_lines == {4: b"LINE 3", 5: b"more"}
    assert found["kept.py"].deleted == 1
    assert found["a b/mod with space.py"].added == ((41, 41),)
    assert found["modül.py"].added == ((1, 1),)
    assert found['quo"te\t.py'].added == ((41, 41),)
    assert (found["gone.py"].change, found["gone.py"].added) == (Change.DELETED, ())
    assert (found["fresh.py"].change, found["fresh.py"].is_whole) == (Change.ADDED, True)
    assert found["fresh.py"].text == b"x = 1\n\ny = 2\n"
    assert found["image.png"].is_binary
    assert found["tail.py"].text == b"no newline\nagain\n"
    assert found["empty2.py"].change is Change.ADDED
    assert found["run.sh"].added == ()
    renamed = found["new/näme.py"]
    if "--no-renames" in options:
        assert (renamed.change, len(list(renamed.lines))) == (Change.ADDED, 40)
    else:
        assert (renamed.change, renamed.old_path, renamed.added) == (Change.RENAMED, "old/name.py", ((8, 8),))


def test_a_copy_names_both_files(repository: Repository) -> None:
    repository.commit({"a.py": BODY})
    repository.commit({"b.py": BODY + b"new\n"})

    (found,) = repository.diff("-C", "--find-copies-harder")

    assert (found.change, found.old_path, found.path, found.added) == (Change.COPIED, "a.py", "b.py", ((41, 41),))


def test_binary_patches_and_modes_hold_no_lines(repository: Repository) -> None:
    repository.commit({"a.bin": bytes(range(256)) * 9, "x.py": b"x\n"})
    (repository.root / "x.py").chmod(0o755)
    repository.commit({"a.bin": bytes(reversed(range(256))) * 9, "z.py": b"z\n"})

    found = {each.path: each for each in repository.diff("--binary")}

    assert found["a.bin"].is_binary
    assert found["x.py"].added == ()
    assert found["z.py"].added == ((1, 1),)


def test_links_and_submodules_are_no_files(repository: Repository) -> None:
    repository.commit({"a.py": b"x = 1\n"})
    (repository.root / "link.py").symlink_to("a.py")
    repository.commit({})
    assert [(each.path, each.is_file) for each in repository.diff()] == [("link.py", False)]

    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub.py")
    repository.git("commit", "-q", "-m", "x")
    assert [(each.path, each.is_file, each.is_whole) for each in repository.diff()] == [("sub.py", False, False)]


def test_a_file_that_becomes_a_link_and_back_is_one_change(repository: Repository) -> None:
    repository.commit({"a.py": b"x = 1\n", "b.py": b""})
    repository.commit({"a.py": None})
    (repository.root / "a.py").symlink_to("b.py")
    repository.git("add", "-A")
    repository.git("commit", "-q", "--amend", "-m", "x")

    (found,) = repository.diff()

    assert (found.path, found.change, found.is_file, found.deleted) == ("a.py", Change.MODIFIED, False, 1)


_text = st.lists(
    st.sampled_from(["x", "--- a/b.py", "+++ b/b.py", "@@ -1 +1 @@", "diff --git a/x b/x", "", "\\ No", "\r"]),
    max_size=9,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(before=_text, after=_text, context=st.integers(0, 3), has_end=st.booleans())
def test_no_line_of_a_file_passes_for_a_header(
    repository: Repository,
    before: list[str],
    after: list[str],
    context: int,
    has_end: bool,  # noqa: FBT001
) -> None:
    end = b"\n" if has_end else b""
    repository.commit({"a.py": "\n".join(before).encode() + b"\n"})
    repository.commit({"a.py": "\n".join(after).encode() + end, "z.py": b"z" + os.urandom(4).hex().encode() + b"\n"})

    found = {each.path: each for each in repository.diff(f"-U{context}")}

    lines = ("\n".join(after).encode() + end).split(b"\n")
    assert set(found) <= {"a.py", "z.py"}
    if "a.py" in found:
        assert all(lines[number - 1] == text for number, text in found["a.py"].new_lines.items())


def test_it_does_not_matter_where_the_pieces_end() -> None:
    text = (FILE + "@@ -1 +1,2 @@\n-a\n+b\n+c\n").encode()

    assert parse(bytes([each]) for each in text) == read(text)


def test_a_plain_diff_without_headers_of_git_is_read_too() -> None:
    text = (
        "--- a/x.py\t2026-01-01\n+++ b/x.py\t2026-01-01\n@@ -1 +1,2 @@\n a\n+b\n--- y.py\n+++ y.py\n@@ -0,0 +1 @@\n+y\n"
    )

    assert [(each.path, each.added) for each in read(text)] == [("x.py", ((2, 2),)), ("y.py", ((1, 1),))]


def test_names_without_prefixes_are_kept_whole() -> None:
    found = only("--- old.py\n+++ b.py\n@@ -1 +1,2 @@\n a\n+b\n")

    assert (found.old_path, found.path) == ("old.py", "b.py")


def test_a_plain_diff_tells_new_and_deleted_files_by_where_they_are_not() -> None:
    text = "--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+x\n--- a/y.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n"

    assert [(each.path, each.change) for each in read(text)] == [("x.py", Change.ADDED), ("y.py", Change.DELETED)]


def test_the_lines_around_a_diff_are_passed_over() -> None:
    mail = "From 1 Mon\nSubject: x\n\n---\n a.py | 1 +\n\n" + FILE + "@@ -0,0 +1 @@ def f():\n+x\n-- \n2.39.2\n\n"

    assert only(mail).added == ((1, 1),)


def test_a_name_that_is_no_utf_8_is_kept() -> None:
    found = only(b'diff --git "a/\\377.py" "b/\\377.py"\n--- "a/\\377.py"\n+++ "b/\\377.py"\n@@ -0,0 +1 @@\n+x\n')

    assert os.fsencode(found.path) == b"\xff.py"


def test_carriage_returns_belong_to_the_lines() -> None:
    assert only((FILE + "@@ -1 +1 @@\n-a\n+b\n").replace("\n", "\r\n")).new_lines == {1: b"b\r"}


@pytest.mark.parametrize(
    "text",
    [
        FILE + "@@ -1 +1,2 @@\n+x\n",
        FILE + "@@ -1 +1 @@\n-x\n?\n",
        FILE + "@@ -1 +1 @@\n+x\n+y\n",
        FILE + "@@ -1,2 +1 @@\n x\n y\n",
        FILE + "@@ one @@\n",
        "diff --cc a.py\n@@@ -1,1 -1,1 +1,2 @@@\n",
        FILE + "@@@ -1,1 -1,1 +1,2 @@@\n",
        FILE + "@@ -0,0 +1 @@\n+x\n" + FILE + "@@ -0,0 +1 @@\n+x\n",
        "--- a/../../x\n+++ b/../../x\n@@ -0,0 +1 @@\n+x\n",
        "--- /etc/x\n+++ /etc/x\n@@ -0,0 +1 @@\n+x\n",
        "diff --git a/x b/y\n",
    ],
)
def test_what_is_no_whole_diff_is_refused(text: str) -> None:
    with pytest.raises(BadDiff):
        read(text)


def test_a_line_without_an_end_is_given_up() -> None:
    with pytest.raises(BadDiff):
        parse(b"x" * 1_000_000 for _ in range(20))


def test_no_change_is_a_diff_too() -> None:
    assert read("") == ()


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_or_read_and_nothing_worse(text: bytes) -> None:
    try:
        found = read(FILE.encode() + text)
    except BadDiff:
        return
    assert all(isinstance(each, FileDiff) for each in found)
