"""A working copy of a repository on this machine: its files, and what changed in it since a commit, by git."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.model.errors import ReeveError
from bot.reports.diff import FileDiff

_CHUNK = 256 * 1024

#: So many names of any length that Linux knows (4 KiB) fit on a command line (2 MiB).
_AT_ONCE = 400

#: Whatever the user's own settings are, the diff has one form.
_DIFF = (
    *("-c", "core.quotePath=true", "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"),
    *("--unified=0", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=none"),
)


class GitFailed(ReeveError):
    """git could not answer, in its own words."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with the files of one commit, as they are on the disk now. `tree` is None where git knows nothing."""

    root: Path
    tree: frozenset[str] | None

    def source(self, path: str) -> bytes | None:
        """Return a file's content; None where it is not a file of the working copy."""
        file = self.root / path
        try:
            is_inside = file.resolve().is_relative_to(self.root.resolve())
            return file.read_bytes() if is_inside and file.is_file() and not file.is_symlink() else None
        except (OSError, ValueError):
            return None

    def has(self, diff: Sequence[FileDiff]) -> bool:
        """Say whether its files are as this diff leaves them: only then is the diff one of this tree."""
        present = [each for each in diff if each.added and each.is_file]
        return bool(present) and all(self._is_as_left(each) for each in present)

    def _is_as_left(self, diff: FileDiff) -> bool:
        lines = (self.source(diff.path) or b"").split(b"\n")
        return all(line <= len(lines) and lines[line - 1] == text for line, text in diff.new_lines.items())


def find(folder: Path) -> Checkout:
    """Return the working copy that a folder lies in; the folder itself where there is none."""
    try:
        root = Path(_git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
        return Checkout(root, frozenset(_files(root)))
    except GitFailed:
        return Checkout(folder, None)


def changes(checkout: Checkout, base: str) -> Iterator[bytes]:
    """Yield the diff from the merge base with `base` to the working copy, in pieces; raise `GitFailed`."""
    common = _git(checkout.root, "merge-base", "--", base, "HEAD").decode().strip()
    yield from _diff(checkout, [*_DIFF, common, "--"])


def as_text(checkout: Checkout, base: str, files: Sequence[FileDiff]) -> Iterator[bytes]:
    """Yield the diff of these files with their lines, whatever the repository's attributes call them."""
    for some in (files[start : start + _AT_ONCE] for start in range(0, len(files), _AT_ONCE)):
        common = _git(checkout.root, "merge-base", "--", base, "HEAD").decode().strip()
        names = sorted({name for each in some for name in (each.path, each.old_path)})
        yield from _diff(checkout, [*_DIFF, "--text", common, "--", *names])


def _diff(checkout: Checkout, arguments: Sequence[str]) -> Iterator[bytes]:
    command = ["git", *arguments]
    with (
        _with_new_files(checkout.root) as environment,
        tempfile.TemporaryFile() as said,  # a pipe that nobody reads meanwhile would hold git up
        subprocess.Popen(  # noqa: S603  git, with our own arguments
            command, cwd=checkout.root, stdout=subprocess.PIPE, stderr=said, env=environment
        ) as process,
    ):
        assert process.stdout
        while chunk := process.stdout.read(_CHUNK):
            yield chunk
        if process.wait():
            said.seek(0)
            raise GitFailed(f"git diff: {_words(said.read())}")


@contextmanager
def _with_new_files(root: Path) -> Iterator[dict[str, str]]:
    """Give an environment in which git also compares the files that it would add; the user's own index is not touched.

    Else a new module that nobody has added yet would be no change, and its lines would need no test.
    """
    index = root / os.fsdecode(_git(root, "rev-parse", "--git-path", "index").rstrip(b"\n"))
    new = [name for name in _new(root) if not name.endswith("/")]  # a repository within this one is no file of it
    with tempfile.TemporaryDirectory(prefix="reeve-") as folder:
        copy = Path(folder) / "index"
        if index.exists():
            shutil.copyfile(index, copy)
        environment = {**os.environ, "GIT_INDEX_FILE": str(copy), "GIT_LITERAL_PATHSPECS": "1"}
        for some in (new[start : start + _AT_ONCE] for start in range(0, len(new), _AT_ONCE)):
            _git(root, "add", "--intent-to-add", "--", *some, environment=environment)
        yield environment


def at(checkout: Checkout, commit: str, path: str) -> bytes | None:
    """Return a file as it is in a commit; None where it has no such file."""
    try:
        return _git(checkout.root, "cat-file", "blob", f"{commit}:{path}")
    except GitFailed:
        return None


def _files(root: Path) -> Iterator[str]:
    """Yield the files that git knows and those it would add; links, submodules and deleted files are none."""
    deleted = set(_names(_git(root, "ls-files", "-z", "--deleted")))
    for line in _names(_git(root, "ls-files", "-z", "--stage")):
        about, _, path = line.partition("\t")
        if about.startswith("100") and path not in deleted:
            yield path
    yield from _new(root)


def _new(root: Path) -> Iterator[str]:
    """Return the files that git does not know and would add."""
    return _names(_git(root, "ls-files", "-z", "--others", "--exclude-standard"))


def _names(output: bytes) -> Iterator[str]:
    return (name for name in output.decode(errors="surrogateescape").split("\0") if name)


def _git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  git, with our own arguments
            ["git", *arguments],  # noqa: S607  the user's own git
            cwd=folder,
            capture_output=True,
            check=False,
            env=environment,
        )
    except OSError as error:
        raise GitFailed(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        raise GitFailed(f"git {arguments[0]}: {_words(done.stderr)}")
    return done.stdout


def _words(error: bytes) -> str:
    return error.decode(errors="replace").strip().partition("\n")[0] or "no such commit, or none in common"
