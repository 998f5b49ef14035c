"""The road that every event takes: gather facts, decide, record, act. Read this file first.

An event only says where to look. `handle` works out what should be true of the subject now and records the
difference as effects, in one transaction with the reasons; `act` then makes one effect true on GitHub.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from bot import welcome
from bot.config import Config, ConfigError, parse
from bot.hearing import Ear, Heard
from bot.model.decisions import Decision, PendingEffect, Push
from bot.model.effects import Effect, SetLabels, StickyComment
from bot.model.errors import Gone
from bot.model.events import (
    CommentGiven,
    ConfigChanged,
    Event,
    Ignored,
    InstallationChanged,
    IssueChanged,
    LookAgain,
    PullRequestChanged,
    RepositoryAdded,
)
from bot.model.facts import Comment, Facts, Issue, Memory, PullRequest
from bot.model.forge import Attempt, Fetched, Receipt
from bot.model.roles import Role
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Message, Verdict
from bot.policies import language

CONFIG_PATH = ".github/reeve.yml"

#: A lost push event may hide a changed policy file for this long; asking again is one conditional request.
CONFIG_FRESH_FOR = timedelta(minutes=15)

ISSUE_TYPES_FRESH_FOR = timedelta(hours=24)

Policy = Callable[[Facts, Config, datetime], Verdict]


class Forge(Protocol):
    """GitHub, as one installation may use it. Everything may raise `RateLimited`, `GitHubDown`, `Refused` or `Gone`."""

    def file(self, repository: Repository, path: str, *, etag: str | None) -> Fetched | None:
        """Read a file on the default branch; None means unchanged since `etag`."""
        ...

    def issue(self, repository: Repository, number: int) -> Issue:
        """Read an issue as it is now."""
        ...

    def issue_types(self, repository: Repository) -> tuple[str, ...]:
        """Name the organisation's native issue types; empty where there are none."""
        ...

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:
        """Read a comment as it is now; None means that it was deleted."""
        ...

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:
        """Ask for an account's role now; None means that this login is not this account."""
        ...

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        ...

    def apply(self, repository: Repository, effect: Effect, attempt: Attempt) -> Receipt:
        """Make the effect true; look up first where an earlier try may have got through."""
        ...


class Store(Protocol):
    """What the road needs to remember."""

    def policy_file(self, repository: Repository) -> tuple[Fetched | None, datetime | None]:
        """Return the policy file as last read, and when this installation read it."""
        ...

    def keep_policy_file(self, repository: Repository, file: Fetched | None, *, now: datetime) -> None:
        """Remember the policy file, or only that it was found unchanged."""
        ...

    def doubt_policy_file(self, repository: Repository) -> None:
        """Have the policy file read again before the next decision."""
        ...

    def issue_types(self, repository: Repository) -> tuple[tuple[str, ...], datetime | None]:
        """Return the issue types as last read, and when that was."""
        ...

    def keep_issue_types(self, repository: Repository, types: tuple[str, ...], *, now: datetime) -> None:
        """Remember the organisation's issue types."""
        ...

    def memory(self, subject: Subject) -> Memory:
        """Return what Reeve did to a subject before; empty for one never seen."""
        ...

    def keep_seen(self, subject: Subject, moment: datetime) -> None:
        """Move the fence forward: older states of the subject need no judgement any more."""
        ...

    def is_answered(self, comment_id: int) -> bool:
        """Say whether this comment's commands were judged before."""
        ...

    def pushes(self, subject: Subject) -> Sequence[Push]:
        """Return the heads that a pull request had, oldest first."""
        ...

    def keep_push(self, subject: Subject, push: Push) -> None:
        """Remember that a pull request has this head from this moment on."""
        ...

    def keep_repository(self, repository: Repository) -> None:
        """Remember a repository by its id, under its present name."""
        ...

    def keep_installation(self, change: InstallationChanged, *, now: datetime) -> None:
        """Remember what an installation covers and whether it is active; greet what is new, forget what was removed."""
        ...


class Words(welcome.Words, Protocol):
    """The sentences for people."""

    def comment(self, messages: Sequence[Message], language: str) -> str:
        """Compose the one comment that a subject carries."""
        ...

    def answer(self, messages: Sequence[Message], language: str) -> str:
        """Compose an answer to one comment."""
        ...


@dataclass(frozen=True, slots=True)
class Road:
    """The parts that one trip needs, already wired together."""

    forge: Callable[[int], Forge]
    store: Store
    words: Words
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Handled:
    """How a trip ended: with a decision to record, or with a word on why there was nothing to decide."""

    decision: Decision | None
    reason: str


