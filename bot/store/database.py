"""The store as a whole, and the one transaction that matters: decision, memory, effects and audit together."""

import json
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from bot.model.decisions import Decision
from bot.model.effects import KeepIssue, StickyComment
from bot.model.subjects import Identity, Lane, Repository, Subject
from bot.model.verdicts import Verdict
from bot.store import audit, clocks, gates, outbox, releases, timeline, triage, wishes
from bot.store import inbox as queue
from bot.store import timers as clock
from bot.store.engine import AUDIT_LOCK, EFFECTS_LOCK, lock, reading
from bot.store.figures import Figures
from bot.store.glance import Trip
from bot.store.memory import MemoryStore
from bot.store.sweeps import Sweeps
from bot.store.synthetic import SWEEPS
from bot.store.tables import State, answered, notes, overrides, subjects
from bot.store.upsert import upsert

_MEMORY = ("label", "type", "seen_at", "digest", "checked_head")


class Database:
    """Everything that is kept, by its parts."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self.engine = engine
        self.inbox = queue.Inbox(engine)
        self.outbox = outbox.Outbox(engine)
        self.memory = MemoryStore(engine)
        self.timers = clock.Timers(engine)
        self.figures = Figures(engine)
        self.sweeps = Sweeps(engine)
        self.clocks = clocks.Clocks(engine)
        self.gates = gates.GateStore(engine)
        self.triage = triage.TriageStore(engine)
        self.releases = releases.ReleaseStore(engine)

    def record(self, claim: queue.Claim, seqs: tuple[int, ...], decision: Decision, *, now: datetime) -> bool:
        """Write down a decision and everything that follows from it, or nothing when the lease was lost."""
        with self.engine.begin() as connection:
            lock(connection, AUDIT_LOCK, *((EFFECTS_LOCK,) if decision.effects else ()))
            number = audit.add(
                connection, "decision", now=now, facts=_chained(claim, seqs, decision), detail=_detail(decision)
            )
            if not queue.finish(
                connection, claim, seqs, state=State.DECIDED, reason="decided", now=now, decision=number
            ):
                connection.rollback()
                return False
            key = {"repository_id": decision.subject.repository_id, "number": decision.subject.number}
            memory = {name: getattr(decision.memory, name) for name in _MEMORY}
            upsert(connection, subjects, key, {**memory, **timeline.marks(decision.learnt)})
            _keep_answers(connection, decision, now)
            _keep_past(connection, decision, now)
            clock.arm(connection, decision.subject, decision.repository.installation_id, decision.wake_at)
            _keep_digest(connection, decision)
            _keep_gates(connection, decision)
            _keep_releases(connection, decision, now)
            rank = max(decision.rank, wishes.BACKLOG if _is_backlog(claim, seqs) else 0)
            wanted = wishes.Wanted(decision.repository, number, now, rank)
            if not wishes.enqueue(connection, wanted, decision.effects):
                outbox.settle(connection, number, now=now)
        return True

    def trip(self, repository: Repository, subject: Subject, now: datetime) -> Trip:
        """Return the memory for a trip that judges one subject, which is read at once."""
        return Trip(self.engine, repository, subject, now)

    def identity(self) -> Identity | None:
        """Return who Reeve is on GitHub, as last looked up."""
        with reading(self.engine) as connection:
            value = connection.execute(select(notes.c.value).where(notes.c.name == "identity")).scalar()
        return None if value is None else Identity(**json.loads(value))

    def keep_identity(self, me: Identity) -> None:
        """Remember who Reeve is on GitHub."""
        value = json.dumps({"app_id": me.app_id, "login": me.login, "user_id": me.user_id})
        with self.engine.begin() as connection:
            upsert(connection, notes, {"name": "identity"}, {"value": value})


def _is_backlog(claim: queue.Claim, seqs: tuple[int, ...]) -> bool:
    """Say whether all of it was only found by a sweep, and nothing of it is overdue."""
    ours = (each for each in claim.deliveries if each.seq in seqs)
    return all(each.lane is Lane.SWEEP and each.event in SWEEPS for each in ours)


def _keep_answers(connection: Connection, decision: Decision, now: datetime) -> None:
    """Remember which comments were heard, and what a person answers for."""
    subject = decision.subject
    for comment in decision.comments:
        values = {
            "repository_id": subject.repository_id,
            "number": subject.number,
            "actor_id": comment.actor_id,
            "written_at": comment.written_at,
            "touched": json.dumps(sorted(comment.touched)),
            "at": now,
        }
        upsert(connection, answered, {"comment_id": comment.comment_id}, values)
    for each in decision.overrides:
        connection.execute(
            insert(overrides).values(
                repository_id=each.subject.repository_id,
                number=each.subject.number,
                gate=each.gate,
                head_sha=each.head_sha,
                reason=each.reason,
                until=each.until.isoformat() if each.until else None,
                by=each.by,
                at=now,
            )
        )


def _keep_digest(connection: Connection, decision: Decision) -> None:
    """Have the repository's digest made, where something asks for it."""
    if decision.digest_at is not None:
        repository = decision.repository
        whole = Subject(repository.id, 0)
        clock.arm_by(connection, whole, repository.installation_id, decision.digest_at, kind=clock.DIGEST)


