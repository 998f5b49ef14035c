"""A real door for each test, and GitHub's own payloads where they lie beside the checkout."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.web.doors import Door, Plan, standing


@pytest.fixture
def open_door(tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Open doors as the test needs them; they close after it."""
    with ExitStack() as stack:
        yield lambda **plan: stack.enter_context(standing(tmp_path / f"{uuid.uuid4()}.db", Plan(**plan)))


@pytest.fixture
def door(open_door: Callable[..., Door]) -> Door:
    """A door with everything as in production."""
    return open_door()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded payloads and hostile corpora; it is not part of the repository."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    found = Path(os.environ.get("REEVE_SHARED_DATA", beside))
    if not found.is_dir():
        pytest.skip(f"no data at {found}: set REEVE_SHARED_DATA to the folder with github/ and security/")
    return found
