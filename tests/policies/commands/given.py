"""Comments, people and commits as the tests of commands need them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.config import Config
from bot.model.facts import Comment, Memory
from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.model.verdicts import Verdict
from bot.policies.commands import Answer, Head, Situation, decide_comment
from tests.policies.given import facts

WRITTEN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NOW = WRITTEN + timedelta(seconds=2)
AUTHOR = Actor(1, "author")
PERSON = Actor(2, "person")
SHA = "1" * 40
HEAD = Head(SHA, SHA)


def situation(  # noqa: PLR0913  each circumstance may matter to a case
    body: str,
    *,
    role: Role | None = Role.ADMIN,
    by: Actor | None = PERSON,
    action: str = "created",
    is_edited: bool = False,
    body_now: str | None = "",
    head: Head | None = None,
    labels: Iterable[str] = (),
    is_open: bool = True,
    issue_types: tuple[str, ...] = (),
    memory: Memory | None = None,
    verdicts: tuple[Verdict, ...] = (),
    since: datetime | None = None,
    overtaken: Iterable[str] = (),
) -> Situation:
    """Return a comment on an issue (or, with a head, a pull request); `body_now` None is one that was deleted."""
    comment = Comment(9, body, by, WRITTEN, WRITTEN)
    later = WRITTEN + timedelta(seconds=is_edited)
    return Situation(
        action=action,
        comment=comment,
        comment_now=None if body_now is None else replace(comment, body=body_now or body, updated_at=later),
        facts=facts("Something", labels=labels, is_open=is_open, issue_types=issue_types, memory=memory),
        role=role,
        head=head,
        verdicts=verdicts,
        since=since,
        overtaken=frozenset(overtaken),
    )


def decide(given: Situation, config: Config | None = None) -> Answer:
    """Decide on a comment with one command in it."""
    (answer,) = decide_comment(given, config or Config(), NOW)
    return answer
