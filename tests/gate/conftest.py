"""The desk that each test of the local gates works on."""

from pathlib import Path

import pytest

from tests.gate.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Lay out a repository and stand in it."""
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)
