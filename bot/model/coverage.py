"""What a repository asks of coverage: the settings of the gate with the project's own defaults, light to import."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

#: How the whole project is judged: by the minimum, by not being lower than the merge base, or by both.
ProjectRule = Literal["minimum", "ratchet", "both"]


@dataclass(frozen=True, slots=True)
class CoverageRules:
    """The rules of the coverage gate.

    `minimum` is in percent and exact. `parts` are the names of the reports that one commit must have, all of them
    within `deadline`; empty means that any one will do. `source` are the files that tests must reach, less `tests` and
    `ignore`; what is ignored counts nowhere. Changes to `protected` paths could bend the figures: they need a
    maintainer's word. More newly excluded statements than `max_excluded` need one too.
    """

    minimum: Decimal = Decimal(80)
    branch: bool = False
    project: ProjectRule = "minimum"
    parts: tuple[str, ...] = ()
    deadline: timedelta = timedelta(hours=2)
    source: tuple[str, ...] = ("*.py",)
    tests: tuple[str, ...] = ("**/tests/**", "**/test/**", "test_*.py", "*_test.py", "conftest.py")
    ignore: tuple[str, ...] = ()
    protected: tuple[str, ...] = (
        ".github/workflows/**",
        ".github/reeve.yml",
        ".coveragerc",
        ".coveragerc.toml",
        "conftest.py",
        "noxfile.py",
        "pyproject.toml",
        "pytest.ini",
        "setup.cfg",
        "sitecustomize.py",
        "tox.ini",
    )
    max_excluded: int = 20
