"""The hostile uploads of the shared security corpus, where it lies beside the checkout."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FOLDER = Path(os.environ.get("REEVE_SHARED_DATA") or _BESIDE) / "security" / "artifacts"


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload of the corpus and what is to become of it."""

    file: Path
    verdict: str
    why: str

    @property
    def content(self) -> bytes:
        """The upload itself."""
        return self.file.read_bytes()


def uploads(*endings: str) -> list[object]:
    """Return the uploads whose names end so, as parameters of a test; one that is skipped where there are none."""
    manifest = FOLDER / "manifest.jsonl"
    if not manifest.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason="the security corpus is not here: REEVE_SHARED_DATA"))]
    lines = (json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines())
    found = (Upload(FOLDER / line["file"], line["verdict"], line["why"]) for line in lines)
    return [pytest.param(each, id=each.file.name) for each in found if each.file.name.endswith(endings)]
