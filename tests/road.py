"""A road for tests: a GitHub, a memory and words that keep their state in plain dictionaries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bot.config import Mistake
from bot.model.decisions import Answered, Decision, PendingEffect, Push
from bot.model.effects import Effect, SetLabels, StickyComment
from bot.model.errors import Gone
from bot.model.events import InstallationChanged, IssueChanged, LookAgain
from bot.model.facts import Comment, Issue, Memory, PullRequest
from bot.model.forge import Attempt, Entry, Fetched, Past, Receipt
from bot.model.past import Known, Learnt
from bot.model.roles import Role
from bot.model.subjects import Actor, Repository, Subject
from bot.model.timeline import Happening, Source, Timeline, What, event_key, heard_key
from bot.model.verdicts import Data, Message
from bot.pipeline import handle
from bot.policies import triage
from bot.render import Words
from bot.road import Policy, Road

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MODEL = Repository(1296269, "acme/model", 77, "main", "acme")
SEVEN = Subject(MODEL.id, 7)
ADA = Actor(1, "ada")


def issue(title: str = "[Bug] crash", *, at: datetime = NOW, labels: Sequence[str] = (), comments: int = 0) -> Issue:
    """Return issue 7 as a snapshot of this moment."""
    return Issue(
        subject=SEVEN,
        title=title,
        body="",
        author=ADA,
        labels=frozenset(labels),
        type=None,
        is_open=True,
        comments=comments,
        created_at=NOW,
        updated_at=at,
    )


def changed(snapshot: Issue | None = None, *, repository: Repository = MODEL) -> IssueChanged:
    """Return the event that carries this snapshot."""
    shown = snapshot or issue()
    return IssueChanged("edited", repository, shown, ADA, opened(shown))


def opened(shown: Issue) -> tuple[Entry, ...]:
    """Return a past that leads to this state: the issue was opened like that."""
    before = replace(shown, labels=frozenset(), type=None, is_open=True, updated_at=shown.created_at)
    return (_entry(What.OPENED, NOW), *_between(before, replace(shown, updated_at=shown.created_at)))


def told(history: Sequence[Issue]) -> list[IssueChanged]:
    """Return the events by which an issue went through these states, each with what it adds to the past."""
    first = IssueChanged("opened", MODEL, history[0], ADA, opened(history[0]))
    later = (IssueChanged("edited", MODEL, new, ADA, _between(old, new)) for old, new in pairwise(history))
    return [first, *later]


def listed(events: Sequence[IssueChanged]) -> list[Entry]:
    """Return the same past as GitHub lists it."""
    happened = [
        entry.happening for event in events for entry in event.entries if entry.happening.what is not What.OPENED
    ]
    return [Entry(replace(each, id=event_key(n), source=Source.READ)) for n, each in enumerate(happened)]


def _between(old: Issue, new: Issue) -> tuple[Entry, ...]:
    marks = [
        *((What.UNLABELED, label) for label in sorted(old.labels - new.labels)),
        *((What.LABELED, label) for label in sorted(new.labels - old.labels)),
        *([(What.TYPED, new.type)] if new.type != old.type else []),
        *([(What.REOPENED if new.is_open else What.CLOSED, None)] if new.is_open != old.is_open else []),
    ]
    return tuple(_entry(what, new.updated_at, name) for what, name in marks)


def _entry(what: What, at: datetime, name: str | None = None) -> Entry:
    return Entry(Happening(id=heard_key(what, at, ADA, name), what=what, at=at, actor=ADA, name=name))


LOOK = LookAgain(MODEL, SEVEN)


@dataclass
class Notebook:
    """The memory; `record` keeps a decision as the store does, and its effects wait until they are `written`."""

    pasts: dict[Subject, Known] = field(default_factory=dict)
    files: dict[tuple[int, str | None], tuple[Fetched | None, datetime | None]] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    types_checked_at: datetime | None = None
    memories: dict[Subject, Memory] = field(default_factory=dict)
    pending: list[Effect] = field(default_factory=list)
    repositories: dict[int, Repository] = field(default_factory=dict)
    installations: list[InstallationChanged] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    looks: list[Repository] = field(default_factory=list)
    heads: dict[Subject, list[Push]] = field(default_factory=dict)

    def policy_file(self, repository: Repository, branch: str | None = None) -> tuple[Fetched | None, datetime | None]:
        """Return what was kept; when it was read only counts under the same installation."""
        kept = self.repositories.get(repository.id, repository)
        is_same = kept.installation_id == repository.installation_id
        file, checked_at = self.files.get((repository.id, branch), (None, None))
        return file, checked_at if is_same else None

    def keep_policy_file(
        self, repository: Repository, file: Fetched | None, *, now: datetime, branch: str | None = None
    ) -> None:
        """Keep a file, or that it is unchanged."""
        known, _ = self.files.get((repository.id, branch), (None, None))
        self.files[repository.id, branch] = (file or known, now)

    def doubt_policy_file(self, repository: Repository, branch: str | None = None) -> None:
        """Forget when it was read."""
        known, _ = self.files.get((repository.id, branch), (None, None))
        self.files[repository.id, branch] = (known, None)

    def organization_home(self, repository: Repository) -> Repository | None:
        """Return the repository of this name, if it was heard of."""
        name = f"{repository.organization}/.github"
        return next((each for each in self.repositories.values() if each.full_name == name), None)

    def look_everywhere(self, home: Repository, now: datetime) -> None:  # noqa: ARG002
        """Keep that everybody has to look."""
        self.looks += [each for each in self.repositories.values() if each.id != home.id]

    def issue_types(self, repository: Repository) -> tuple[tuple[str, ...], datetime | None]:  # noqa: ARG002
        """Return what was kept."""
        return self.types, self.types_checked_at

    def keep_issue_types(self, repository: Repository, types: tuple[str, ...], *, now: datetime) -> None:  # noqa: ARG002
        """Keep them."""
        self.types, self.types_checked_at = types, now

    def memory(self, subject: Subject) -> Memory:
        """Return what was decided, and what of it is still on its way."""
        if subject not in self.memories:
            return Memory()
        waiting = tuple(e for e in self.pending if isinstance(e, SetLabels) and e.subject == subject)
        return replace(self.memories[subject], is_applied=not waiting, pending=waiting)

    def keep_checked(self, subject: Subject, head_sha: str) -> None:
        """Keep the head."""
        self.memories[subject] = replace(self.memories.get(subject, Memory()), checked_head=head_sha)

    def look_again(self, repository: Repository, now: datetime) -> None:  # noqa: ARG002
        """Keep that somebody has to look."""
        self.looks.append(repository)

    def keep_seen(self, subject: Subject, moment: datetime) -> None:
        """Move the fence."""
        self.memories[subject] = replace(self.memories[subject], seen_at=moment)

    def is_answered(self, comment_id: int) -> bool:
        """Say whether it was judged."""
        return any(each.comment_id == comment_id for each in self.answers)

    def commands_before(self, repository: Repository, comment: Comment, *, since: datetime) -> list[datetime]:  # noqa: ARG002
        """Return when its writer gave commands before."""
        by = comment.author.id if comment.author else None
        mine = (each for each in self.answers if each.actor_id == by and each.written_at >= since)
        return [each.written_at for each in mine if _place_in_time(each) < (comment.created_at, comment.id)]

    def touched_after(self, subject: Subject, comment: Comment) -> frozenset[str]:  # noqa: ARG002
        """Return what later commands touched; all of them count as this subject's."""
        later = (each for each in self.answers if _place_in_time(each) > (comment.created_at, comment.id))
        return frozenset(place for each in later for place in each.touched)

    def pushes(self, subject: Subject) -> list[Push]:
        """Return what was kept."""
        return self.heads.get(subject, [])

    def keep_push(self, subject: Subject, push: Push) -> None:
        """Keep it."""
        self.heads.setdefault(subject, []).append(push)

    def keep_repository(self, repository: Repository) -> None:
        """Keep it by its id."""
        self.repositories[repository.id] = repository

    def keep_installation(self, change: InstallationChanged, *, now: datetime) -> None:  # noqa: ARG002
        """Keep the news."""
        self.installations.append(change)

    def past(self, subject: Subject, now: datetime) -> Known:  # noqa: ARG002
        """Return what was learnt."""
        return self.pasts.get(subject, Known())

    def keep_past(self, subject: Subject, learnt: Learnt) -> None:
        """Keep what was learnt."""
        known = self.pasts.get(subject, Known())
        happenings = {each.id: each for each in (*known.timeline.happenings, *learnt.happenings)}
        regimes = (*known.timeline.regimes, *((learnt.regime,) if learnt.regime else ()))
        timeline = Timeline(happenings=tuple(happenings.values()), regimes=regimes)
        self.pasts[subject] = replace(known, timeline=timeline, read_at=learnt.read_at or known.read_at)

    def record(self, decision: Decision) -> None:
        """Keep a decision, and its effects as pending."""
        self.keep_past(decision.subject, decision.learnt)
        self.memories[decision.subject] = decision.memory
        self.answers += decision.comments
        self.pending += decision.effects