def _keep_gates(connection: Connection, decision: Decision) -> None:
    """Remember how the gates came out, and when they are to be judged again; other decisions leave both as they are."""
    if decision.judged is not None:
        gates.keep_judged(connection, decision.subject, decision.judged)
    if decision.judged is not None or decision.gates_at is not None:
        installation_id = decision.repository.installation_id
        clock.arm(connection, decision.subject, installation_id, decision.gates_at, kind=clock.GATES)


def _keep_releases(connection: Connection, decision: Decision, now: datetime) -> None:
    """Pass on what people asked of releases, and remember what a look at them came to."""
    for asked in decision.asked:
        releases.ask_for(connection, decision.repository, asked, now)
    releases.keep(connection, decision.repository.id, decision.releases, now)


def _keep_past(connection: Connection, decision: Decision, now: datetime) -> None:
    """Remember what was learnt of the past, how the clocks stand, and which notices are on their way."""
    timeline.keep_listed(connection, decision.subject, decision.learnt)
    if decision.standings:
        clocks.keep(connection, decision.subject, decision.standings)
    for effect in decision.effects:
        match effect:
            case StickyComment():
                timeline.keep_notice(connection, effect.subject, effect.key, now)
            case KeepIssue(is_open=True):
                timeline.keep_notice(connection, effect.subject, f"{effect.key}-{now:%Y-%m-%d}", now)
            case _:
                pass  # calls nobody


def _chained(claim: queue.Claim, seqs: tuple[int, ...], decision: Decision) -> dict[str, audit.Plain]:
    """What the chain binds: no names and no words, so that nothing in it ever has to be forgotten."""
    return {
        "deliveries": [d.id for d in claim.deliveries if d.seq in seqs],
        "subject": decision.subject.key,
        "config": decision.config_digest,
        "facts": decision.facts_digest,
        "verdicts": [_verdict(each) for each in decision.verdicts],
        "effects": [wishes.digest(effect) for effect in decision.effects],
    }


def _verdict(verdict: Verdict) -> dict[str, str]:
    """Of one in shadow it is kept too how it would have come out."""
    shadow = {"shadow": verdict.shadow.outcome.value} if verdict.shadow else {}
    return {"policy": verdict.policy, "rule": verdict.rule, "outcome": verdict.outcome.value, **shadow}


def _detail(decision: Decision) -> dict[str, audit.Plain]:
    """What helps a reader today and may be forgotten later."""
    return {"repository": decision.repository.full_name, "targets": [effect.target for effect in decision.effects]}
