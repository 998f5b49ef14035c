"""`python -m benchmarks` runs all (some 14 minutes), with names only those; `list` and `summary` run none.

Options after a name are for that one: `python -m benchmarks similar --data FILE...`.
"""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import cast

import benchmarks
from benchmarks import aims


def available() -> dict[str, Callable[[list[str]], int]]:
    """Return every module beside this one that has a `benchmark(arguments)`."""
    found = {}
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name != "__main__" and not module.ispkg:
            run = getattr(importlib.import_module(f"benchmarks.{module.name}"), "benchmark", None)
            if run is not None:
                found[module.name] = cast("Callable[[list[str]], int]", run)
    return found


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; then say which aims are met."""
    known = available()
    if names == ["list"]:
        print(*known)
        return 0
    first = next((at for at, each in enumerate(names) if each.startswith("-")), len(names))
    names, options = names[:first], names[first:]
    chosen = [] if names == ["summary"] else names or list(known)
    status = max((known[name](options) for name in chosen), default=0)
    print(aims.summary())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
