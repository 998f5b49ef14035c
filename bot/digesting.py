"""The digest of a repository on the road: what is late is gathered, and one issue is kept that lists it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.config import Config
from bot.model.decisions import Decision
from bot.model.effects import AFTER_ALL_COMMENTS, KeepIssue
from bot.model.facts import Memory
from bot.model.past import Known
from bot.model.subjects import Repository, Subject
from bot.model.timeline import Placed
from bot.model.verdicts import Message, Outcome, Verdict
from bot.policies import shadow
from bot.policies.language import Language
from bot.policies.sla import digest
from bot.policies.sla.notices import allowed_at

#: A weekly digest tells how these days went.
A_WEEK = timedelta(days=7)

_POLICY = "sla"


class Clocks(Protocol):
    """How the clocks of all issues stood when each was judged last."""

    def late(self, repository_id: int) -> Sequence[Placed]:
        """Return the clocks of a repository that ran out and run on, the longest overdue first."""
        ...

    def since(self, moment: datetime, *, repository_id: int | None = None) -> Sequence[Placed]:
        """Return the clocks that started since then."""
        ...


class Store(Protocol):
    """What has to be remembered."""

    def memory(self, subject: Subject) -> Memory:
        """Return what Reeve did to a subject before."""
        ...

    def past(self, subject: Subject, now: datetime) -> Known:
        """Return what is remembered of a subject, with the notices of the last day in its repository."""
        ...


class Words(Protocol):
    """The sentences for people."""

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return a message as a title in plain text and a body in Markdown."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that a digest needs, wired together for one trip; `speech` tells the repository's own language."""

    clocks: Clocks
    store: Store
    words: Words
    now: datetime
    speech: Callable[[], Language] = lambda: "en"

    def make(self, repository: Repository, config: Config) -> Decision:
        """Keep the issue that lists what is late; closed where there is nothing, or no digest is wanted any more.

        In quiet hours, out of business hours, and where the budget of notices is used up, it is put off.
        """
        subject = Subject(repository.id, 0)
        may_go_at = self._may_go_at(subject, config)
        if may_go_at != self.now and digest.is_wanted(config):
            put_off = Verdict(_POLICY, "digest-put-off", Outcome.PENDING)
            return self._decision(repository, config, put_off, may_go_at or digest.following(config, self.now))
        clocks, week = self.clocks, self.clocks.since(self.now - A_WEEK, repository_id=repository.id)
        found = digest.digest(clocks.late(repository.id), [each.standing for each in week], config, self.now)
        if found is None or not found.is_open:
            closed = KeepIssue(subject, digest.KEY, title="", body="", is_open=False)
            return self._decision(
                repository, config, Verdict(_POLICY, "digest-empty", Outcome.PASS, effects=(closed,)), None
            )
        spoken = self._language(config)
        title, body = self.words.headed(found.message, spoken)
        kept = Verdict(_POLICY, "digest", Outcome.PASS, effects=(KeepIssue(subject, digest.KEY, title.strip(), body),))
        cast = shadow.cast(kept, config, self.words, spoken)
        return self._decision(repository, config, cast, found.wake_at)

    def next_at(self, repository: Repository, config: Config) -> datetime | None:
        """Return when the digest has something to say next, as the clocks stand now; None where it has not."""
        week = self.clocks.since(self.now - A_WEEK, repository_id=repository.id)
        return digest.due_at((*self.clocks.late(repository.id), *week), config, self.now)

    def _may_go_at(self, subject: Subject, config: Config) -> datetime | None:
        return allowed_at(self.store.past(subject, self.now).timeline, config.sla, self.now)

    def _language(self, config: Config) -> Language:
        return self.speech() if config.language == "auto" else config.language

    def _decision(self, repository: Repository, config: Config, verdict: Verdict, at: datetime | None) -> Decision:
        subject = Subject(repository.id, 0)
        return Decision(
            repository=repository,
            subject=subject,
            verdicts=(verdict,),
            effects=verdict.effects,
            memory=self.store.memory(subject),
            config_digest=config.digest,
            facts_digest=hashlib.sha256(repr(verdict.effects).encode()).hexdigest(),
            digest_at=at,
            rank=AFTER_ALL_COMMENTS + 1,
        )
