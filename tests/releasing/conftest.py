"""The yard in which a release goes its way."""

import pytest
from sqlalchemy import Engine

from tests.releasing.yard import Yard


@pytest.fixture
def yard(engine: Engine) -> Yard:
    """A repository whose last release is older than a month."""
    return Yard(engine)
