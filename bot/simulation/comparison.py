"""Verdicts as they are compared: what came out, what would be set, and what was due. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.config import Mistake
from bot.model.effects import CheckRun, Effect, SetLabels
from bot.model.verdicts import Message, Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """One policy's word on one issue or pull request; in shadow `outcome` is the one that it would have had."""

    policy: str
    rule: str
    outcome: str
    is_shadow: bool = False
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    said: Message | None = None

    def __str__(self) -> str:
        """Return it in a line."""
        parts = [f"{self.outcome}: {self.rule}" + (" (in shadow)" if self.is_shadow else "")]
        parts += [f"+{label}" for label in self.add] + [f"-{label}" for label in self.remove]
        return ", ".join([*parts, *self.checks, *(f"due {moment}" for moment in self.due)])


#: A policy's judgements before and after; None where it has nothing to say.
Change = tuple[Judgement | None, Judgement | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """An issue or pull request that comes out differently: for each policy that differs, both judgements."""

    number: int
    title: str
    is_pull_request: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """How many were judged, which of them differ, which could not be judged, and what the file says in vain."""

    judged: int
    differences: tuple[Difference, ...]
    skipped: tuple[tuple[int, str], ...] = ()
    ignored: tuple[Mistake, ...] = ()


def judgements(verdicts: Iterable[Verdict], effects: Iterable[Effect] = ()) -> dict[str, Judgement]:
    """Return each policy's judgement under its name; what has nothing to say and sets nothing is left out.

    A gate's check run stands among the decision's effects, under the gate's own name.
    """
    found: dict[str, Judgement] = {}
    checks = [each for each in effects if isinstance(each, CheckRun)]
    for verdict in verdicts:
        judgement = _judgement(verdict, checks)
        if judgement.said or judgement.add or judgement.remove or judgement.checks or judgement.due:
            found.setdefault(judgement.policy, judgement)
    return found


def compare(before: dict[str, Judgement], after: dict[str, Judgement]) -> Iterator[Change]:
    """Yield both judgements of every policy whose two differ, in the order in which the policies decide."""
    for policy in dict.fromkeys((*before, *after)):
        pair = before.get(policy), after.get(policy)
        if pair[0] != pair[1]:
            yield pair


def _name(verdict: Verdict) -> str:
    """A rule in shadow reports beside its own policy."""
    return verdict.shadow.section if verdict.shadow else verdict.policy


def _judgement(verdict: Verdict, checks: list[CheckRun]) -> Judgement:
    labels = [each for each in verdict.effects if isinstance(each, SetLabels)]
    shadow = verdict.shadow
    return Judgement(
        policy=_name(verdict),
        rule=verdict.rule,
        outcome=(shadow.outcome if shadow else verdict.outcome).value,
        is_shadow=shadow is not None,
        add=shadow.add if shadow else tuple(name for each in labels for name in _added(each)),
        remove=shadow.remove if shadow else tuple(name for each in labels for name in each.remove),
        checks=tuple(f"{each.name}: {each.conclusion or 'waiting'}" for each in checks if _is_of(each, verdict)),
        due=tuple(f"{each.due_at:%Y-%m-%d %H:%M} UTC" for each in verdict.standings if each.due_at is not None),
        said=verdict.message,
    )


def _added(effect: SetLabels) -> tuple[str, ...]:
    return (*effect.add, effect.type) if effect.type else effect.add


def _is_of(check: CheckRun, verdict: Verdict) -> bool:
    return check.name == f"reeve / {verdict.policy}"
