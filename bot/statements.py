"""Which lines of Python sources can be executed, worked out in a process of its own.

The parser is fed what strangers wrote, and some sources crash a Python or take it all its memory: that process may
die. What it was at is then a source of which nothing is known, and another process goes on with the rest.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.reports.source import Statements

#: What one process is given at most, and what it may use.
_BATCH_BYTES = 4 * 1024 * 1024
_SECONDS = 60
_MEMORY = 512 * 1024 * 1024

_PROGRAM = "import sys; sys.path[:] = sys.argv[3:]; from bot.statements_process import serve; serve(*sys.argv[1:3])"


@dataclass(frozen=True, slots=True)
class Source:
    """A source, the ranges of lines that are new in it, and whether the MD5 of its lines is wanted."""

    text: bytes
    added: tuple[tuple[int, int], ...] = ()
    with_digests: bool = False


def read(sources: Mapping[str, Source]) -> dict[str, Statements]:
    """Return what each source holds, by the same names."""
    found: dict[str, Statements] = {}
    for batch in _batches(sources):
        left = dict(batch)
        while left:
            for name, statements in _answers(left):
                found[name] = statements
                del left[name]
            if left:  # the process died at the first of these
                name = next(iter(left))
                found[name] = Statements(problem="the parser did not survive it")
                del left[name]
    return found


def _answers(sources: Mapping[str, Source]) -> Iterator[tuple[str, Statements]]:
    """Ask one process; yield what it says before it ends."""
    asked = b"".join(json.dumps(_question(name, source)).encode() + b"\n" for name, source in sources.items())
    command = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(_SECONDS), str(_MEMORY), *sys.path]
    try:
        said = subprocess.run(  # noqa: S603  our own program
            command, input=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False
        ).stdout
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
    for line in said[: said.rfind(b"\n") + 1].splitlines():
        yield _answer(json.loads(line))


def _question(name: str, source: Source) -> dict[str, Any]:
    return {"name": name, "text": source.text.decode("latin-1"), "added": source.added, "digests": source.with_digests}


def _answer(answer: Mapping[str, Any]) -> tuple[str, Statements]:
    return answer["name"], Statements(
        statements=frozenset(answer["statements"]),
        excluded=frozenset(answer["excluded"]),
        newly_excluded=frozenset(answer["newly_excluded"]),
        code=frozenset(answer["code"]),
        digests=bytes.fromhex(answer["digests"]),
        problem=answer["problem"],
    )


def _batches(sources: Mapping[str, Source]) -> Iterator[dict[str, Source]]:
    batch: dict[str, Source] = {}
    size = 0
    for name, source in sources.items():
        if batch and size + len(source.text) > _BATCH_BYTES:
            yield batch
            batch, size = {}, 0
        batch[name] = source
        size += len(source.text)
    if batch:
        yield batch
