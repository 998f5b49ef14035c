"""How the gates come out together: the one check that branch protection requires, and the one comment. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from bot.model.effects import Button, CheckRun, StickyComment
from bot.model.outcomes import Outcome
from bot.model.subjects import Subject
from bot.model.verdicts import Data, Message, Verdict

#: The name of the one check that branch protection is to require, from this App.
CHECK = "reeve"

#: The button that has the gates judged anew; GitHub sends its name back.
RETEST = "retest"

Conclusion = Literal["success", "failure", "action_required"] | None

#: What holds a pull request up most comes first.
_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ACTION_REQUIRED,
    Outcome.UNKNOWN,
    Outcome.PENDING,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)

_QUIET = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.PENDING})


class Words(Protocol):
    """The sentences for people."""

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return a message as a title in plain text and a body in Markdown."""
        ...

    def comment(self, messages: Sequence[Message], language: str) -> str:
        """Compose the one comment that a subject carries."""
        ...


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another open pull request with the same head: checks are of the commit, so neither may pass for the other."""

    number: int
    outcomes: Mapping[str, Outcome]
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Together:
    """The verdicts of all gates on one head."""

    subject: Subject
    head_sha: str
    verdicts: tuple[Verdict, ...]
    language: str
    siblings: tuple[Sibling, ...] = ()
    rounds: int = 0
    is_group: bool = False

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """The gates' own outcomes, by name."""
        return {each.policy: each.outcome for each in self.verdicts}

    @property
    def outcome(self) -> Outcome:
        """The worst of them, those of the siblings included."""
        return worst([outcome for name in self.outcomes for outcome in self._of(name)])

    def checks(self, words: Words) -> tuple[CheckRun, ...]:
        """Return the check runs of the commit: one for each gate, and the one for all.

        They are the commit's, not the pull request's: two with one head have the same checks, and the last one written
        is that which counts.
        """
        own = [each for verdict in self.verdicts for each in self._checks_of(verdict, words)]
        title, summary = words.headed(Message("gates/check", self._data()), self.language)
        bound = None if self.is_group else self.subject.number
        commit = Subject(self.subject.repository_id, 0)
        whole = CheckRun(commit, self.head_sha, CHECK, conclusion(self.outcome), title, summary, bound_to=bound)
        button = self._button(words)
        return tuple(replace(each, subject=commit, buttons=(button,), round=self.rounds) for each in (*own, whole))

    def comment(self, words: Words, *, has_spoken: bool) -> tuple[StickyComment, ...]:
        """Return the one comment: none while there is nothing to do, and kept up to date once there is one."""
        messages = [each.message for each in self.verdicts if each.message is not None]
        is_quiet = all(outcome in _QUIET for outcome in self.outcomes.values()) and not messages
        if self.is_group or (is_quiet and not has_spoken):
            return ()
        body = words.comment([Message("gates/comment", self._data()), *messages], self.language)
        return (StickyComment(self.subject, body, may_exist=not has_spoken),)

    def _of(self, gate: str) -> list[Outcome]:
        """Return what a gate came out as, here and for the siblings; one that was not judged yet may fail."""
        return [self.outcomes[gate], *(each.outcomes.get(gate, Outcome.PENDING) for each in self.siblings)]

    def _checks_of(self, verdict: Verdict, words: Words) -> list[CheckRun]:
        found = worst(self._of(verdict.policy))
        own = [each for each in verdict.effects if isinstance(each, CheckRun)]
        if conclusion(found) == conclusion(verdict.outcome):
            return own
        data: dict[str, Data] = {"gate": verdict.policy, "numbers": self._numbers, "outcome": found.value}
        title, notice = words.headed(Message("gates/sibling", data), self.language)
        return [
            replace(each, conclusion=conclusion(found), title=title, summary=f"{notice}\n{each.summary}")
            for each in own
        ]

    def _button(self, words: Words) -> Button:
        label, description = words.headed(Message("gates/button", {}), self.language)
        return Button(label, description.strip(), RETEST)

    @property
    def _numbers(self) -> tuple[str, ...]:
        return tuple(f"#{each.number}" for each in self.siblings)

    def _data(self) -> dict[str, Data]:
        blocking = [each.policy for each in self.verdicts if each.outcome not in _QUIET]
        return {
            "outcome": worst(list(self.outcomes.values())).value,
            "together": self.outcome.value,
            "gates": tuple(self.outcomes),
            "outcomes": tuple(each.value for each in self.outcomes.values()),
            "titles": tuple(_title(each) for each in self.verdicts),
            "blocking": tuple(blocking),
            "siblings": self._numbers,
            "head": self.head_sha[:12],
            "is_group": self.is_group,
        }


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what holds a pull request up most; where nothing is asked, nothing does."""
    return min(outcomes, key=_WORST_FIRST.index, default=Outcome.NOT_APPLICABLE)


def conclusion(outcome: Outcome) -> Conclusion:
    """Return how a check run concludes. Never `neutral` or `skipped`: branch protection takes both for success."""
    match outcome:
        case Outcome.PASS | Outcome.NOT_APPLICABLE:
            return "success"
        case Outcome.FAIL:
            return "failure"
        case Outcome.PENDING:
            return None
        case Outcome.ACTION_REQUIRED | Outcome.UNKNOWN:
            return "action_required"


def _title(verdict: Verdict) -> str:
    """Return in a few words how a gate came out: the title of its check run."""
    return next((each.title for each in verdict.effects if isinstance(each, CheckRun)), "")
