"""What may be imported where, beyond the layers that import-linter checks: start-up time and memory depend on it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot

PACKAGE = Path(bot.__file__).parent

#: What takes long to load or much memory; each belongs to the worker, the pages or the sandbox.
HEAVY = {
    "alembic",
    "celery",
    "fastapi",
    "github",
    "jinja2",
    "prometheus_client",
    "psycopg",
    "pydantic",
    "redis",
    "requests",
    "sqlalchemy",
    "yaml",
}

#: The door and what stands behind it until a delivery is stored.
LIGHT = [
    "bot.web.app",
    "bot.web.body",
    "bot.web.doorbell",
    "bot.web.express",
    "bot.web.server",
    "bot.web.tally",
    "bot.web.webhook",
    "bot.store.ingest",
    "bot.store.revision",
    "bot.github.webhooks",
    "bot.serve",
    "bot.settings",
]


def imported(path: Path) -> Iterator[str]:
    """Yield the package of every import statement in a file, also of those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_torch_is_imported_only_by_the_benchmarks_of_models() -> None:
    others = [path for path in PACKAGE.rglob("*.py") if "bench" not in path.relative_to(PACKAGE).parts]

    assert len(others) > 100
    assert [path for path in others if "torch" in imported(path)] == []


def test_the_pure_layers_do_not_ask_for_the_time_a_die_or_the_environment() -> None:
    pure = [path for name in ("model", "policies", "reports", "config") for path in (PACKAGE / name).rglob("*.py")]

    assert len(pure) > 20
    assert [
        path for path in pure if {"os", "random", "secrets", "socket", "subprocess", "time"} & {*imported(path)}
    ] == []


@pytest.mark.parametrize("module", LIGHT)
def test_the_receiver_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(sorted({HEAVY} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
