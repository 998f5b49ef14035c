"""Whether a change to a file of settings can bend what is measured: only its sections about measuring count."""

import configparser
import tomllib

#: Files that hold settings of many tools; whatever else is protected counts as a whole.
SHARED = ("pyproject.toml", "setup.cfg", "tox.ini")

_TABLES = ("coverage", "pytest", "pytest-ini-options")
_SECTIONS = ("coverage:", "tool:pytest", "pytest", "testenv", "tox")


def is_shared(path: str) -> bool:
    """Say whether this file holds settings of many tools."""
    return path.rsplit("/", 1)[-1] in SHARED


def bends(path: str, before: bytes | None, after: bytes | None) -> bool:
    """Say whether what a file says of measuring has changed; one that cannot be read counts as changed."""
    read = _toml if path.endswith(".toml") else _ini
    try:
        return read(before) != read(after)
    except (ValueError, RecursionError, configparser.Error):
        return True


def _toml(text: bytes | None) -> object:
    """Return the tables of the tools that measure, and what is run to build: it runs before the tests do."""
    document = tomllib.loads((text or b"").decode())
    tools = document.get("tool", {})
    if not isinstance(tools, dict):
        return document
    return {name: tools.get(name) for name in _TABLES}, document.get("build-system")


def _ini(text: bytes | None) -> object:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string((text or b"").decode())
    return {name: dict(parser[name]) for name in parser.sections() if name.startswith(_SECTIONS)}
