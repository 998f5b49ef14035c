"""Shadow mode: a verdict of a section that is in shadow says what it would have done, and does nothing of it.

The section of the policy file has the name of the policy: every policy, and every gate, is cast in the same way.
"""

from dataclasses import replace
from typing import Protocol

from bot.config import Config
from bot.config.shadow import Enforced, promotion
from bot.model.effects import CheckRun, SetLabels
from bot.model.verdicts import Message, Outcome, Shadow, Verdict

CHECK = "shadow/check"


class Words(Protocol):
    """The sentences for people."""

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return a message as a title in plain text and a body in Markdown."""
        ...


def cast(verdict: Verdict, config: Config, words: Words, language: str) -> Verdict:
    """Return a verdict as it counts: as it is, or its shadow where the section of its policy is in one.

    Its check runs pass, and say in title and summary that they only report. `config` holds at this moment
    (`Config.at`): in it a shadow that is over is gone.
    """
    section = getattr(config, verdict.policy, None)
    until = section.shadow_until if isinstance(section, Enforced) else None
    if until is None or verdict.shadow is not None:
        return verdict
    shadowed = shadow(verdict, verdict.policy, until)
    told = {"section": verdict.policy, "until": until, "outcome": verdict.outcome.value}
    title, notice = words.headed(Message(CHECK, told), language)
    checks = (each for each in shadowed.effects if isinstance(each, CheckRun))
    return replace(shadowed, effects=tuple(_told(each, title, notice) for each in checks))


def shadow(verdict: Verdict, section: str, until: str) -> Verdict:
    """Return what is left of a verdict in shadow: the report of it, and check runs that hold nothing up.

    It counts for nothing and remembers nothing, calls nobody, and is looked at again when the shadow ends.
    """
    labels = [each for each in verdict.effects if isinstance(each, SetLabels)]
    cast_by = Shadow(
        section=section,
        until=until,
        outcome=verdict.outcome,
        add=tuple(name for each in labels for name in (*each.add, *((each.type,) if each.type else ()))),
        remove=tuple(name for each in labels for name in each.remove),
    )
    wakes = [promotion(until), *([verdict.wake_at] if verdict.wake_at else [])]
    return replace(
        verdict,
        outcome=Outcome.NOT_APPLICABLE,
        message=replace(verdict.message, shadow=cast_by) if verdict.message else None,
        effects=tuple(_passing(each) for each in verdict.effects if isinstance(each, CheckRun)),
        wake_at=min(wakes),
        remember=None,
        calls=(),
        shadow=cast_by,
    )


def _passing(check: CheckRun) -> CheckRun:
    """Let a check pass, also one that still waits: it would hold a merge up. Its remarks on lines become warnings."""
    notes = tuple(replace(each, level="warning") if each.level == "failure" else each for each in check.annotations)
    return replace(check, conclusion="success", annotations=notes)


def _told(check: CheckRun, title: str, notice: str) -> CheckRun:
    return replace(check, title=f"{title} · {check.title}", summary=f"{notice}\n{check.summary}")
