"""Where templates and workflows are found."""

from pathlib import Path

import pytest

from bot import resources


def test_the_checkouts_own_folders_are_found() -> None:
    assert (resources.templates() / "en" / "sticky.md.j2").is_file()
    assert resources.workflows().name == "workflows"


def test_the_packaged_folder_comes_first(tmp_path: Path) -> None:
    package = tmp_path / "bot"
    (package / "_data" / "templates").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    assert resources.folder("templates", package=package) == package / "_data" / "templates"


def test_an_incomplete_installation_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no folder workflows"):
        resources.folder("workflows", package=tmp_path / "bot")
