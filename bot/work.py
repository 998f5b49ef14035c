"""What a worker does when the doorbell rings: take deliveries down the road, write effects, until nothing is due."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import pipeline
from bot.github import pacing, webhooks
from bot.model.decisions import PendingEffect
from bot.model.errors import GitHubDown, Gone, Malformed, RateLimited, Refused
from bot.model.events import (
    SWEPT,
    CommentGiven,
    DigestDue,
    Event,
    Ignored,
    IssueChanged,
    LookAgain,
    PullRequestChanged,
    ReleaseDue,
    RepositoryAdded,
)
from bot.model.forge import Receipt
from bot.model.subjects import Repository, Subject
from bot.model.sweeps import Said
from bot.model.trains import RELEASES
from bot.road import Road
from bot.store import gates, releases, synthetic
from bot.store.inbox import MOST_ATTEMPTS, Claim, Delivery
from bot.store.outbox import Ended
from bot.store.pace import Pace
from bot.store.sweeps import issue_json, pull_json, said_json
from bot.store.synthetic import SYNTHETIC
from bot.store.taking import Writer
from bot.wiring import Parts

log = structlog.get_logger()

#: A doorbell is answered for this long at most, so that its message is acknowledged well within the broker's patience.
SHIFT = timedelta(seconds=20)

#: So many writes for one installation before the next delivery is looked at: neither side starves the other.
WRITES_IN_A_ROW = 10

#: Effects that were taken together go on being applied for this long: a lease of 30 s must outlive the call after it.
LONGEST_TOGETHER = timedelta(seconds=5)

PACE = Pace(pacing.next_write_at, pacing.next_patient_write_at)

LONGEST_PAUSE = timedelta(minutes=30)

#: How soon to look again where only a person can help: somebody has to correct the App's id or key.
STRANGER_PAUSE = timedelta(minutes=1)


def work(parts: Parts, *, shift: timedelta = SHIFT) -> bool:
    """Work until nothing is due or the shift is over; return whether something may be left."""
    end = time.monotonic() + shift.total_seconds()
    while time.monotonic() < end:
        has_written = write(parts)
        if not judge(parts) and not has_written:
            return False
    return True


def judge(parts: Parts) -> bool:
    """Take one subject's waiting deliveries down the road; return whether there were any."""
    claim = parts.database.inbox.claim(parts.clock())
    if claim is None:
        return False
    try:
        _judge(parts, claim)
    except RateLimited as limit:
        parts.database.memory.pause(claim.deliveries[0].installation_id, limit.until)
        _release(parts, claim, str(limit), not_before=limit.until, counts=False)
    except GitHubDown as error:
        _retry_or_bury(parts, claim, error)
    except (Refused, Gone) as error:  # GitHub does not know this App: its id or key is wrong, no delivery is to blame
        log.error("GitHub does not know this App: check REEVE_APP_ID and the private key", error=str(error))  # noqa: TRY400  foreseen
        _release(parts, claim, str(error), not_before=parts.clock() + STRANGER_PAUSE, counts=False)
    return True


def write(parts: Parts) -> bool:
    """Apply some effects of one installation, in order and within its budget; return whether any came to an end."""
    claimed = parts.database.outbox.claim_and_begin(parts.clock(), pace=PACE, budget_left=parts.github.budget_left)
    return claimed is not None and _write(parts, *claimed)


def _write(parts: Parts, writer: Writer, pending: Sequence[PendingEffect]) -> bool:
    """Apply effects one after the other; a turn that ends with work left gives the installation back."""
    outbox, written = parts.database.outbox, 0
    while pending:
        ended, untried = _apply_all(parts, writer, pending)
        written += len(ended)
        has_to_wait = len(ended) + len(untried) < len(pending)
        if has_to_wait or written >= WRITES_IN_A_ROW:
            outbox.stop(writer, ended, parts.clock(), untried=untried)
            break
        pending = outbox.go_on(writer, ended, parts.clock(), pace=PACE, untried=untried)
    return written > 0


def _apply_all(
    parts: Parts, writer: Writer, pending: Sequence[PendingEffect]
) -> tuple[list[Ended], Sequence[PendingEffect]]:
    """Apply what was taken together; return how each ended, and what was not tried.

    One that has to wait, which is put off here, ends the turn. So does time: the lease must outlive the next call.
    """
    began, ended = parts.clock(), list[Ended]()
    for position, each in enumerate(pending):
        if position and parts.clock() - began > LONGEST_TOGETHER:
            return ended, pending[position:]
        outcome = _apply(parts, writer, each)
        if outcome is None:
            return ended, pending[position + 1 :]
        if isinstance(outcome, str):
            log.warning("effect buried", target=each.effect.target, reason=outcome)
        ended.append((each, outcome))
    return ended, ()


