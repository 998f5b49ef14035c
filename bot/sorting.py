"""Whose opinion on an issue counts, gathered before the policies decide."""

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

from bot.classifier import Classifier
from bot.classifier.builtin import BuiltIn
from bot.classifier.linear import Linear
from bot.model.facts import Issue
from bot.model.scores import Opinion
from bot.model.subjects import Repository


class Sorter(Protocol):
    """What gives opinions."""

    def opinion(self, repository: Repository, issue: Issue) -> Opinion:
        """Return what there is to say of an issue."""
        ...


class Shipped:
    """The classifier that ships, read when the first issue comes."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        """Keep how to read the weights."""
        self._read = read

    @cached_property
    def classifier(self) -> BuiltIn:
        """The classifier itself."""
        return BuiltIn(Linear.from_bytes(self._read()))

    def opinion(self, repository: Repository, issue: Issue) -> Opinion:  # noqa: ARG002  one for all repositories
        """Return the shipped classifier's opinion."""
        return _opinion(self.classifier, issue)


def _opinion(classifier: Classifier, issue: Issue) -> Opinion:
    return Opinion(classifier.classify(issue.title, issue.body), source=classifier.name)
