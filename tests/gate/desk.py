"""A repository on the desk: a base, a change, and what coverage.py measures of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.gate import command

CALC = '''"""Sums."""


def add(a, b):
    """Add."""
    return a + b
'''
MORE = '''

def sub(a, b):
    """Subtract."""
    if a > b:
        return a - b
    return b - a


def twice(a):
    return add(a, a)
'''
TEST = """from shop.calc import add


def test_add():
    assert add(1, 2) == 3
"""
MORE_TESTS = """

def test_sub():
    from shop.calc import sub, twice

    assert sub(1, 3) == 2
    assert sub(3, 1) == 2
    assert twice(2) == 4
"""


class Desk:
    """A repository with a branch `main`, and a branch `feature` that is checked out."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Commit the base."""
        self.root = root
        self._capsys = capsys
        self.git("init", "-q", "-b", "main")
        self.commit(
            {"shop/__init__.py": "", "shop/calc.py": CALC, "tests/test_calc.py": TEST, ".gitignore": "coverage.*\n"}
        )
        self.git("checkout", "-q", "-b", "feature")

    def git(self, *arguments: str) -> str:
        """Run git."""
        who = {f"GIT_{name}_{what}": f"a@{what}" for name in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True, env={**os.environ, **who}
        )
        return done.stdout

    def write(self, files: dict[str, str]) -> None:
        """Write files into the working copy."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def commit(self, files: dict[str, str]) -> None:
        """Write files and commit everything."""
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def measure(self, *options: str) -> None:
        """Run the tests under coverage.py, and write the report in every format."""
        run = "import runpy; [f() for n, f in runpy.run_path('tests/test_calc.py').items() if n.startswith('test_')]"
        (self.root / "run.py").write_text(run, encoding="utf-8")
        self._coverage("run", "--source=shop", *options, "run.py")
        (self.root / "run.py").unlink()
        for kind in ("json", "xml", "lcov"):
            self._coverage(kind, "-q")
        (self.root / ".coverage").unlink()

    def _coverage(self, *arguments: str) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.root)}
        command = [sys.executable, "-m", "coverage", *arguments]
        subprocess.run(command, cwd=self.root, check=True, capture_output=True, env=environment)

    def ask(self, *arguments: str) -> tuple[int, str]:
        """Ask the gate; return the exit status and what it prints."""
        self._capsys.readouterr()
        status = command.coverage(arguments)
        return status, self._capsys.readouterr().out

    def verdict(self, *arguments: str, status: int) -> dict[str, Any]:
        """Ask the gate for JSON, and expect this exit status."""
        found, said = self.ask(*arguments, "--json")
        assert found == status, said
        verdict: dict[str, Any] = json.loads(said)
        return verdict