def handle(events: Sequence[Event], road: Road, now: datetime) -> Handled:
    """Walk one subject's waiting events down the road, newest state last; the caller records the result."""
    newest: IssueChanged | LookAgain | None = None
    added: RepositoryAdded | None = None
    given: list[CommentGiven] = []
    reason = "nothing to do"
    for event in events:
        match event:
            case IssueChanged() | LookAgain():
                newest = event if newest is None else _newer(newest, event)
            case CommentGiven():
                given.append(event)
                change = IssueChanged("commented", event.repository, event.issue, event.sender)
                newest = change if newest is None else _newer(newest, change)
            case PullRequestChanged():
                road.store.keep_push(event.subject, Push(event.pull.head_sha, event.pull.updated_at))
                reason = "pull requests have no rule yet"
            case ConfigChanged():
                road.store.doubt_policy_file(event.repository)
                reason = "policy file will be read again"
            case RepositoryAdded():
                added = event
            case InstallationChanged():
                road.store.keep_installation(event, now=now)
                reason = f"installation {event.action}"
            case Ignored():
                reason = event.reason
    if added is not None:
        return _welcome(added.repository, road, now)
    return Handled(None, reason) if newest is None else _judge(newest, given, road, now)


def act(pending: PendingEffect, road: Road) -> Receipt:
    """Make one effect true on GitHub; a subject that is gone needs nothing any more."""
    forge = road.forge(pending.repository.installation_id)
    attempt = Attempt(remote_id=pending.remote_id, may_have_happened=pending.attempts > 0)
    try:
        return forge.apply(pending.repository, pending.effect, attempt)
    except Gone:
        return Receipt(was_needed=False)


def _welcome(repository: Repository, road: Road, now: datetime) -> Handled:
    """Introduce Reeve where there is no policy file; where there is one, have the labels that it needs."""
    config, forge = _config(repository, road, now), road.forge(repository.installation_id)
    memory = road.store.memory(Subject(repository.id, 0))
    if config is not None:
        return Handled(welcome.furnish(repository, config, memory=memory, forge=forge, words=road.words), "furnished")
    file = forge.file(repository, CONFIG_PATH, etag=None)
    if file is not None and file.value is not None:
        return Handled(None, "the policy file has mistakes: installed but passive")
    return Handled(welcome.greet(repository, memory=memory, forge=forge, words=road.words), "welcomed")


def _newer(one: IssueChanged | LookAgain, other: IssueChanged | LookAgain) -> IssueChanged | LookAgain:
    """Choose the event that knows more: a fresh look beats any snapshot, then GitHub's own time decides.

    That time is in whole seconds. Two different states of the same second cannot be put in order, so GitHub is asked.
    """
    if isinstance(one, LookAgain):
        return one
    if isinstance(other, LookAgain) or other.issue.updated_at > one.issue.updated_at:
        return other
    if other.issue.updated_at == one.issue.updated_at and other.issue != one.issue:
        return LookAgain(other.repository, other.subject)
    return one


def _judge(event: IssueChanged | LookAgain, given: Sequence[CommentGiven], road: Road, now: datetime) -> Handled:
    """Gather, hear what people asked for, then decide."""
    config = _config(event.repository, road, now)
    if config is None:
        return Handled(None, "no policy file: installed but passive")
    memory = road.store.memory(event.subject)
    facts = _gather(event, memory, road, now)
    is_late = memory.seen_at is not None and facts.issue.updated_at < memory.seen_at
    if is_late and not given:
        return Handled(None, "a newer state was judged already")
    if is_late or _is_uncertain(facts, config):
        facts = _gather(LookAgain(event.repository, event.subject), memory, road, now)
    is_pull_request = any(each.is_pull_request for each in given)
    policies = () if is_pull_request else road.policies

    def judge(known: Facts) -> tuple[Verdict, ...]:
        return tuple(policy(known, config, now) for policy in policies)

    forge = road.forge(event.repository.installation_id)
    heard = Ear(forge, road.store, road.words, config, now, judge).hear(given, facts)
    digest = facts_digest(facts, config)
    if digest == memory.digest and not heard.comments:
        road.store.keep_seen(event.subject, facts.issue.updated_at)
        return Handled(None, "nothing changed")
    return Handled(_decision(heard, config, judge(heard.facts), digest, road.words, now), "decided")


