"""The classifier: how likely an issue is a bug, a feature or about the documentation, or only asks a question.

Pure Python over words and signs. `training` makes the model that ships, `fitting` a second one for a repository, and
`evaluate` says how good they are; `docs/triage.md` has the figures.
"""

from typing import Protocol

from bot.model.scores import Scores

__all__ = ["Classifier", "Scores"]


class Classifier(Protocol):
    """What gives an opinion on an issue: Reeve's own model, or a plugin's."""

    @property
    def name(self) -> str:
        """The classifier's name, for people and for the audit log."""
        ...

    def classify(self, title: str, body: str) -> Scores:
        """Return how likely each kind is, and the words that decided."""
        ...
