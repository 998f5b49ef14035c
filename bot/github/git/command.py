"""One run of git: with a token that stands in no argument, no settings of this machine, and limits on everything."""

import base64
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from bot.model.errors import GitHubDown, Gone, Refused, TooLarge

#: No file that git writes grows beyond this (in blocks of 512 bytes), no process beyond that much memory (in KiB).
MAX_FILE_BLOCKS = 512 * 1024
MAX_MEMORY_KIB = 2 * 1024 * 1024

#: What git may print that is read: a diff of source code is far below it.
MAX_PRINTED = 32 * 1024 * 1024

#: What of this machine git needs to reach the network: everything else of the environment stays out, secrets above all.
_PASSED_ON = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")

#: Since this version git merges without a working copy.
NEEDED = (2, 38)

_LIMITED = ("/bin/sh", "-c", 'ulimit -f "$0" && ulimit -v "$1" && shift && exec git "$@"')

_DENIED = ("Authentication failed", "could not read Username", "The requested URL returned error: 403")
_MISSING = ("not our ref", "couldn't find remote ref", "no such remote ref", "unadvertised object", "bad object")
_NOWHERE = ("not found", "The requested URL returned error: 404")


class Failed(GitHubDown):
    """A command ended with this status, for no reason that is known by its words."""

    def __init__(self, command: str, status: int) -> None:
        """Keep the status: for some commands 1 is an answer."""
        super().__init__(f"git {command}: failed with {status}")
        self.status = status


class Missing(Gone):
    """There is no such reference or commit where it was asked for."""


class Denied(Refused):
    """GitHub does not let this token read the code."""


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the code lies, and the token that opens it."""

    url: str
    token: str = field(repr=False)

    def settings(self) -> Mapping[str, str]:
        """Return git's settings for this remote; they travel in the environment, which no other user can see."""
        secret = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return {
            "remote.origin.url": self.url,
            "remote.origin.promisor": "true",
            "remote.origin.partialCloneFilter": "blob:none",
            f"http.{self.url}.extraHeader": f"Authorization: Basic {secret}",
            "http.followRedirects": "false",
            "credential.helper": "",
            "protocol.allow": "never",
            f"protocol.{urlsplit(self.url).scheme}.allow": "always",
            "core.hooksPath": os.devnull,
            "core.attributesFile": os.devnull,
            "core.quotePath": "true",
            "fetch.recurseSubmodules": "false",
            "gc.auto": "0",
            "maintenance.auto": "false",
        }


@dataclass(frozen=True, slots=True)
class Git:
    """Git in one folder, until `deadline` (by the monotonic clock): then whatever runs is ended."""

    folder: Path
    remote: Remote
    deadline: float

    def run(self, *words: str, said: bytes = b"", limit: int = MAX_PRINTED) -> bytes:
        """Return what a command printed; raise `Missing`, `Denied`, `TooLarge` or `GitHubDown` for what went wrong."""
        command = [*_LIMITED, str(MAX_FILE_BLOCKS), str(MAX_MEMORY_KIB), *words]
        with subprocess.Popen(  # noqa: S603  no shell sees the words: they are parameters of a fixed script
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
            cwd=self.folder,
            start_new_session=True,
        ) as process:
            timer = threading.Timer(max(0.0, self.deadline - time.monotonic()), _end, (process,))
            timer.start()
            try:
                printed, complaint = _talk(process, said, limit)
            finally:
                timer.cancel()
                _end(process)
        if len(printed) > limit:
            raise TooLarge(f"git {words[0]}: more than {limit} bytes")
        if process.returncode != 0:
            raise _failure(words[0], process.returncode, complaint.decode(errors="replace"))
        return printed

    def _environment(self) -> dict[str, str]:
        settings = self.remote.settings()
        numbered = {
            f"GIT_CONFIG_{part}_{at}": word
            for at, pair in enumerate(settings.items())
            for part, word in zip(("KEY", "VALUE"), pair, strict=True)
        }
        return {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            **numbered,
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LITERAL_PATHSPECS": "1",
            "HOME": str(self.folder),
            "LC_ALL": "C",
        }


def version() -> tuple[int, ...]:
    """Return which git this machine has; nothing where it has none."""
    try:
        told = subprocess.run(["git", "--version"], capture_output=True, check=True, timeout=10).stdout  # noqa: S607
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(int(number) for number in re.findall(rb"\d+", told)[:3])


def _talk(process: "subprocess.Popen[bytes]", said: bytes, limit: int) -> tuple[bytes, bytes]:
    """Say what there is to say while hearing what comes: either side may have more to tell than a pipe holds."""
    complaint: list[bytes] = []
    speaker = threading.Thread(target=_say, args=(process.stdin, said))
    listener = threading.Thread(target=_hear, args=(process.stderr, complaint))
    for each in (speaker, listener):
        each.start()
    printed = process.stdout.read(limit + 1) if process.stdout else b""
    if len(printed) > limit:
        _end(process)
    for each in (speaker, listener):
        each.join()
    process.wait()
    return printed, b"".join(complaint)


def _say(pipe: IO[bytes] | None, said: bytes) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError), pipe:
            pipe.write(said)


def _hear(pipe: IO[bytes] | None, complaint: list[bytes]) -> None:
    """Keep the end of what git complains of; a progress that never ends must fill no memory."""
    while pipe is not None and (piece := os.read(pipe.fileno(), 4_096)):
        complaint[:] = [*complaint[-1:], piece]


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a command and what it has started: git leaves the talking to a child of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _failure(command: str, status: int, complaint: str) -> Exception:
    """Return the error for a command that failed; of what git says only known words are passed on."""
    if any(words in complaint for words in _DENIED):
        return Denied(f"git {command}: access denied")
    if any(words in complaint for words in _MISSING):
        return Missing(f"git {command}: no such commit or reference")
    if any(words in complaint for words in _NOWHERE):
        return Denied(f"git {command}: no such repository, or not for this token")
    if status == -signal.SIGXFSZ or "file size limit" in complaint.lower() or "File too large" in complaint:
        return TooLarge(f"git {command}: more than may be fetched")
    return Failed(command, status)
