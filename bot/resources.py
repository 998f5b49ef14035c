"""Where the files that are not code lie: templates and workflows, in the installed package or in the checkout."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Literal["templates", "workflows"], *, package: Path = _PACKAGE) -> Path:
    """Return the folder that was packed into the wheel, or else the checkout's own; raise when there is neither."""
    for candidate in (package / "_data" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"no folder {name}: the installation is incomplete")


def templates() -> Path:
    """Return the folder of the words for people and of the pages."""
    return folder("templates")


def workflows() -> Path:
    """Return the folder of the workflows that `reeve init` writes into a repository."""
    return folder("workflows")
