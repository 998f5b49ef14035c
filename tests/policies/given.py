"""Issues as the tests need them, and what GitHub and the store would make of a verdict."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from bot.config import Config
from bot.model.effects import SetLabels
from bot.model.facts import Facts, Issue, Memory
from bot.model.subjects import Actor, Repository, Subject
from bot.model.verdicts import Verdict
from bot.policies import triage

OPENED = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 6, 1, tzinfo=UTC)
MAINTAINER = Actor(2, "maintainer")
TYPES = ("Task", "Bug", "Feature", "Documentation")


def facts(  # noqa: PLR0913  each field of an issue may matter to a case
    title: str = "Something",
    *,
    body: str = "",
    labels: Iterable[str] = (),
    type: str | None = None,  # noqa: A002  the field's own name
    is_open: bool = True,
    issue_types: tuple[str, ...] = (),
    memory: Memory | None = None,
    sender: Actor | None = MAINTAINER,
) -> Facts:
    """Return the facts of one issue in a repository."""
    subject = Subject(1296269, 7)
    issue = Issue(
        subject=subject,
        title=title,
        body=body,
        author=Actor(1, "author"),
        labels=frozenset(labels),
        type=type,
        is_open=is_open,
        comments=0,
        created_at=OPENED,
        updated_at=OPENED,
    )
    repository = Repository(1296269, "acme/model", 77)
    return Facts(repository, issue, sender=sender, issue_types=issue_types, memory=memory or Memory())


def decide(given: Facts, config: Config | None = None) -> Verdict:
    """Decide a minute after the issue was opened, by the default policy unless another is given."""
    return triage.decide(given, config or Config(), NOW)


def change(verdict: Verdict) -> SetLabels | None:
    """Return the verdict's only effect, if it has one."""
    (effect,) = verdict.effects or (None,)
    assert effect is None or isinstance(effect, SetLabels)
    return effect


def after(given: Facts, verdict: Verdict, *, is_written: bool = True) -> Facts:
    """Return the facts once the verdict is recorded and, unless it is still on its way, written to GitHub."""
    memory = verdict.remember or given.memory
    effect = change(verdict)
    if effect is None or not is_written:
        return replace(given, memory=memory)
    labels = (given.issue.labels - set(effect.remove)) | set(effect.add)
    issue = replace(given.issue, labels=labels, type=effect.type or given.issue.type)
    return replace(given, issue=issue, memory=replace(memory, is_applied=True))
