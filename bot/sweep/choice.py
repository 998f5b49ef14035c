"""Which of a repository's news nobody told Reeve of, and in which order they are to be worked on. Pure."""

import hashlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model.facts import Issue, PullRequest
from bot.model.subjects import Lane
from bot.model.sweeps import News, Said
from bot.policies import commands
from bot.policies.commands import OWN, Registry
from bot.store.sweeps import Found, issue_json, pull_json, said_json
from bot.store.synthetic import SWEEP_COMMENT_EVENT, SWEEP_EVENT, SWEEP_PULL_EVENT

#: An issue of which nothing is known yet may have to be answered within this time: the shortest that Reeve promises.
SHORTEST_PROMISE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Known:
    """What Reeve knows of what changed: the state judged last, when each is due, which comments were never answered."""

    seen: Mapping[int, datetime] = field(default_factory=dict)
    due: Mapping[int, datetime] = field(default_factory=dict)
    unanswered: AbstractSet[int] = frozenset()


def commands_in(news: News, registry: Registry = OWN) -> tuple[Said, ...]:
    """Return the comments with commands for Reeve that may still be obeyed.

    One that was edited may have said something else when it was written, and nobody can tell any more.
    """
    return tuple(each for each in news.comments if _may_command(each, registry))


def _may_command(said: Said, registry: Registry) -> bool:
    comment = said.comment
    is_persons = comment.author is not None and not comment.author.is_bot
    is_as_written = comment.updated_at == comment.created_at
    return is_persons and is_as_written and commands.is_for_reeve(commands.parse(comment.body, registry))


def choose(news: News, known: Known, now: datetime, registry: Registry = OWN) -> list[Found]:
    """Return what is to be put on the road: commands, pull requests, what is overdue, then the rest by its deadline."""
    return [*_commands(news, known, registry), *_pulls(news, known), *_issues(news, known, now)]


def _commands(news: News, known: Known, registry: Registry) -> Iterator[Found]:
    for said in sorted(commands_in(news, registry), key=lambda each: (each.comment.created_at, each.comment.id)):
        if said.comment.id in known.unanswered:
            key = f"sweep:comment:{said.comment.id}"
            body = said_json.dump_json(said)
            yield Found(key, SWEEP_COMMENT_EVENT, said.issue.subject, Lane.COMMAND, body)


def _pulls(news: News, known: Known) -> Iterator[Found]:
    for pull in sorted(news.pulls, key=lambda each: (not each.is_open, each.updated_at)):
        if _is_unheard(pull, known):
            body = pull_json.dump_json(pull)
            yield Found(_key(pull, body), SWEEP_PULL_EVENT, pull.subject, Lane.PULL_REQUEST, body)


def _issues(news: News, known: Known, now: datetime) -> Iterator[Found]:
    for issue in sorted(news.issues, key=lambda each: (not each.is_open, _due(each, known))):
        if _is_unheard(issue, known):
            lane = Lane.ISSUE if issue.is_open and _due(issue, known) <= now else Lane.SWEEP
            body = issue_json.dump_json(issue)
            yield Found(_key(issue, body), SWEEP_EVENT, issue.subject, lane, body)


def _due(issue: Issue, known: Known) -> datetime:
    """Return when an issue is, or may be, due."""
    return known.due.get(issue.subject.number, issue.created_at + SHORTEST_PROMISE)


def _is_unheard(subject: Issue | PullRequest, known: Known) -> bool:
    seen_at = known.seen.get(subject.subject.number)
    return seen_at is None or seen_at < subject.updated_at


def _key(subject: Issue | PullRequest, body: bytes) -> str:
    """Return one key for one state: GitHub's time is in whole seconds, and two states may share one."""
    digest = hashlib.sha256(body).hexdigest()[:12]
    return f"sweep:{subject.subject.key}:{subject.updated_at:%Y-%m-%dT%H:%M:%SZ}:{digest}"
