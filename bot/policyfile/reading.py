"""Reading policy files: the one in force is the one on the default branch, or the last one there that was good."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.config import FILE, Config, parse
from bot.model.decisions import Decision
from bot.model.errors import Unreadable
from bot.model.events import PullRequestChanged
from bot.model.facts import Memory
from bot.model.forge import Fetched
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Verdict
from bot.policyfile import decision
from bot.policyfile.decision import Found, Words

#: A lost push event may hide a changed policy file for this long; asking again is one conditional request.
FRESH_FOR = timedelta(minutes=15)


class Forge(Protocol):
    """What of GitHub is read here."""

    def file(self, repository: Repository, path: str, *, etag: str | None, ref: str | None = None) -> Fetched | None:
        """Read a file at a commit, or on the default branch; None means unchanged since `etag`."""
        ...


class Store(Protocol):
    """What is remembered of policy files."""

    def policy_file(self, repository: Repository) -> tuple[Fetched | None, datetime | None]:
        """Return the policy file as last read, and when this installation read it."""
        ...

    def keep_policy_file(self, repository: Repository, file: Fetched | None, *, now: datetime) -> None:
        """Remember the policy file, or only that it was found unchanged."""
        ...

    def doubt_policy_file(self, repository: Repository) -> None:
        """Have the policy file read again before the next decision."""
        ...

    def keep_repository(self, repository: Repository) -> None:
        """Remember a repository by its id, under its present name."""
        ...

    def memory(self, subject: Subject) -> Memory:
        """Return what Reeve did to a subject before."""
        ...

    def keep_checked(self, subject: Subject, head_sha: str) -> None:
        """Remember that this head of a pull request leaves the policy file as it is."""
        ...

    def look_again(self, repository: Repository, now: datetime) -> None:
        """Have the repository itself looked at with the next tick."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """The parts that reading needs, wired together for one trip."""

    forge: Forge
    store: Store
    words: Words
    repository: Repository
    now: datetime

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)

    def in_force(self) -> Config | None:
        """Return the policy in force; None where there never was a good one: installed but passive."""
        text = self._good_text()
        return None if text is None else parse(text)

    def report(self) -> Decision | None:
        """Read the file on the default branch now; None when it is as good, or as bad, as was told before."""
        memory = self.store.memory(self.subject)
        self.store.doubt_policy_file(self.repository)
        text, refused = self._read()
        digest = refused.digest if refused else ""
        if digest == memory.digest:
            return None
        config = None if text is None else parse(text)
        verdict = decision.report(self.subject, refused or Found(text), config, self.words)
        return self._decision(verdict, replace(memory, digest=digest), config, digest)

    def check(self, event: PullRequestChanged) -> Decision | None:
        """Check the file that a pull request proposes, once for each head; None when it leaves the file as it is."""
        pull = event.pull
        memory = self.store.memory(pull.subject)
        is_elsewhere = pull.base_ref != self.repository.default_branch  # no other branch's file is ever in force
        if not pull.is_open or is_elsewhere or memory.checked_head == pull.head_sha:
            return None
        text = self._good_text()
        proposed = self._found_at(pull.head_sha)
        if proposed == Found(text) or proposed.digest == self.store.memory(self.subject).digest:
            self.store.keep_checked(pull.subject, pull.head_sha)
            return None
        config = None if text is None else parse(text)
        verdict = decision.check(pull, proposed, config, self.words)
        return self._decision(
            verdict, replace(memory, checked_head=pull.head_sha), config, proposed.digest, pull.subject
        )

    def _good_text(self) -> str | None:
        known, checked_at = self.store.policy_file(self.repository)
        if checked_at is not None and self.now - checked_at <= FRESH_FOR:
            self.store.keep_repository(self.repository)
            return None if known is None else known.value
        text, refused = self._read()
        is_news = text is not None and text != (None if known is None else known.value)
        if is_news or (refused.digest if refused else "") != self.store.memory(self.subject).digest:
            self.store.look_again(self.repository, self.now)  # to tell it, or to make its labels, is a trip of its own
        return text

    def _read(self) -> tuple[str | None, Found | None]:
        """Read the default branch; return the text in force, and what was found where that could not be used."""
        known, _ = self.store.policy_file(self.repository)
        read: Fetched | None = None
        refused: Found | None = None
        try:
            read = self.forge.file(self.repository, FILE, etag=known.etag if known else None)
        except Unreadable as error:
            refused = Found(None, unreadable=error.why)
        if read is not None and Found(read.value).mistakes().shown:
            refused = Found(read.value)
            read = None  # the last good one stays in force
        # Only now: that GitHub answered proves that it is this installation's.
        self.store.keep_repository(self.repository)
        self.store.keep_policy_file(self.repository, read, now=self.now)
        kept = known if read is None else read
        return (None if kept is None else kept.value), refused

    def _found_at(self, sha: str) -> Found:
        try:
            read = self.forge.file(self.repository, FILE, etag=None, ref=sha)
        except Unreadable as error:
            return Found(None, unreadable=error.why)
        return Found(None if read is None else read.value)

    def _decision(
        self, verdict: Verdict, memory: Memory, config: Config | None, digest: str, subject: Subject | None = None
    ) -> Decision:
        return Decision(
            repository=self.repository,
            subject=subject or self.subject,
            verdicts=(verdict,),
            effects=verdict.effects,
            memory=memory,
            config_digest=config.digest if config else "",
            facts_digest=digest,
        )
