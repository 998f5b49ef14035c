"""The road that every event takes: gather facts, decide, record, act. Read this file first.

An event only says where to look. `handle` works out what should be true of the subject now and records the
difference as effects, in one transaction with the reasons; `act` then makes one effect true on GitHub.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Self

from bot import gating, policyfile, releasing, welcome
from bot.config import Config
from bot.deciding import compose, fingerprint, rank_of
from bot.deciding import facts_digest as facts_digest  # noqa: PLC0414  said again: part of the road
from bot.digesting import Desk
from bot.hearing import Ear
from bot.model.decisions import Decision, PendingEffect, Push, joined
from bot.model.errors import Gone
from bot.model.events import (
    SWEPT,
    ChecksWanted,
    CommentGiven,
    ConfigChanged,
    DeploymentAsked,
    DigestDue,
    Event,
    GatesDue,
    Ignored,
    InstallationChanged,
    IssueChanged,
    LookAgain,
    MergeGroupChanged,
    PullRequestChanged,
    RefMoved,
    ReleaseDue,
    RepositoryAdded,
    RunChanged,
)
from bot.model.facts import Facts, Issue, Memory
from bot.model.forge import Attempt, Entry, Receipt
from bot.model.past import Known, Learnt
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Verdict
from bot.policies import language, shadow
from bot.recall import Once, Recall, Recalled
from bot.road import Road

#: How the hidden line begins by which Reeve finds its own issues again.
OWN_ISSUE = "<!-- reeve:issue "

ISSUE_TYPES_FRESH_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Handled:
    """How a trip ended: with a decision to record, or with a word on why there was nothing to decide."""

    decision: Decision | None
    reason: str


def handle(events: Sequence[Event], road: Road, now: datetime) -> Handled:
    """Walk one subject's waiting events down the road, newest state last; the caller records the result.

    What may change a gate or a release is passed on to it, and these are judged in trips of their own.
    """
    if road.releases is None:
        return _through_gates(events, road, now)
    due = [event for event in events if isinstance(event, ReleaseDue)]
    if due:  # they are alone: nothing else is told of what stands for the releases of a repository
        return _releases(due, road, road.releases, now)
    passed_on = releasing.tell(events, road.releases.store, now)
    handled = _through_gates(events, road, now)
    return handled if passed_on is None or handled.decision else Handled(None, passed_on)


def _through_gates(events: Sequence[Event], road: Road, now: datetime) -> Handled:
    if road.gates is None:
        return _walk(events, road, now)
    passed_on = gating.tell(events, road.gates.store, now)
    due = [event for event in events if isinstance(event, GatesDue)]
    if len(due) == len(events):
        return _gates(due, road, road.gates, now)
    handled = _walk(events, road, now)
    gating.heed(handled.decision, road.gates.store, now)
    return handled if passed_on is None or handled.decision else Handled(None, passed_on)


def _walk(events: Sequence[Event], road: Road, now: datetime) -> Handled:
    if digests := [event for event in events if isinstance(event, DigestDue)]:
        others = [event for event in events if not isinstance(event, DigestDue)]
        return _with_digest(_walk(others, road, now), digests[-1].repository, road, now)
    if news := [event for event in events if _is_of_repository(event)]:
        return _look_at_repository(news, road, now)
    return _look_at_subject(events, road, now)


def _look_at_subject(events: Sequence[Event], road: Road, now: datetime) -> Handled:
    newest: IssueChanged | LookAgain | None = None
    pulls: list[PullRequestChanged] = []
    told = _Told.of(events)
    reason = "nothing to do"
    for event in events:
        match event:
            case IssueChanged() | LookAgain():
                newest = event if newest is None else _newer(newest, event)
            case CommentGiven():
                change = IssueChanged("commented", event.repository, event.issue, event.sender)
                newest = change if newest is None else _newer(newest, change)
            case PullRequestChanged():
                road.store.keep_push(event.subject, Push(event.pull.head_sha, event.pull.updated_at))
                pulls.append(event)
            case ConfigChanged() | RepositoryAdded() | RefMoved() | DeploymentAsked():
                pass  # of the repository itself, and handled there
            case RunChanged() | ChecksWanted() | MergeGroupChanged() | GatesDue() | ReleaseDue():
                pass  # passed on above, each to a trip of its own
            case InstallationChanged():
                road.store.keep_installation(event, now=now)
                reason = f"installation {event.action}"
            case DigestDue():
                pass  # made above
            case Ignored():
                reason = event.reason
    handled = Handled(None, reason) if newest is None else _judge(newest, told, road, now)
    return _with_check(handled, pulls, road, now)


def _gates(due: Sequence[GatesDue], road: Road, parts: gating.Parts, now: datetime) -> Handled:
    """Judge the gates in a trip of their own: what fails there holds up nothing else."""
    repository = due[-1].repository
    forge = parts.forge(repository.installation_id)
    desk = gating.Desk(forge, parts.store, parts.opener, road.store, road.words, now)
    return Handled(*gating.judge(due, _reader(repository, road, now).in_force, desk))


def _releases(due: Sequence[ReleaseDue], road: Road, parts: releasing.Parts, now: datetime) -> Handled:
    """Look at the releases of a repository, in a trip of their own."""
    repository = due[-1].repository
    forge, speaker = parts.forge(repository.installation_id), road.forge(repository.installation_id)
    reader = _reader(repository, road, now)

    def speech() -> str:
        config = reader.in_force()
        prescribed = config.language if config is not None else "auto"
        return welcome.spoken_in(repository, speaker) if prescribed == "auto" else prescribed

    desk = releasing.Desk(forge, parts.store, parts.opener, parts.nonce, road.store, road.words, speech, now)
    return Handled(*releasing.look(due, lambda _: reader.in_force(), desk))


def act(pending: PendingEffect, road: Road) -> Receipt:
    """Make one effect true on GitHub; a subject that is gone needs nothing any more."""
    forge = road.forge(pending.repository.installation_id)
    attempt = Attempt(remote_id=pending.remote_id, may_have_happened=pending.attempts > 0)
    try:
        if gating.is_overtaken(pending, forge) or _is_overtaken(pending, road):
            return Receipt(was_needed=False, is_overtaken=True)
        return forge.apply(pending.repository, pending.effect, attempt)
    except Gone:
        return Receipt(was_needed=False)


def _is_overtaken(pending: PendingEffect, road: Road) -> bool:
    """Say whether a step of a release was decided for what is no longer so."""
    if road.releases is None:
        return False
    forge = road.releases.forge(pending.repository.installation_id)
    return releasing.is_overtaken(pending, forge, road.releases.store)


def _welcome(repository: Repository, road: Road, now: datetime) -> Handled:
    """Introduce Reeve where there is no policy file; where there is one, have the labels that it needs."""
    config, forge = _config(repository, road, now), road.forge(repository.installation_id)
    memory = road.store.memory(Subject(repository.id, 0))
    if config is not None:
        return Handled(welcome.furnish(repository, config, memory=memory, forge=forge, words=road.words), "furnished")
    if welcome.has_policy(repository, forge):
        return Handled(None, "the policy file has mistakes: installed but passive")
    return Handled(welcome.greet(repository, memory=memory, forge=forge, words=road.words), "welcomed")


def _is_of_repository(event: Event) -> bool:
    is_second_look = isinstance(event, LookAgain) and event.subject.number == 0
    return is_second_look or isinstance(event, ConfigChanged | RepositoryAdded)


def _look_at_repository(news: Sequence[Event], road: Road, now: datetime) -> Handled:
    """See to the repository itself: a new one is welcomed first, and its policy file judged with the next tick."""
    added = [event.repository for event in news if isinstance(event, RepositoryAdded)]
    known = [event.repository for event in news if isinstance(event, ConfigChanged | LookAgain)]
    if not added:
        return _report(known[-1], road, now)
    if known:
        road.store.look_again(known[-1], now)
    return _welcome(added[-1], road, now)


def _report(repository: Repository, road: Road, now: datetime) -> Handled:
    """Read the policy file on the default branch: tell people when it is bad, or good again, and make its labels."""
    reader, forge = _reader(repository, road, now), road.forge(repository.installation_id)
    decision, config = reader.report(), reader.in_force()
    if config is None:
        return Handled(decision, "policy file was read" if decision is None else "decided")
    memory = road.store.memory(Subject(repository.id, 0))
    furnished = welcome.furnish(repository, config, memory=memory, forge=forge, words=road.words)
    desk = _digest_desk(repository, road, now)
    furnished = replace(furnished, digest_at=desk.next_at(repository, config) if desk else None)
    return Handled(furnished, "furnished") if decision is None else Handled(joined(decision, furnished), "decided")


def _digest_desk(repository: Repository, road: Road, now: datetime) -> Desk | None:
    speech = partial(welcome.spoken_in, repository, road.forge(repository.installation_id))
    return Desk(road.clocks, road.store, road.words, now, speech) if road.clocks else None


def _with_digest(handled: Handled, repository: Repository, road: Road, now: datetime) -> Handled:
    """Add the list of what is late."""
    desk, config = _digest_desk(repository, road, now), _config(repository, road, now)
    if desk is None or config is None:
        return handled
    made = desk.make(repository, config)
    return Handled(made if handled.decision is None else joined(handled.decision, made), "decided")


def _with_check(handled: Handled, events: Sequence[PullRequestChanged], road: Road, now: datetime) -> Handled:
    """Add what is to be said of the policy file that a pull request proposes, as it was last seen."""
    if not events:
        return handled
    event = max(events, key=lambda each: each.pull.updated_at)
    check, decision = _reader(event.repository, road, now).check(event), handled.decision
    if check is None:
        reason = handled.reason if decision else "the pull request leaves the policy file as it is"
        return Handled(decision, reason)
    if decision is None:
        return Handled(check, "decided")
    memory = replace(decision.memory, checked_head=check.memory.checked_head)
    return Handled(replace(joined(decision, check), memory=memory), "decided")


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


@dataclass(frozen=True, slots=True)
class _Told:
    """What a subject's waiting events tell beside its state.

    `is_due`: a timer rang. `is_swept`: it was found to have changed, and nobody had said so.
    """

    given: tuple[CommentGiven, ...]
    entries: tuple[Entry, ...]
    is_due: bool
    is_swept: bool

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        """Return what these events tell."""
        changes = [event for event in events if isinstance(event, IssueChanged | CommentGiven)]
        return cls(
            given=tuple(event for event in changes if isinstance(event, CommentGiven)),
            entries=tuple(entry for event in changes for entry in event.entries),
            is_due=any(isinstance(event, LookAgain) for event in events),
            is_swept=any(event.action == SWEPT for event in changes),
        )

    @property
    def is_pull_request(self) -> bool:
        """Whether all this is about a pull request: then there is no clock."""
        return any(event.is_pull_request for event in self.given)


def _judge(event: IssueChanged | LookAgain, told: _Told, road: Road, now: datetime) -> Handled:
    """Gather, hear what people asked for, then decide."""
    config = _config(event.repository, road, now)
    if config is None:
        return Handled(None, "no policy file: installed but passive")
    memory = road.store.memory(event.subject)
    if told.is_pull_request:
        road = replace(road, sorter=None)  # nothing is sorted there, and nothing compared
    facts = _gather(event, memory, road, now)
    if _is_own(facts.issue) and not told.given:
        return Handled(None, "an issue of Reeve's own")
    is_triaged = not told.is_pull_request and not _is_own(facts.issue)
    known = road.store.past(event.subject, now) if is_triaged else None
    is_late = memory.seen_at is not None and facts.issue.updated_at < memory.seen_at
    if is_late and not told.given and not told.is_due and not (known and known.lacks(told.entries)):
        return Handled(None, "a newer state was judged already")
    # What was told is held against the state that came with it: a fresh one may be ahead of news on its way.
    past = None if known is None else _recall(facts, told, known, config, road, now)
    if is_late or _is_uncertain(facts, config):
        facts = _gather(LookAgain(event.repository, event.subject), memory, road, now)
    return _decide(facts, told, past, config, road, now)


def _recall(facts: Facts, told: _Told, known: Known, config: Config, road: Road, now: datetime) -> Recalled:
    """Bring together what happened to the issue before."""
    forge = road.forge(facts.repository.installation_id)
    return Recall(forge, road.roles, config, facts.repository, now).of(
        facts.issue,
        told.entries,
        known,
        seen_at=facts.memory.seen_at,
        is_due=told.is_due,
        is_swept=told.is_swept,
    )


def _decide(facts: Facts, told: _Told, past: Recalled | None, config: Config, road: Road, now: datetime) -> Handled:
    policies = () if past is None else road.policies
    facts = replace(facts, timeline=past.timeline) if past and past.is_whole else facts

    def judge(known: Facts) -> tuple[Verdict, ...]:
        spoken = language.choose(config, known.issue)
        return tuple(shadow.cast(policy(known, config, now), config, road.words, spoken) for policy in policies)

    forge = Once(road.forge(facts.repository.installation_id), road.roles, now)
    heard = Ear(forge, road.store, road.words, config, now, judge, road.verbs).hear(told.given, facts)
    learnt = past.learnt if past else Learnt()
    digest = fingerprint(facts, config, now)
    # A clock that rang is always answered: what it says may be due though nothing else is new.
    if digest == facts.memory.digest and not heard.comments and not told.is_due:
        road.store.keep_seen(facts.issue.subject, facts.issue.updated_at)
        road.store.keep_past(facts.issue.subject, learnt)
        return Handled(None, "nothing changed")
    decision = compose(heard, judge(heard.facts), config, road.words, digest=digest, now=now)
    learnt = replace(learnt, happenings=learnt.happenings + decision.learnt.happenings)
    rank = rank_of(decision) if told.is_due and not told.given else 0
    return Handled(replace(decision, learnt=learnt, rank=rank), "decided")


def _is_own(issue: Issue) -> bool:
    """Say whether this is an issue that Reeve itself keeps: nobody reported it, so nobody waits for an answer."""
    return issue.author is not None and issue.author.is_bot and OWN_ISSUE in issue.body


def _is_uncertain(facts: Facts, config: Config) -> bool:
    """Say whether this snapshot may be older than it looks: only GitHub can tell then.

    It may be of the very second that was judged before and show something else; or it lacks what Reeve has set since,
    which either a person took away or the snapshot is too old to show.
    """
    issue, memory = facts.issue, facts.memory
    if memory.digest.startswith(facts_digest(facts, config)):
        return False
    lacks_label = memory.label is not None and memory.label not in issue.labels
    lacks_type = memory.type is not None and memory.type != issue.type
    return issue.updated_at == memory.seen_at or lacks_label or lacks_type


def _config(repository: Repository, road: Road, now: datetime) -> Config | None:
    """Return the policy in force; None where Reeve is to be passive."""
    return _reader(repository, road, now).in_force()


def _reader(repository: Repository, road: Road, now: datetime) -> policyfile.Reader:
    forge = road.forge(repository.installation_id)
    speech = partial(welcome.spoken_in, repository, forge)
    return policyfile.Reader(forge, road.store, road.words, repository, now, speech)


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
    opinion = road.sorter.opinion(event.repository, issue) if road.sorter else None
    return Facts(event.repository, issue, sender, types, memory, opinion=opinion)


def _issue_types(repository: Repository, road: Road, now: datetime) -> tuple[str, ...]:
    """Return the organisation's issue types; a person's own repository has none and costs no request."""
    if repository.organization is None:
        return ()
    types, checked_at = road.store.issue_types(repository)
    if checked_at is None or now - checked_at > ISSUE_TYPES_FRESH_FOR:
        types = road.forge(repository.installation_id).issue_types(repository)
        road.store.keep_issue_types(repository, types, now=now)
    return types
