"""Which changes to files of shared settings could bend what is measured."""

import pytest

from bot.gating.settings import bends, is_shared

PROJECT = """
[build-system]
requires = ["hatchling"]

[project]
name = "model"

[tool.coverage.run]
branch = true

[tool.pytest.ini_options]
addopts = "-q"
"""
SETUP = """
[metadata]
name = model

[coverage:run]
branch = true

[tool:pytest]
addopts = -q
"""


@pytest.mark.parametrize(
    ("path", "text", "old", "new", "expected"),
    [
        ("pyproject.toml", PROJECT, 'name = "model"', 'name = "other"', False),
        ("pyproject.toml", PROJECT, "[project]", "[tool.ruff]\nline-length = 100\n\n[project]", False),
        ("pyproject.toml", PROJECT, "branch = true", "branch = false", True),
        ("pyproject.toml", PROJECT, "branch = true", 'branch = true\nomit = ["a.py"]', True),
        ("pyproject.toml", PROJECT, 'addopts = "-q"', 'addopts = "-p plugin"', True),
        ("pyproject.toml", PROJECT, "hatchling", "own-backend", True),
        ("pyproject.toml", PROJECT, "[project]", "[project", True),
        ("pyproject.toml", "tool = 1\n", "1", "2", True),
        ("sub/setup.cfg", SETUP, "name = model", "name = other", False),
        ("sub/setup.cfg", SETUP, "branch = true", "branch = false", True),
        ("sub/setup.cfg", SETUP, "addopts = -q", "addopts = -p plugin", True),
        ("tox.ini", "[testenv]\ncommands = pytest\n", "pytest", "echo", True),
        ("tox.ini", "[flake8]\nmax = 1\n", "1", "2", False),
        ("tox.ini", "[flake8]\nmax = 1\n", "[flake8]", "", True),
    ],
)
def test_only_what_is_about_measuring_counts(path: str, text: str, old: str, new: str, expected: bool) -> None:  # noqa: FBT001
    assert is_shared(path)
    assert bends(path, text.encode(), text.replace(old, new, 1).encode()) is expected


def test_settings_that_are_new_or_gone_count_by_what_they_say() -> None:
    assert bends("pyproject.toml", None, PROJECT.encode())
    assert bends("pyproject.toml", PROJECT.encode(), None)
    assert not bends("setup.cfg", None, b"[metadata]\nname = model\n")
    assert bends("setup.cfg", None, b"\xff")
    assert not is_shared("model/settings.toml")