def _place_in_time(answered: Answered) -> tuple[datetime, int]:
    return answered.written_at, answered.comment_id


@dataclass
class Island:
    """A GitHub of one repository; whatever is asked of it stands in `calls`."""

    policy: str | None = "version: 1\n"
    shared: str | None = None
    branches: dict[str, str | None] = field(default_factory=dict)
    forks: dict[str, str | None] = field(default_factory=dict)
    known_labels: frozenset[str] = frozenset()
    teams: frozenset[str] | None = frozenset()
    known_environments: frozenset[str] | None = frozenset()
    workflows: frozenset[str] = frozenset()
    issues: dict[int, Issue] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    comments: dict[str, str] = field(default_factory=dict)
    said: dict[int, Comment] = field(default_factory=dict)
    listed: dict[int, list[Entry]] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    proposed: dict[str, str | None] = field(default_factory=dict)
    troubles: list[Exception] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def file(self, repository: Repository, path: str, *, etag: str | None, ref: str | None = None) -> Fetched | None:
        """Return a file, unless the etag fits; the etag is the text itself."""
        if path.startswith(".github/workflows/"):
            self._asked(path)
            return Fetched("on: push" if path.rpartition("/")[2] in self.workflows else None, None)
        if repository.full_name.endswith("/.github"):
            return self._text(f"shared file {etag!r}", self.shared, etag)
        if ref in self.branches:
            return self._text(f"file on {ref} {etag!r}", self.branches[ref], etag)
        if ref is not None:
            return self._text(f"file at {ref[:4]}", self.proposed[ref], etag)
        return self._text(f"file {etag!r}", self.policy, etag)

    def labels(self, repository: Repository) -> frozenset[str]:  # noqa: ARG002
        """Return the labels there are."""
        self._asked("labels")
        return self.known_labels

    def has_team(self, repository: Repository, organization: str, slug: str) -> bool | None:  # noqa: ARG002
        """Look a team up; nothing is known where no teams may be seen."""
        self._asked(f"team {organization}/{slug}")
        return None if self.teams is None else f"{organization}/{slug}" in self.teams

    def environments(self, repository: Repository) -> frozenset[str] | None:  # noqa: ARG002
        """Return the environments there are."""
        self._asked("environments")
        return self.known_environments

    def merge_base(self, repository: Repository, base: str, head: str) -> str | None:  # noqa: ARG002
        """Return where they went apart: at the tip of the base, unless said otherwise."""
        self._asked(f"merge base of {base} and {head[:4]}")
        if head not in self.forks:
            self.proposed.setdefault("tip", self.branches.get(base, self.policy))
        return self.forks.get(head, "tip")

    def issue(self, repository: Repository, number: int) -> Issue:  # noqa: ARG002
        """Return an issue as it is now."""
        self._asked(f"issue {number}")
        if number not in self.issues:
            raise Gone(f"issue {number}")
        return self.issues[number]

    def issue_types(self, repository: Repository) -> tuple[str, ...]:  # noqa: ARG002
        """Return the issue types."""
        self._asked("issue types")
        return self.types

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:  # noqa: ARG002
        """Return a comment as it is now."""
        self._asked(f"comment {comment_id}")
        return self.said.get(comment_id)

    def timeline(self, repository: Repository, number: int, *, etags: tuple[str, ...] = ()) -> Past:  # noqa: ARG002
        """Return what happened to an issue."""
        self._asked(f"timeline {number}")
        return Past(tuple(self.listed.get(number, ())), ("etag",))

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:  # noqa: ARG002
        """Return somebody's role."""
        self._asked(f"permission {login}")
        return self.roles.get(login)

    def pull(self, repository: Repository, number: int) -> PullRequest:  # noqa: ARG002
        """Return a pull request as it is now."""
        self._asked(f"pull {number}")
        return self.pulls[number]

    def apply(self, repository: Repository, effect: Effect, attempt: Attempt) -> Receipt:  # noqa: ARG002
        """Make it true."""
        self._asked(f"apply {effect.kind}" + (" after a look" if attempt.may_have_happened else ""))
        number = effect.subject.number
        match effect:
            case SetLabels():
                now = self.issue(MODEL, number)
                self.issues[number] = replace(now.after([effect]), updated_at=now.updated_at + SECOND)
            case StickyComment():
                self.comments[effect.target] = effect.body
        return Receipt(remote_id=attempt.remote_id or 1)

    def _text(self, what: str, text: str | None, etag: str | None) -> Fetched | None:
        self._asked(what)
        return None if etag is not None and etag == text else Fetched(text, text)

    def _asked(self, what: str) -> None:
        self.calls.append(what)
        if self.troubles:
            raise self.troubles.pop(0)