def _judge(parts: Parts, claim: Claim) -> None:
    events = dict(_events(parts, claim))
    if bug := _bug_in(parts, claim, events):
        ids = [delivery.id for delivery in claim.deliveries]
        log.error("delivery failed", error=type(bug).__name__, deliveries=ids, exc_info=bug)
        _isolate(parts, claim, events, bug)


def _events(parts: Parts, claim: Claim) -> Iterable[tuple[int, Event]]:
    """Parse what was claimed; what cannot be an event, or needs nothing done, ends here."""
    for delivery in claim.deliveries:
        if delivery.attempts > MOST_ATTEMPTS:
            _bury(parts, claim, [delivery.seq], f"given up after {MOST_ATTEMPTS} tries")
            continue
        try:
            event = _parse(parts, delivery)
        except Malformed as error:
            _bury(parts, claim, [delivery.seq], f"malformed: {error}")
            continue
        if isinstance(event, Ignored):
            parts.database.inbox.ignore(claim, [delivery.seq], event.reason, now=parts.clock())
            continue
        yield delivery.seq, event


def _parse(parts: Parts, delivery: Delivery) -> Event:
    if delivery.event not in SYNTHETIC:
        return webhooks.parse(delivery.event, delivery.body, _content_type(delivery.body), parts.identity())
    subject = Subject.parse(delivery.subject)
    repository = parts.database.memory.repository(subject.repository_id)
    if repository is None:
        return Ignored("the repository is no longer ours")
    return _told_by_ourselves(delivery, repository)


def _told_by_ourselves(  # noqa: PLR0911  one answer for each event
    delivery: Delivery, repository: Repository
) -> Event:
    """Return what a timer or a sweep put on the road."""
    match delivery.event:
        case synthetic.SWEEP_EVENT:
            return IssueChanged(SWEPT, repository, issue_json.validate_json(delivery.body), sender=None)
        case synthetic.SWEEP_PULL_EVENT:
            return PullRequestChanged(SWEPT, repository, pull_json.validate_json(delivery.body), sender=None)
        case synthetic.SWEEP_COMMENT_EVENT:
            return _said(repository, said_json.validate_json(delivery.body))
        case synthetic.WELCOME_EVENT:
            return RepositoryAdded(repository)
        case synthetic.DIGEST_EVENT:
            return DigestDue(repository)
        case synthetic.GATES_EVENT:
            return gates.due(repository, Subject.parse(delivery.subject), delivery.body)
        case synthetic.RELEASE_EVENT:
            return releases.due(repository, Subject.parse(delivery.subject), delivery.body)
    subject = Subject.parse(delivery.subject)
    return ReleaseDue(repository, subject) if subject.number == RELEASES else LookAgain(repository, subject)


def _said(repository: Repository, said: Said) -> Event:
    """Return a comment that a sweep found as GitHub would have told it."""
    by = said.comment.author
    return CommentGiven("created", repository, said.issue, said.comment, by, is_pull_request=said.is_pull_request)


def _content_type(body: bytes) -> str:
    """Tell the two forms of a delivery apart: the door let in only an object, plain or in a form field."""
    is_json = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
    return "application/json" if is_json else "application/x-www-form-urlencoded"


def _handle(parts: Parts, claim: Claim, events: dict[int, Event]) -> None:
    """Decide and record; a subject that GitHub refuses or no longer has ends with that reason."""
    now, seqs = parts.clock(), tuple(events)
    try:
        handled = pipeline.handle(tuple(events.values()), _road(parts, tuple(events.values()), now), now)
    except Refused as error:
        _bury(parts, claim, seqs, f"refused by GitHub: {error}")
        return
    except Gone as error:
        parts.database.inbox.ignore(claim, seqs, f"gone: {error}", now=now)
        return
    if handled.decision is None:
        parts.database.inbox.ignore(claim, seqs, handled.reason, now=now)
    elif not parts.database.record(claim, seqs, handled.decision, now=now):
        log.warning("lease lost, nothing recorded", subject=claim.deliveries[0].subject)


