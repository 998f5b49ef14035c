"""The text of a comment -> the commands in it: a closed grammar in ASCII, read only where everybody sees it.

A line starts with `/verb` or `@reeve verb`; then come words, `key=value`, `key="quoted text"`, `+label` and `-label`.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.policies.commands import visible
from bot.policies.commands.registry import OWN, Registry

#: GitHub stores no longer comment; a longer text is not one.
MAX_BODY = 65_536
MAX_COMMANDS = 5
_MAX_NAME = 40

_START = re.compile(r" {0,3}(?:/|@reeve(?:[ \t]+|$))", re.IGNORECASE | re.ASCII)
_ANY_START = re.compile(rf"^{_START.pattern}", re.IGNORECASE | re.ASCII | re.MULTILINE)
_ARGUMENT = re.compile(r'(?>([^ \t"]*+)"([^"]*+)"(?=[ \t]|$)|([^ \t]++))')
# Letters that look like ASCII ones: they never run, but what they were meant to say can be told.
_LOOK_ALIKES = str.maketrans("аеіјорсухѕһԁԛԝɑοαιкνр", "aeijopcyxshdqwaoaikvp")


@dataclass(frozen=True, slots=True)
class Command:
    """A verb of the registry, under its own name, with what was typed after it; quotes are taken off."""

    verb: str
    arguments: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line in the form of a command whose verb is not one; if it is not `for_reeve`, other bots may know it."""

    verb: str
    suggestion: str | None
    line: int
    is_for_reeve: bool


@dataclass(frozen=True, slots=True)
class TooMany:
    """More commands than one comment may hold: none of them counts."""

    count: int


def parse(body: str, registry: Registry = OWN) -> tuple[Command | Unknown, ...] | TooMany:
    """Return what a comment asks for, in its order; where nothing is for Reeve, only the first line for others."""
    if len(body) > MAX_BODY or not _ANY_START.search(body):
        return ()
    found = list(_commands(body, registry))
    heard = tuple(each for each in found if isinstance(each, Command) or each.is_for_reeve)
    if len(heard) > MAX_COMMANDS:
        return TooMany(len(heard))
    return heard or tuple(found[:1])


def _commands(body: str, registry: Registry) -> Iterator[Command | Unknown]:
    for line in visible.lines(body):
        start = _START.match(line.text)
        words = line.text[start.end() :].rstrip(" \t") if start else ""
        if start and words:
            yield _command(words, line.number, registry, is_addressed=not start[0].endswith("/"))


def _command(words: str, line: int, registry: Registry, *, is_addressed: bool) -> Command | Unknown:
    name, arguments = _split(words)
    verb = registry.by_name.get(name.lower()) if name.isascii() else None
    if verb is None:
        return _unknown(name, line, registry, is_addressed=is_addressed)
    if arguments == ("?",):
        return Command("help", (verb.name,), line)
    return Command(verb.name, arguments, line)


def _split(words: str) -> tuple[str, tuple[str, ...]]:
    name = re.split(r"[ \t]", words, maxsplit=1)[0]
    arguments = (match[3] or match[1] + match[2] for match in _ARGUMENT.finditer(words, len(name)))
    return name, tuple(arguments)


def _unknown(name: str, line: int, registry: Registry, *, is_addressed: bool) -> Unknown:
    shown = name[:_MAX_NAME]
    meant = _plain(shown)
    is_look_alike = meant in registry.by_name and not name.isascii()
    near = difflib.get_close_matches(meant, registry.by_name, n=1) if is_addressed or is_look_alike else []
    return Unknown(shown, registry.by_name[near[0]].name if near else None, line, is_addressed or is_look_alike)


def _plain(name: str) -> str:
    """Return the ASCII word that a reader takes this for."""
    wide = unicodedata.normalize("NFKC", name).casefold().translate(_LOOK_ALIKES)
    seen = "".join(each for each in wide if not unicodedata.category(each).startswith("C"))
    return next(iter(seen.lstrip("/").split()), "")
