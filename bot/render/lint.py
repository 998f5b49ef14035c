"""What is wrong with the templates: `python -m bot.render.lint` prints it, and `make check` runs that."""

import re
import sys
from pathlib import Path
from string import Formatter

from jinja2 import TemplateSyntaxError, meta, nodes

from bot import resources
from bot.render.mistakes import CATALOG
from bot.render.words import LANGUAGES, environment

#: The frame around all messages; every other template is a message with these two blocks.
FRAME = "sticky.md.j2"
BLOCKS = {"verdict", "details"}

# Markdown is not read in a line of HTML, and then neither are its escapes.
_DATA_IN_HTML = re.compile(r"^\s*<[a-z/!].*\{\{", re.IGNORECASE | re.MULTILINE)


def lint(templates: Path) -> list[str]:
    """Return a sentence for each mistake: both languages must have the same templates, using the same names."""
    found = {language: _names(templates / language) for language in LANGUAGES}
    everything = sorted(set().union(*found.values()))
    missing = [
        f"{language}/{name} is missing" for language in LANGUAGES for name in everything if name not in found[language]
    ]
    shared = set.intersection(*found.values())
    compared = [mistake for name in sorted(shared) for mistake in _compare(templates, name)]
    return missing + compared + _compare_catalogs(templates)


def main() -> int:
    """Print the mistakes; the exit status says whether there are any."""
    mistakes = lint(resources.templates())
    print("\n".join(mistakes) or "templates: no mistakes")  # noqa: T201  this is a command
    return 1 if mistakes else 0


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.j2")}


def _compare(templates: Path, name: str) -> list[str]:
    mistakes: list[str] = []
    used = {language: _variables(templates, language, name, mistakes) for language in LANGUAGES}
    first, second = used.values()
    if not mistakes and first != second:
        mistakes.append(f"{name} uses in one language only: {', '.join(sorted(first ^ second))}")
    return mistakes


def _compare_catalogs(templates: Path) -> list[str]:
    """Compare the words for mistakes: each must be there in both languages and be filled with the same."""
    first, second = (_fillings(templates / language) for language in LANGUAGES)
    return [
        f"{CATALOG} differs between the languages: {code}"
        for code in sorted(first.keys() | second.keys())
        if first.get(code) != second.get(code)
    ]


def _fillings(folder: Path) -> dict[str, set[str]]:
    path = folder / CATALOG
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    words = dict(line.split(": ", 1) for line in lines)
    return {code: {name for _, name, _, _ in Formatter().parse(text) if name} for code, text in words.items()}


def _variables(templates: Path, language: str, name: str, mistakes: list[str]) -> set[str]:
    """Return the names that a template expects, and note what is wrong with it by itself."""
    source = (templates / language / name).read_text(encoding="utf-8")
    try:
        tree = environment(templates, language).parse(source)
    except TemplateSyntaxError as error:
        mistakes.append(f"{language}/{name}:{error.lineno}: {error.message}")
        return set()
    if _DATA_IN_HTML.search(source):
        mistakes.append(f"{language}/{name} prints data in a line of HTML, where it is not escaped")
    if name != FRAME and {block.name for block in tree.find_all(nodes.Block)} != BLOCKS:
        mistakes.append(f"{language}/{name} must have the blocks verdict and details")
    return meta.find_undeclared_variables(tree)


if __name__ == "__main__":
    sys.exit(main())