def _road(parts: Parts, events: Sequence[Event], now: datetime) -> Road:
    """Return the road; where all is news of one issue, what is remembered of that is read at once."""
    told = [event for event in events if isinstance(event, IssueChanged | CommentGiven)]
    if len(told) < len(events):
        return parts.road
    return replace(parts.road, store=parts.database.trip(told[-1].repository, told[-1].subject, now))


def _bug_in(parts: Parts, claim: Claim, events: dict[int, Event]) -> Exception | None:
    """Handle these events; return what broke the road, if anything did: it must harm nobody else."""
    try:
        if events:
            _handle(parts, claim, events)
    except (RateLimited, GitHubDown, SQLAlchemyError):
        raise
    except Exception as bug:  # noqa: BLE001  where a task ends
        return bug
    return None


def _isolate(parts: Parts, claim: Claim, events: dict[int, Event], bug: Exception) -> None:
    """Find the delivery that breaks the road and set only that one aside."""
    if len(events) == 1:
        _bury(parts, claim, tuple(events), f"failed: {type(bug).__name__}, see the log")
        return
    for seq, event in events.items():
        alone = Claim(claim.lease, claim.until, tuple(d for d in claim.deliveries if d.seq == seq))
        if own_bug := _bug_in(parts, alone, {seq: event}):
            _bury(parts, claim, (seq,), f"failed: {type(own_bug).__name__}, see the log")


def _apply(parts: Parts, writer: Writer, pending: PendingEffect) -> Receipt | str | None:
    """Make one effect true: its receipt, or why it is given up; None when it has to wait and the turn is over."""
    if pending.attempts >= MOST_ATTEMPTS:  # not one of these tries came back to say how it went
        return f"given up after {MOST_ATTEMPTS} tries"
    try:
        receipt = pipeline.act(pending, parts.road)
    except RateLimited as limit:
        parts.database.memory.pause(writer.installation_id, limit.until)
        parts.database.outbox.postpone(pending, str(limit), not_before=limit.until, may_have_happened=False)
        return None
    except GitHubDown as error:
        return _postpone(parts, pending, error)
    except Refused as error:
        return f"refused by GitHub: {error}"
    except Exception as bug:  # where a task ends: the effects behind this one must not wait for ever
        log.exception("effect failed", target=pending.effect.target)
        return f"failed: {type(bug).__name__}, see the log"
    log.info("effect applied", target=pending.effect.target, was_needed=receipt.was_needed)
    return receipt


def _postpone(parts: Parts, pending: PendingEffect, error: GitHubDown) -> str | None:
    """Let an effect wait for GitHub to come back, or return that it has waited long enough."""
    tries = pending.attempts + 1
    if tries >= MOST_ATTEMPTS:
        return f"given up after {MOST_ATTEMPTS} tries: {error}"
    not_before = _next_try(parts, tries)
    parts.database.outbox.postpone(pending, str(error), not_before=not_before, may_have_happened=True)
    return None


def _retry_or_bury(parts: Parts, claim: Claim, error: GitHubDown) -> None:
    for delivery in claim.deliveries:
        if delivery.attempts >= MOST_ATTEMPTS:
            _bury(parts, claim, (delivery.seq,), f"given up after {MOST_ATTEMPTS} tries: {error}")
        else:
            not_before = _next_try(parts, delivery.attempts)
            parts.database.inbox.release(claim, (delivery.seq,), str(error), not_before=not_before)


def _next_try(parts: Parts, attempts: int) -> datetime:
    """Wait longer each time, never in step with the others (full jitter over the upper half)."""
    pause = min(timedelta(seconds=2**attempts), LONGEST_PAUSE)
    return parts.clock() + pause * parts.jitter.uniform(0.5, 1.0)


def _release(parts: Parts, claim: Claim, reason: str, *, not_before: datetime, counts: bool) -> None:
    parts.database.inbox.release(claim, claim.seqs, reason, not_before=not_before, counts=counts)


def _bury(parts: Parts, claim: Claim, seqs: Iterable[int], reason: str) -> None:
    log.warning("dead letter", reason=reason, seqs=list(seqs))
    parts.database.inbox.bury(claim, tuple(seqs), reason, now=parts.clock())


def tick(parts: Parts) -> int:
    """Turn due timers into deliveries and tidy up; return how many were due."""
    now = parts.clock()
    due = parts.database.timers.tick(now)
    parts.database.timers.purge(now)
    return due
