"""The classifier that ships with Reeve, alone or together with one that was fitted to a repository."""

from dataclasses import dataclass

from bot.classifier import features, text
from bot.classifier.corpus import LABELS
from bot.classifier.learn import softmax
from bot.classifier.linear import Linear
from bot.classifier.own import Own
from bot.classifier.reasons import reasons
from bot.model.scores import Scores


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A linear model over words and signs; its probabilities are calibrated by one temperature."""

    model: Linear
    own: Own | None = None
    name: str = "reeve"

    def classify(self, title: str, body: str) -> Scores:
        """Return how likely each kind is, and the words that decided."""
        read = text.read(title, body)
        known = features.extract(read)
        probabilities = self._probabilities(title, body, known)
        best = max(range(len(LABELS)), key=probabilities.__getitem__)
        told = reasons(read, self.model.contributions(known, best))
        bug, feature, docs, question = probabilities
        return Scores(bug, feature, docs, question, told)

    def has_learnt_from(self, title: str, body: str) -> bool:
        """Say whether this very issue was among those that the model was made from."""
        return self.model.has_learnt_from(title, body)

    def probabilities(self, title: str, body: str) -> tuple[float, ...]:
        """Return only the probabilities, in the order of `LABELS`."""
        return self._probabilities(title, body, features.extract(text.read(title, body)))

    def _probabilities(self, title: str, body: str, known: features.Features) -> tuple[float, ...]:
        logits = self.model.calibrated(known)
        if self.own is not None:
            logits = [each / self.own.temperature for each in self.own.joined(logits, title, body, known)]
        return tuple(softmax(logits))
