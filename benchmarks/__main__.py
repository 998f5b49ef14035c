"""`python -m benchmarks` lists the benchmarks; with names, or `all`, it runs them."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import cast

import benchmarks


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
    """Run the named benchmarks, or say which there are."""
    known = available()
    if not names:
        print("benchmarks:", *known, "(or: all)")
        return 0
    return max(known[name]([]) for name in (known if names == ["all"] else names))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
