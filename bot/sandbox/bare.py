"""The sandbox's repositories as git itself can read them: bare ones on disk, answered for by `git upload-pack`."""

import os
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.actions.commits import commits_of, test_merge
from bot.sandbox.objects import GitObject, commit_object, tree_objects
from bot.sandbox.state import Commit, Repository, State

SERVICE = "git-upload-pack"

#: What GitHub allows: partial clones, and to ask for any commit by its id.
_ALLOWED = ("uploadpack.allowFilter=true", "uploadpack.allowAnySHA1InWant=true")


@dataclass(slots=True)
class Shelf:
    """Where the bare repositories lie: one for a repository and all its forks; made on first use."""

    _folder: tempfile.TemporaryDirectory[str] | None = None
    _written: dict[int, set[str]] = field(default_factory=dict)

    def advertisement(self, state: State, repository: Repository, *, protocol: str) -> bytes:
        """Return what git asks for first: the service's line, then its references or abilities."""
        line = f"# service={SERVICE}\n".encode()
        refs = _upload_pack(self._bare(state, repository), "--http-backend-info-refs", protocol=protocol)
        return b"%04x%s0000%s" % (len(line) + 4, line, refs)

    def pack(self, state: State, repository: Repository, asked: bytes, *, protocol: str) -> bytes:
        """Return the answer to one request of git's."""
        return _upload_pack(self._bare(state, repository), asked=asked, protocol=protocol)

    def close(self) -> None:
        """Remove everything."""
        if self._folder is not None:
            self._folder.cleanup()

    def _bare(self, state: State, repository: Repository) -> Path:
        """Return the folder of a repository, brought up to date."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="reeve-sandbox-")
        folder = Path(self._folder.name) / f"{repository.id}.git"
        if not folder.exists():
            _make(folder)
        refs = dict(references(state, repository))  # the test merges are made here, so before the objects are written
        written = self._written.setdefault(repository.id, set())
        for commit in commits_of(state, repository).values():
            if commit.sha not in written:
                written.add(commit.sha)
                _write(folder, commit)
        tags = repository.published.annotated
        for tag in tags.values():
            _write_loose(folder / "objects", tag.object)
        lines = ["# pack-refs with: peeled fully-peeled sorted"]
        for name in sorted(refs):
            lines += [f"{refs[name]} {name}", *([f"^{tags[refs[name]].commit}"] if refs[name] in tags else [])]
        (folder / "packed-refs").write_text("\n".join(lines) + "\n")
        return folder


def references(state: State, repository: Repository) -> Iterator[tuple[str, str]]:
    """Give all references: branches, tags, and the heads and test merges of pull requests."""
    for name, sha in repository.branches.items():
        yield f"refs/heads/{name}", sha
    for name, sha in repository.published.tags.items():
        yield f"refs/tags/{name}", sha
    for issue in repository.issues.values():
        if issue.pull is None:
            continue
        yield f"refs/pull/{issue.number}/head", issue.pull.head_sha
        merged = test_merge(state, repository, issue)
        if merged is not None:
            yield f"refs/pull/{issue.number}/merge", merged.sha


def _make(folder: Path) -> None:
    for name in ("objects", "refs"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")


def _write(folder: Path, commit: Commit) -> None:
    made = commit_object(
        tree=commit.tree, parents=commit.parents, who=commit.author.login, at=commit.at, message=commit.message
    )
    for each in (*tree_objects(commit.files), made):
        _write_loose(folder / "objects", each)


def _write_loose(objects: Path, each: GitObject) -> None:
    file = objects / each.sha[:2] / each.sha[2:]
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zlib.compress(each.raw, 1))


def _upload_pack(folder: Path, *flags: str, asked: bytes = b"", protocol: str) -> bytes:
    settings = [part for each in _ALLOWED for part in ("-c", each)]
    # Git must not take the settings of whoever runs the sandbox.
    environment: Mapping[str, str] = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_PROTOCOL": protocol,
    }
    command = ["git", *settings, "upload-pack", "--stateless-rpc", *flags, str(folder)]
    done = subprocess.run(command, input=asked, capture_output=True, env=environment, check=False)  # noqa: S603  no outside words
    return done.stdout
