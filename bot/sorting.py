"""Whose opinion on an issue counts, gathered before the policies decide.

A plugin's classifier comes before Reeve's own; that one speaks together with a model fitted to the repository, where
one is better; and where it is not sure, an endpoint that an operator set may be asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from bot.classifier.builtin import BuiltIn
from bot.classifier.fitting import Mode
from bot.classifier.linear import Linear
from bot.classifier.own import Own
from bot.model.facts import Issue
from bot.model.scores import Opinion, Scores, Similar, Thresholds
from bot.model.subjects import Repository

#: What plugins say of a title and a body, with the name of the classifier; None where none of them has an opinion.
Ask = Callable[[str, str], tuple[str, Scores] | None]


class Sorter(Protocol):
    """What gives opinions."""

    def opinion(self, repository: Repository, issue: Issue) -> Opinion:
        """Return what there is to say of an issue."""
        ...


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt from a repository's own history: a model, if one is better, and whether words may decide."""

    own: Own | None = None
    mode: Mode = "label"


class Store(Protocol):
    """What was learnt of repositories, and which issues are alike."""

    def fitted(self, repository: Repository) -> Fitted | None:
        """Return what was learnt from a repository's history; None where nothing was learnt yet."""
        ...

    def similar(self, repository: Repository, issue: Issue) -> tuple[Similar, ...]:
        """Return the issues that read like this one, the likest first, and remember this one."""
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
        classifier = self.classifier
        return Opinion(classifier.classify(issue.title, issue.body), source=classifier.name)


@dataclass(frozen=True, slots=True)
class Sorting:
    """The service's own sorter; `endpoint` is only asked where the built-in classifier is not sure."""

    shipped: Shipped
    store: Store
    plugins: Ask
    endpoint: Ask | None = None

    def opinion(self, repository: Repository, issue: Issue) -> Opinion:
        """Return what there is to say of an issue."""
        similar = self.store.similar(repository, issue)
        if given := self.plugins(issue.title, issue.body):
            return Opinion(given[1], source=given[0], similar=similar)
        found = self._own(repository, issue, similar)
        if self.endpoint is None or not issue.is_open or _is_sure(found):
            return found
        asked = self.endpoint(issue.title, issue.body)
        if asked is None:
            return found
        return Opinion(asked[1], found.thresholds, asked[0], similar, is_unproven=found.is_unproven)

    def _own(self, repository: Repository, issue: Issue, similar: tuple[Similar, ...]) -> Opinion:
        fitted = self.store.fitted(repository) or Fitted()
        classifier = BuiltIn(self.shipped.classifier.model, fitted.own)
        return Opinion(
            classifier.classify(issue.title, issue.body),
            thresholds=fitted.own.thresholds if fitted.own else Thresholds(),
            source=classifier.name if fitted.own is None else f"{classifier.name}, fitted",
            similar=similar,
            is_unproven=fitted.mode == "suggest",
        )


def _is_sure(opinion: Opinion) -> bool:
    """Say whether the words say enough: a kind that would be labelled, or a question."""
    kind = opinion.scores.best
    needed = opinion.thresholds.of(kind) if kind else opinion.thresholds.other
    return opinion.scores.confidence >= needed
