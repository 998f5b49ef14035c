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
        kinds: tuple[Kind | None, ...] = (*Kind, None)
        return max(kinds, key=self.of)

    @property
    def confidence(self) -> float:
        """How likely the likeliest kind is."""
        return self.of(self.best)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on an issue is labelled, and from which on a kind is suggested to a person.

    A bug starts a short clock and is held to more.
    """

    bug: float = 0.9
    other: float = 0.75
    suggest: float = 0.5

    def of(self, kind: Kind) -> float:
        """Return what the probability of this kind must reach before it is labelled."""
        return self.bug if kind is Kind.BUG else self.other


@dataclass(frozen=True, slots=True)
class Similar:
    """Another issue of the repository that reads alike, and how much, in percent."""

    number: int
    likeness: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What there is to say of an issue besides its marks: from its words, and from its likeness to others.

    `source` names the classifier. `is_unproven`: the repository has too few labelled issues to check the classifier
    on, so that it only suggests unless the policy file says otherwise.
    """

    scores: Scores
    thresholds: Thresholds = Thresholds()
    source: str = "reeve"
    similar: tuple[Similar, ...] = ()
    is_unproven: bool = False
