"""The pages say what is there: settings, commands, figures, links and the tests they name."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from bot.cli import app
from bot.config import Config, parse
from bot.github.tokens import PERMISSIONS
from bot.policies.commands import VERBS

ROOT = Path(__file__).resolve().parents[1]
TOP = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES = [*TOP, *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "decisions").iterdir())
OPERATIONS = ROOT / "docs" / "operations.md"


def _read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def _commands(group: typer.Typer, before: str = "") -> Iterator[str]:
    """Name every command in full, such as `audit verify`."""
    for command in group.registered_commands:
        assert command.callback
        yield before + (command.name or command.callback.__name__)
    for inner in group.registered_groups:
        assert inner.typer_instance
        yield from _commands(inner.typer_instance, f"{before}{inner.name} ")


def _links(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each relative link as a path and a heading's anchor; either may be empty."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield path, anchor


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [ROOT / "README.md", OPERATIONS], ids=lambda page: page.name)
def test_every_setting_stands_in_the_page(page: Path) -> None:
    settings = set(re.findall(r"REEVE_[A-Z_]+", _read("bot", "settings.py")))
    missing = {name for name in settings if f"`{name}`" not in page.read_text(encoding="utf-8")}
    assert settings
    assert not missing


def test_every_permission_stands_in_the_readme() -> None:
    rows = re.findall(r"^\| ([A-Z][a-z ]+) \| (read(?: and write)?) \|", _read("README.md"), re.MULTILINE)
    shown = {name.lower().replace(" ", "_"): access for name, access in rows}
    assert {name: level for name, level in PERMISSIONS.items() if level not in shown.get(name, "")} == {}


def test_every_event_that_is_read_stands_in_the_readme() -> None:
    unasked = {"installation", "installation_repositories", "ping"}
    read = set(re.findall(r'case "(\w+)"', _read("bot", "github", "webhooks.py"))) - unasked
    line = re.search(r"^Subscribe to (.*?)\.", _read("README.md"), re.MULTILINE)
    assert line
    assert {name.lower().replace(" ", "_") for name in re.findall(r"\*\*(.+?)\*\*", line[1])} == read


def test_every_verb_of_a_comment_that_works_stands_in_the_readme() -> None:
    works = {verb.name for verb in VERBS if verb.is_available}
    assert "kind" in works
    assert [name for name in sorted(works) if f"`/{name}`" not in _read("README.md")] == []


def test_every_command_stands_in_a_page() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    commands = list(_commands(app))
    assert "audit verify" in commands
    assert [command for command in commands if f"reeve {command}" not in text] == []


def test_every_figure_stands_in_the_operations_page() -> None:
    figures = set(re.findall(r'"(reeve_\w+)"', _read("bot", "web", "metrics.py")))
    missing = {name for name in figures if f"`{name}`" not in OPERATIONS.read_text(encoding="utf-8")}
    assert figures
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for path, anchor in _links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {path}"
        assert not anchor or anchor in _anchors(target), f"{page.name}: {path}#{anchor}"


def test_every_test_that_a_page_names_exists() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)", tests))
    named = {name for page in PAGES for name in re.findall(r"\btest_\w+\b(?!\.py)", page.read_text(encoding="utf-8"))}
    assert len(named) > 30
    assert named <= defined, sorted(named - defined)


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_has_a_number_and_a_title(page: Path) -> None:
    number = re.fullmatch(r"(\d{4})-[a-z0-9-]+\.md", page.name)
    assert number
    assert re.match(rf"# {number[1]}\. \S.*\n", page.read_text(encoding="utf-8"))


def test_the_decisions_are_numbered_without_a_gap() -> None:
    assert [page.name[:4] for page in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


def test_every_dependency_stands_with_its_licence_in_the_page() -> None:
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    names = [re.split(r"[\[>=<; ]", line)[0] for line in project["dependencies"]]
    page = _read("docs", "decisions", "0012-dependencies.md")
    assert [name for name in names if not re.search(rf"^\| {re.escape(name)} \| \S", page, re.MULTILINE)] == []


def test_the_policy_file_in_the_page_is_good_and_shows_defaults() -> None:
    example = re.search(r"```yaml\n(.*?)```", _read("docs", "configuration.md"), re.DOTALL)
    assert example
    differing = {name for name, value in parse(example[1]) if value != getattr(Config(), name)}
    assert differing == {"triage", "messages"}  # empty by default, as the page says
