"""What was found out about an issue: the value that evidence and opinions return."""

from dataclasses import dataclass

from bot.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: the rule that decided, the kind (None: a person has to say), and the words it rests on.

    `label` is the label that ought to carry the finding; None where a person's own mark carries it already.
    `suggestion` is a kind that is likely, and not likely enough; `confidence` is the classifier's, in percent.
    """

    rule: str
    kind: Kind | None = None
    evidence: tuple[str, ...] = ()
    label: str | None = None
    is_by_person: bool = False
    is_final: bool = False
    suggestion: Kind | None = None
    confidence: int | None = None
