"""The process that parses sources for `bot.statements`: it answers line by line, within limits, and may die."""

import importlib.util
import json
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any


def serve(seconds: str, memory: str) -> None:
    """Answer each source on the standard input with a line of JSON."""
    limit(int(seconds), int(memory))
    load_only_the_parser()
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(_answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def load_only_the_parser() -> None:
    """Let `coverage.parser` be imported without its package, which would load a database and every reporter."""
    found = importlib.util.find_spec("coverage")
    assert found
    package = ModuleType("coverage")
    package.__path__ = list(found.submodule_search_locations or ())
    sys.modules["coverage"] = package


def limit(seconds: int, memory: int) -> None:
    """Bound the processor time and the memory of this process, where the system can."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    from bot.reports import statements

    added = {line for first, last in asked["added"] for line in range(first, last + 1)}
    known = statements.read(asked["text"].encode("latin-1"), added=added, with_digests=asked["digests"])
    return {
        "name": asked["name"],
        "statements": sorted(known.statements),
        "excluded": sorted(known.excluded),
        "newly_excluded": sorted(known.newly_excluded),
        "code": sorted(known.code),
        "digests": known.digests.hex(),
        "problem": known.problem,
    }