def _is_uncertain(facts: Facts, config: Config) -> bool:
    """Say whether this snapshot may be older than it looks: only GitHub can tell then.

    It may be of the very second that was judged before and show something else; or it lacks what Reeve has set since,
    which either a person took away or the snapshot is too old to show.
    """
    issue, memory = facts.issue, facts.memory
    if facts_digest(facts, config) == memory.digest:
        return False
    lacks_label = memory.label is not None and memory.label not in issue.labels
    lacks_type = memory.type is not None and memory.type != issue.type
    return issue.updated_at == memory.seen_at or lacks_label or lacks_type


def _gather(event: IssueChanged | LookAgain, memory: Memory, road: Road, now: datetime) -> Facts:
    match event:
        case IssueChanged():
            issue, sender = event.issue, event.sender
        case LookAgain():
            sender = None
            issue = road.forge(event.repository.installation_id).issue(event.repository, event.subject.number)
    types = _issue_types(event.repository, road, now)
    # What Reeve has decided and not yet written counts as done: else its own half-way states look like a person's.
    issue = issue.after(memory.pending)
    return Facts(repository=event.repository, issue=issue, sender=sender, issue_types=types, memory=memory)


def _config(repository: Repository, road: Road, now: datetime) -> Config | None:
    """Return the policy in force: the file on the default branch, or the last one that could be read."""
    known, checked_at = road.store.policy_file(repository)
    if checked_at is None or now - checked_at > CONFIG_FRESH_FOR:
        known = _read_config(repository, known, road, now)
    else:
        road.store.keep_repository(repository)
    if known is None or known.value is None:
        return None
    return parse(known.value)


def _read_config(repository: Repository, known: Fetched | None, road: Road, now: datetime) -> Fetched | None:
    forge = road.forge(repository.installation_id)
    read = forge.file(repository, CONFIG_PATH, etag=known.etag if known else None)
    if read is not None and read.value is not None and not _is_valid(read.value):
        read = None  # the last good one stays in force
    road.store.keep_repository(repository)  # only now: that GitHub answered proves that it is this installation's
    road.store.keep_policy_file(repository, read, now=now)
    return known if read is None else read


def _is_valid(text: str) -> bool:
    try:
        parse(text)
    except ConfigError:
        return False
    return True


def _issue_types(repository: Repository, road: Road, now: datetime) -> tuple[str, ...]:
    """Return the organisation's issue types; a person's own repository has none and costs no request."""
    if repository.organization is None:
        return ()
    types, checked_at = road.store.issue_types(repository)
    if checked_at is None or now - checked_at > ISSUE_TYPES_FRESH_FOR:
        types = road.forge(repository.installation_id).issue_types(repository)
        road.store.keep_issue_types(repository, types, now=now)
    return types


def facts_digest(facts: Facts, config: Config) -> str:
    """Return a fingerprint of all that a decision rests on: the same fingerprint needs no second decision."""
    issue = facts.issue
    known = [issue.title, issue.body, sorted(issue.labels), issue.type, issue.is_open, sorted(facts.issue_types)]
    return hashlib.sha256(msgspec.json.encode([known, config.digest])).hexdigest()


def _decision(  # noqa: PLR0913  the threads of one trip come together here
    heard: Heard, config: Config, verdicts: tuple[Verdict, ...], digest: str, words: Words, now: datetime
) -> Decision:
    facts = heard.facts
    wakes = [v.wake_at for v in verdicts if v.wake_at is not None and v.wake_at > now]
    remembered = [v.remember for v in verdicts if v.remember is not None]
    memory = remembered[-1] if remembered else facts.memory
    effects = tuple(effect for verdict in verdicts for effect in verdict.effects)
    wanted = facts.issue.after(effect for effect in effects if isinstance(effect, SetLabels))
    return Decision(
        repository=facts.repository,
        subject=facts.issue.subject,
        verdicts=heard.verdicts + verdicts,
        effects=heard.effects + effects + _sticky(facts, config, verdicts, words),
        memory=replace(
            memory, seen_at=facts.issue.updated_at, digest=facts_digest(replace(facts, issue=wanted), config)
        ),
        config_digest=config.digest,
        facts_digest=digest,
        wake_at=min(wakes, default=None),
        comments=heard.comments,
        overrides=heard.overrides,
    )


def _sticky(facts: Facts, config: Config, verdicts: tuple[Verdict, ...], words: Words) -> tuple[StickyComment, ...]:
    """Fold what all policies have to say into the subject's one comment; silence when there is nothing."""
    messages = [v.message for v in verdicts if v.message is not None]
    if not messages:
        return ()
    body = words.comment(messages, language.choose(config, facts.issue))
    return (StickyComment(facts.issue.subject, body, may_exist=facts.issue.comments > 0 and not facts.memory.digest),)
