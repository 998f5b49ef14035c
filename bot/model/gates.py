"""What is remembered of the gates of a pull request: where its head is, and how they came out for that."""

from dataclasses import dataclass, field

from bot.model.outcomes import Outcome

#: Under this name a maintainer's word on changes to protected paths is kept, beside the overrides of gates.
ACKNOWLEDGED = "ack"


@dataclass(frozen=True, slots=True)
class Judged:
    """How the gates of one head came out last.

    `outcomes` are those of its own gates by name. `change` is the fingerprint of what it changes, by which a merge
    queue knows it again. `digest` is that of everything that was wanted on GitHub; `rounds` is how often somebody
    asked for the checks anew, and `has_spoken` says that there is a comment to keep up to date.
    """

    head_sha: str
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    change: str = ""
    digest: str = ""
    rounds: int = 0
    has_spoken: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """Where the head of a pull request is: its commit, its branch, and whose that branch is."""

    number: int
    repository_id: int | None
    ref: str
    sha: str
    base_ref: str
    judged: Judged | None = None
