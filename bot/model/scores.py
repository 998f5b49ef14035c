"""What a classifier thinks of an issue: how likely it is each of the three kinds, or only a question."""

from dataclasses import dataclass

from bot.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities that add up to 1, and the words that decided, as they stand in the issue."""

    bug: float
    feature: float
    docs: float
    question: float
    reasons: tuple[str, ...] = ()

    def of(self, kind: Kind | None) -> float:
        """Return the probability of a kind; None stands for a question."""
        match kind:
            case Kind.BUG:
                return self.bug
            case Kind.FEATURE:
                return self.feature
            case Kind.DOCS:
                return self.docs
            case None:
                return self.question

    @property
    def best(self) -> Kind | None:
        """The likeliest kind; None where it is a question."""
        return max((*Kind, None), key=self.of)

    @property
    def confidence(self) -> float:
        """How likely the likeliest kind is."""
        return self.of(self.best)