class PlainWords:
    """Words that say which messages were said, and in which language."""

    def comment(self, messages: Sequence[Message], language: str) -> str:
        """Name them."""
        return f"{language}: " + ", ".join(message.key for message in messages)

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Name it, and what it says of it."""
        return f"{language}: {message.key}", f"{message.data['state']}: {message.data['count']}"

    def mistake(self, mistake: Mistake, language: str) -> str:
        """Name what is wrong."""
        return f"{language}: {mistake.code}"

    def answer(self, messages: Sequence[Message], language: str) -> str:
        """Name them."""
        return self.comment(messages, language)

    def text(self, key: str, data: Mapping[str, Data], language: str) -> str:  # noqa: ARG002
        """Name it."""
        return f"{language}: {key}"

    def document(self, name: str, language: str) -> str:
        """Return Reeve's own, which has no data in it."""
        return Words().document(name, language)


@dataclass
class Walk:
    """A road with its island and its notebook; `at` is the time."""

    island: Island = field(default_factory=Island)
    notebook: Notebook = field(default_factory=Notebook)
    policies: tuple[Policy, ...] = (triage.decide,)
    at: datetime = NOW

    @property
    def road(self) -> Road:
        """The parts, wired together."""
        return Road(lambda _: self.island, self.notebook, PlainWords(), self.policies)

    def go(self, *events: IssueChanged | LookAgain) -> str:
        """Handle these events, record what was decided and return the reason."""
        handled = handle(events, self.road, self.at)
        if handled.decision is not None:
            self.notebook.record(handled.decision)
        return handled.reason

    def decide(self, *events: IssueChanged | LookAgain) -> Decision:
        """Handle these events, which must come to a decision, and record it."""
        handled = handle(events, self.road, self.at)
        assert handled.decision is not None, handled.reason
        self.notebook.record(handled.decision)
        return handled.decision

    def write(self) -> None:
        """Let everything that is pending become true."""
        while self.notebook.pending:
            self.island.apply(MODEL, self.notebook.pending.pop(0), Attempt())

    def asked(self) -> list[str]:
        """Return what was asked of GitHub since the last look."""
        calls, self.island.calls = self.island.calls, []
        return calls


def pending(effect: Effect, *, attempts: int = 0, remote_id: int | None = None) -> PendingEffect:
    """Return an effect that is due."""
    return PendingEffect(1, MODEL, effect, attempts, remote_id)
