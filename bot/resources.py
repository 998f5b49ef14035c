"""Where the files that are not code lie: templates, workflows, weights, in the installed package or in the checkout."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Literal["templates", "workflows", "weights"], *, package: Path = _PACKAGE) -> Path:
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


def workflow(name: str, *, language: str = "en", package: Path = _PACKAGE) -> Path:
    """Return a workflow that `reeve init` writes, with remarks in this language where there is such a one.

    In the checkout the bodies lie where they are called from as well.
    """
    written = folder("workflows", package=package)
    for candidate in (written / language / name, written / name, package.parent / ".github" / "workflows" / name):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"no workflow {name}: the installation is incomplete")


def weights() -> bytes:
    """Return the file of the classifier that ships; see `docs/triage.md`."""
    return (folder("weights") / "triage.bin").read_bytes()
