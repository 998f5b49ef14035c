"""Reading policy files: the one in force is the one on the default branch, or the last one there that was good.

Beneath it lies the organisation's, read and remembered in the same way. Gates of a pull request go by the base branch.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.config import FILE, Config
from bot.config.layers import Effective
from bot.model.decisions import Decision
from bot.model.errors import Gone, Refused, Unreadable
from bot.model.events import PullRequestChanged
from bot.model.facts import Memory, PullRequest
from bot.model.forge import Fetched
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Verdict
from bot.policies.language import Language
from bot.policyfile import decision, names
from bot.policyfile.decision import Examined, Found, Proposal, Trouble, Words
from bot.policyfile.ground import Ground, is_home

#: A lost push event may hide a changed policy file for this long; asking again is one conditional request.
FRESH_FOR = timedelta(minutes=15)


class Forge(names.Forge, Protocol):
    """What of GitHub is read here."""

    def merge_base(self, repository: Repository, base: str, head: str) -> str | None:
        """Return the commit from which a head and a base went apart; None where they have nothing in common."""
        ...


class Store(Protocol):
    """What is remembered of policy files."""

    def policy_file(self, repository: Repository, branch: str | None = None) -> tuple[Fetched | None, datetime | None]:
        """Return the policy file as last read, and when this installation read it."""
        ...

    def keep_policy_file(
        self, repository: Repository, file: Fetched | None, *, now: datetime, branch: str | None = None
    ) -> None:
        """Remember the policy file, or only that it was found unchanged."""
        ...

    def doubt_policy_file(self, repository: Repository, branch: str | None = None) -> None:
        """Have the policy file read again before the next decision."""
        ...

    def organization_home(self, repository: Repository) -> Repository | None:
        """Return the organisation's own repository, where this installation reaches it."""
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

    def look_everywhere(self, home: Repository, now: datetime) -> None:
        """Have every governed repository of an organisation looked at with the next tick."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """What one reading gave: the text that is in force now, and what was found where that could not be used."""

    text: str | None
    refused: Found | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """The parts that reading needs, wired together for one trip; `speech` tells the repository's own language."""

    forge: Forge
    store: Store
    words: Words
    repository: Repository
    now: datetime
    speech: Callable[[], Language] = lambda: "en"

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)

    def in_force(self, branch: str | None = None) -> Config | None:
        """Return the policy in force; None where there never was a good one: installed but passive.

        That of the default branch, unless the branch is named into which something is to be merged; one without a
        file of its own goes by the default branch.
        """
        ground, text = self._ground(), self._good_text()
        if text is not None and branch is not None and branch != self.repository.default_branch:
            text = self._good_text(branch) or text
        return self._config(text, ground)

    def report(self) -> Decision | None:
        """Read the file on the default branch now; None when all that is to be told of it was told before."""
        memory = self.store.memory(self.subject)
        self.store.doubt_policy_file(self.repository)
        ground = self._ground()
        read = self._read(ground)
        config = self._config(read.text, ground)
        trouble = self._trouble(read, ground, config)
        digest = _digest(read, trouble)
        if digest == memory.digest:
            return None
        told = config.language if config is not None and config.language != "auto" else self.speech()
        verdict = decision.report(self.subject, trouble, self.words, told)
        return self._decision(verdict, replace(memory, digest=digest), config, digest)

    def check(self, event: PullRequestChanged) -> Decision | None:
        """Check the file that a pull request proposes, once for each head; None when it leaves the file as it is."""
        pull = event.pull
        if pull.is_merged and pull.base_ref != self.repository.default_branch:
            self.store.doubt_policy_file(self.repository, pull.base_ref)  # no push to that branch is heard of
        memory, mark = self.store.memory(pull.subject), self._mark(pull)
        if not pull.is_open or memory.checked_head == mark:
            return None
        ground, found = self._ground(), self._found_at(pull.head_sha)
        if not self._is_changed(pull, found, ground):
            self.store.keep_checked(pull.subject, mark)
            return None
        registrar = names.Registrar(self.forge, self.repository, pull.head_sha)
        missing = () if found.text is None else registrar.missing(found.text, ground)
        config = self.in_force(pull.base_ref)
        verdict = decision.check(Proposal(pull, found, ground, missing), config, self.words)
        return self._decision(verdict, replace(memory, checked_head=mark), config, found.digest, pull.subject)

    def _mark(self, pull: PullRequest) -> str:
        """Return what was checked: a head, and where it is to be merged into if that is not the default branch."""
        is_default = pull.base_ref == self.repository.default_branch
        return pull.head_sha if is_default else f"{pull.head_sha} {pull.base_ref}"

    def _is_changed(self, pull: PullRequest, found: Found, ground: Ground) -> bool:
        """Say whether the pull request itself changes the file: it may only be older than a change on its base branch.

        What is the same at both tips needs no second look; else the commit where the two went apart decides.
        """
        is_default = pull.base_ref == self.repository.default_branch
        tip = self._good_text(None if is_default else pull.base_ref, ground)
        is_known_bad = is_default and found.digest == self.store.memory(self.subject).digest
        if found == Found(tip) or is_known_bad:
            return False
        fork = self.forge.merge_base(self.repository, pull.base_ref, pull.head_sha)
        return fork is None or found != self._found_at(fork)

    def _ground(self) -> Ground:
        """Return what lies beneath the repository's file; no organisation, or none that is reached, is nothing."""
        if is_home(self.repository):
            return Ground(is_home=True)
        home = self.store.organization_home(self.repository)
        return Ground() if home is None else Ground(self._shared(home))

    def _shared(self, home: Repository) -> str | None:
        """Return the organisation's last good file; where it is out of reach there is none until the next look."""
        reader = replace(self, repository=home)
        try:
            return reader._good_text(ground=Ground(is_home=True))  # noqa: SLF001  its own kind
        except (Gone, Refused):
            self.store.keep_policy_file(home, Fetched(None, None), now=self.now)
            return None

    def _config(self, text: str | None, ground: Ground) -> Config | None:
        settled = None if text is None else ground.settle(text)
        return None if settled is None else settled.config.at(self.now)

    def _good_text(self, branch: str | None = None, ground: Ground | None = None) -> str | None:
        """Return the text in force, read anew where it may be stale."""
        known, checked_at = self.store.policy_file(self.repository, branch)
        if checked_at is not None and self.now - checked_at <= FRESH_FOR:
            self.store.keep_repository(self.repository)
            return None if known is None else known.value
        read = self._read(ground or self._ground(), branch)
        if branch is None and self._is_news(read, known):
            self.store.look_again(self.repository, self.now)  # to tell it, or to make its labels, is a trip of its own
        return read.text

    def _is_news(self, read: Read, known: Fetched | None) -> bool:
        is_other = read.text is not None and read.text != (None if known is None else known.value)
        return is_other or (read.refused is not None and read.refused.digest != self.store.memory(self.subject).digest)

    def _read(self, ground: Ground, branch: str | None = None) -> Read:
        """Read the file on a branch, the default one unless named."""
        known, _ = self.store.policy_file(self.repository, branch)
        read: Fetched | None = None
        refused: Found | None = None
        try:
            read = self.forge.file(self.repository, FILE, etag=known.etag if known else None, ref=branch)
        except Unreadable as error:
            refused = Found(None, unreadable=error.why)
        if read is not None and Found(read.value).examine(ground).mistakes:
            refused = Found(read.value)
            read = None  # the last good one stays in force
        self._keep(read, known, branch)
        kept = known if read is None else read
        return Read(None if kept is None else kept.value, refused)

    def _keep(self, read: Fetched | None, known: Fetched | None, branch: str | None) -> None:
        """Remember what was read. Only now: that GitHub answered proves that the repository is this installation's."""
        self.store.keep_repository(self.repository)
        if is_home(self.repository) and read is not None and read.value != (known.value if known else None):
            self.store.look_everywhere(self.repository, self.now)  # first: a crash in between would lose it
        self.store.keep_policy_file(self.repository, read, now=self.now, branch=branch)

    def _trouble(self, read: Read, ground: Ground, config: Config | None) -> Trouble | None:
        if read.refused is not None:
            return Trouble("passive" if config is None else "kept", read.refused.examine(ground))
        settled: Effective | None = None if read.text is None else ground.settle(read.text)
        if settled is not None and settled.contradictions:
            return Trouble("layered", Examined(settled.contradictions))
        missing = () if read.text is None else names.Registrar(self.forge, self.repository).missing(read.text, ground)
        fatal = [each for each in missing if each.is_fatal]
        return Trouble("names", Examined().with_names(fatal)) if fatal else None

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


def _digest(read: Read, trouble: Trouble | None) -> str:
    """Return the fingerprint of what is told: a file that cannot be used is known by itself, in pull requests too."""
    if read.refused is not None:
        return read.refused.digest
    return "" if trouble is None else trouble.digest
