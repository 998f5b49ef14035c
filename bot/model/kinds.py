"""The three kinds of issue that have a deadline of their own."""

from enum import StrEnum


class Kind(StrEnum):
    """What an issue is about: something broken, something wanted, or something to be written down better."""

    BUG = "bug"
    FEATURE = "feature"
    DOCS = "docs"
