"""A bare clone of as little as is needed: commits, their trees, and the few files that are asked for."""

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.github.git.command import Failed, Git, Missing, Remote
from bot.model.changes import ChangedPath, Step, identity
from bot.model.errors import TooLarge

#: For how long git may take in all: a lease is longer.
PATIENCE_SECONDS = 20.0

#: How far back the base branch is read, in steps, to find a commit on it.
DEPTHS = (64, 1_024, 16_384)

MAX_CHANGED = 20_000
MAX_LISTED = 500_000
MAX_LISTING = 128 * 1024 * 1024
MAX_STEPS = 32
#: One command takes no more names than this, in bytes.
MAX_NAMES = 1_000_000

_NO_BLOB = "0" * 40
#: The modes of a symbolic link and of another repository.
_NO_FILES = frozenset({"120000", "160000"})


@dataclass(frozen=True, slots=True)
class Clone:
    """A part of a repository on disk for a moment. Everything may raise what `Git.run` does."""

    git: Git

    @classmethod
    @contextmanager
    def at(cls, url: str, token: str, *, patience: float = PATIENCE_SECONDS) -> Iterator[Self]:
        """Begin with nothing; when the block ends, nothing is left."""
        with tempfile.TemporaryDirectory(prefix="reeve-git-", ignore_cleanup_errors=True) as folder:
            git = Git(Path(folder), Remote(url, token), time.monotonic() + patience)
            git.run("init", "-q", "--bare", "--template=", ".")
            yield cls(git)

    def references(self, *names: str) -> dict[str, str]:
        """Return where references lead now; one that does not exist is left out."""
        listed = self.git.run("ls-remote", "-q", "origin", *names).decode(errors="replace")
        pairs = (line.split("\t", 1) for line in listed.splitlines() if "\t" in line)
        return {name: sha for sha, name in pairs if name in names}

    def fetch(self, *commits: str, depth: int = 1) -> None:
        """Fetch commits and their trees, with as many generations before them, and no file."""
        self._fetch(*commits, depth=depth, leave_out="blob:none")

    def parents(self, commit: str) -> tuple[str, ...]:
        """Return the parents of a fetched commit."""
        lines = self.git.run("cat-file", "commit", commit).decode(errors="replace").split("\n\n", 1)[0].splitlines()
        return tuple(line.removeprefix("parent ") for line in lines if line.startswith("parent "))

    def is_on_branch(self, commit: str, tip: str) -> bool:
        """Say whether a commit lies on the branch that ends at this tip; the commits alone are fetched to find out."""
        if commit == tip:
            return True
        return any(self._reaches(commit, tip, depth) for depth in DEPTHS)

    def merge_base(self, tip: str, commit: str) -> str | None:
        """Return the last commit that both have behind them; None where none is found nearby."""
        for depth in DEPTHS:
            self._fetch(tip, commit, depth=depth, leave_out="tree:0")
            found = self._perhaps("merge-base", tip, commit)
            if found:
                return found
        return None

    def tree(self, commit: str) -> str:
        """Return git's name for the whole tree of a fetched commit."""
        return self.git.run("rev-parse", f"{commit}^{{tree}}").decode().strip()

    def merged_tree(self, base: str, head: str) -> str | None:
        """Return the tree that merging gives, made here; None where there is a conflict, or nothing in common."""
        if self.merge_base(base, head) is None:
            return None
        return self._perhaps("merge-tree", "--write-tree", "--no-messages", base, head)

    def changed(self, base: str, commit: str) -> tuple[ChangedPath, ...]:
        """Return every path that differs, whatever its kind; a renamed one as one that went and one that came.

        Raise `UnicodeDecodeError` for a name that is no UTF-8.
        """
        raw = self.git.run("diff-tree", "-r", "-z", "--no-renames", "--raw", "--no-abbrev", base, commit)
        fields = raw.split(b"\0")
        if len(fields) // 2 > MAX_CHANGED:
            raise TooLarge(f"more than {MAX_CHANGED} paths changed")
        return tuple(_changed(*pair) for pair in zip(fields[0::2], fields[1::2], strict=False) if pair[0])

    def steps(self, base: str, commit: str) -> tuple[Step, ...]:
        """Return what was put on top of a commit, one after the other; more than a queue ever does is too much."""
        self._fetch(commit, depth=MAX_STEPS + 1, leave_out="tree:0")
        printed = self.git.run("rev-list", "--first-parent", "--parents", "--reverse", f"{base}..{commit}").decode()
        lines = [line.split() for line in printed.splitlines()]
        if len(lines) > MAX_STEPS:
            raise TooLarge(f"more than {MAX_STEPS} commits in a merge group")
        return tuple(Step(tuple(before), identity(self.changed(before[0], name))) for name, *before in lines if before)

    def diff(self, base: str, commit: str, paths: Sequence[str]) -> bytes:
        """Return git's own diff of these paths, without context; every file counts as text, whatever it holds."""
        if not paths:
            return b""
        if sum(len(path.encode()) for path in paths) > MAX_NAMES:
            raise TooLarge("more changed source files than one comparison takes")
        words = ("--no-ext-diff", "--no-textconv", "--no-color", "--text", "--unified=0", "--find-renames")
        prefixes = ("--src-prefix=a/", "--dst-prefix=b/")
        return self.git.run("diff", *words, *prefixes, "--full-index", base, commit, "--", *paths)

    def contents(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of files by git's names for them; what is not here yet is fetched in one go."""
        wanted = sorted(set(blobs))
        if not wanted:
            return {}
        self._fetch_blobs(wanted)
        asked = "".join(f"{each}\n" for each in wanted).encode()
        return dict(_batched(self.git.run("cat-file", "--batch", said=asked)))

    def listing(self, commit: str) -> dict[str, str]:
        """Return all files of a fetched commit's tree, each with git's name for its content; no links."""
        listed = self.git.run("ls-tree", "-r", "-z", "--full-tree", commit, limit=MAX_LISTING).split(b"\0")
        if len(listed) > MAX_LISTED:
            raise TooLarge(f"more than {MAX_LISTED} files")
        return dict(_listed(line) for line in listed if line.startswith(b"100"))

    def _reaches(self, commit: str, tip: str, depth: int) -> bool:
        self._fetch(tip, depth=depth, leave_out="tree:0")
        return self._perhaps("merge-base", "--is-ancestor", commit, tip) is not None

    def _fetch(self, *commits: str, depth: int, leave_out: str) -> None:
        options = ("--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", f"--depth={depth}")
        self.git.run("fetch", "-q", *options, f"--filter={leave_out}", "origin", *commits)

    def _fetch_blobs(self, blobs: Sequence[str]) -> None:
        asked = "".join(f"{each}\n" for each in blobs).encode()
        options = ("--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--filter=blob:none", "--stdin")
        self.git.run("-c", "fetch.negotiationAlgorithm=noop", "fetch", "-q", *options, "origin", said=asked)

    def _perhaps(self, *words: str) -> str | None:
        """Return what a command printed; None where its answer is no: git says that with the status 1."""
        try:
            return self.git.run(*words).decode().strip()
        except Failed as failed:
            if failed.status != 1:
                raise
            return None


def _changed(about: bytes, path: bytes) -> ChangedPath:
    """Read one entry of `diff-tree --raw`: modes, names of contents, what happened, and the path."""
    old_mode, mode, before, after, _ = about.decode().removeprefix(":").split(" ")
    return ChangedPath(path.decode(), _blob(before, old_mode), _blob(after, mode))


def _listed(line: bytes) -> tuple[str, str]:
    """Read one entry of `ls-tree`: mode, kind and name of the content, then the path."""
    about, _, path = line.partition(b"\t")
    return path.decode(errors="replace"), about.decode().rpartition(" ")[2]


def _blob(name: str, mode: str) -> str | None:
    """Return git's name for a file's content; None for nothing, and for what is no file: a link, another repository."""
    return None if name == _NO_BLOB or mode in _NO_FILES else name


def _batched(printed: bytes) -> Iterator[tuple[str, bytes]]:
    """Read what `cat-file --batch` printed: a line with name, kind and size, then the content, each time."""
    at = 0
    while at < len(printed):
        end = printed.index(b"\n", at)
        name, _, size = printed[at:end].decode().partition(" blob ")
        if not size.isdigit():
            raise Missing(f"git cat-file: {name[:80]}")
        start, at = end + 1, end + 2 + int(size)
        yield name, printed[start : at - 1]
