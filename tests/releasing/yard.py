"""A yard for releases: GitHub as lists that keep their state, beside the real store."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import Engine

from bot import releasing
from bot.config import Config, parse
from bot.model.decisions import Decision
from bot.model.effects import (
    AnswerDeployment,
    CheckRun,
    CreateTag,
    Dispatch,
    Effect,
    KeepIssue,
    PublishRelease,
    React,
    StickyComment,
)
from bot.model.errors import TooLarge
from bot.model.events import ReleaseDue
from bot.model.facts import PullRequest
from bot.model.releases import CheckState, Listed, MergedPull, Released, Tag
from bot.model.roles import Role
from bot.model.runs import Artifact, Run
from bot.model.subjects import Actor, Repository, Subject
from bot.model.trains import Asked, Deployment, Train, releases_of
from bot.model.verbs import Bound
from bot.policies.commands import Command
from bot.policies.commands import parse as parsed
from bot.policies.commands.arguments import bind
from bot.policies.commands.registry import OWN
from bot.policies.release.required import required
from bot.render import Words
from bot.reports import tensor_parallel
from bot.reports.handed import Answer
from bot.reports.tensor_parallel import Case, Document
from bot.sandbox.ci import zipped
from bot.store import releases as kept
from bot.store.database import Database
from bot.store.tables import applied
from bot.store.upsert import upsert
from bot.unpack import child
from bot.unpack.tasks import ReadSuite
from tests.policies.release.documents import case, document, side

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MODEL = Repository(7, "acme/model", 1)
BASE, HEAD, LATER = "b" * 40, "a" * 40, "c" * 40
WORKFLOW = ".github/workflows/reeve-tensor-parallel.yml"


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00:00+00:00")


@dataclass
class GitHub:
    """What of GitHub matters to a release, as it is now."""

    refs: dict[str, str] = field(default_factory=lambda: {"main": HEAD})
    tagged: dict[str, str] = field(default_factory=lambda: {"v1.2.0": BASE})
    released: dict[str, datetime] = field(default_factory=lambda: {"v1.2.0": at("2026-10-01")})
    roles: dict[str, Role] = field(default_factory=lambda: {"ada": Role.MAINTAIN, "ben": Role.ADMIN})
    blockers: list[int] = field(default_factory=list)
    milestone: list[int] = field(default_factory=list)
    states: list[CheckState] = field(default_factory=lambda: [CheckState("ci", 15_368, is_green=True)])
    merged: list[MergedPull] = field(default_factory=list)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    handed: dict[int, list[tuple[Artifact, bytes]]] = field(default_factory=dict)
    is_mute: bool = False
    is_huge: bool = False

    def pull(self, _: Repository, number: int) -> PullRequest:
        """Return a pull request."""
        return self.pulls[number]

    def permission(self, _: Repository, login: str, __: int) -> Role | None:
        """Return the role of somebody."""
        return self.roles.get(login)

    def tags(self, _: Repository) -> tuple[Tag, ...]:
        """Return the tags."""
        return tuple(Tag(*each) for each in self.tagged.items())

    def commit(self, _: Repository, ref: str) -> str | None:
        """Return what a ref leads to."""
        return self.refs.get(ref) or self.tagged.get(ref)

    def open_issues(self, _: Repository, label: str | None, milestone: str | None) -> tuple[Listed, ...]:
        """Return the blockers, or what is in the milestone."""
        numbers = self.milestone if milestone else self.blockers
        return tuple(Listed(number, "x", frozenset({label or ""})) for number in numbers)

    def checks(self, _: Repository, __: str) -> tuple[CheckState, ...]:
        """Return what CI says."""
        return tuple(self.states)

    def merged_pulls(self, _: Repository, __: str, ___: str) -> tuple[MergedPull, ...]:
        """Return what was merged."""
        if self.is_huge:
            raise TooLarge("compare has more than 3000 entries")
        return tuple(self.merged)

    def release(self, _: Repository, tag: str) -> Released | None:
        """Return the release of a tag."""
        moment = self.released.get(tag)
        return Released(1, tag, "https://github.test/r", is_draft=False, published_at=moment) if moment else None

    def run(self, _: Repository, run_id: int) -> Run | None:
        """Return a run."""
        return self.runs.get(run_id)

    def run_by_nonce(self, _: Repository, __: str, nonce: str, ___: datetime) -> Run | None:
        """Find a run by its title."""
        return next((run for run in self.runs.values() if nonce in run.title), None)

    def artifacts(self, _: Repository, run_id: int) -> tuple[Artifact, ...]:
        """Return what a run handed over."""
        return tuple(artifact for artifact, _ in self.handed.get(run_id, ()))

    def artifact(self, _: Repository, artifact: Artifact) -> bytes:
        """Return its zip."""
        return next(data for held in self.handed.values() for each, data in held if each.id == artifact.id)


class Here:
    """Opens in this process what elsewhere a child opens: quicker, and the same code."""

    def suite(self, archive: bytes) -> Answer:
        """Return what an archive holds."""
        return child.do(ReadSuite(archive))


class Yard:
    """A repository with releases, and everything that follows from what is said and done there."""

    def __init__(self, engine: Engine) -> None:
        """Open a repository with one release, and nothing under way."""
        self.database = Database(engine)
        self.github = GitHub()
        self.config: Config = parse("version: 1\n")
        self.now = NOW
        self.version = "v1.3.0"
        self.language = "en"
        self.effects: list[Effect] = []
        self.decisions: list[Decision] = []
        self._comments = iter(range(100, 1000))
        self._nonces = iter(f"nonce{n:08d}" for n in range(1000))

    @property
    def train(self) -> Train:
        """The release as it is kept."""
        found = self.database.releases.train(MODEL.id, self.version)
        assert found is not None
        return found

    def say(self, text: str, *, by: str = "ada", number: int = 1, head: str | None = None) -> str:
        """Let somebody whose permission was checked write a command; return what is answered."""
        self.now += timedelta(seconds=5)
        (command,) = parsed(text)  # type: ignore[misc]
        assert isinstance(command, Command)
        bound = bind(OWN.by_name[command.verb].parameters, command.arguments)
        assert isinstance(bound, Bound)
        given = tuple((each.name, each.value) for each in bound.given)
        comment = next(self._comments)
        user_id = sum(map(ord, by))
        role = self.github.roles.get(by)
        subject = Subject(MODEL.id, number)
        asked = Asked(subject, comment, command.verb, given, by, user_id, role, self.now, "en", head)
        self.look(asked)
        said = [each.body for each in self.effects if isinstance(each, StickyComment)]
        return said[-1] if said else ""

    def look(self, asked: Asked | None = None) -> None:
        """Look at the releases until nothing follows from what was done."""
        for _ in range(10):
            decision = self._look(asked)
            asked = None
            if decision is None or not any([*map(self._apply, decision.effects)]):  # all of them, not up to the first
                return
        raise AssertionError("the releases come to no rest")

    def _look(self, asked: Asked | None) -> Decision | None:
        store = self.database.releases
        desk = releasing.Desk(
            self.github, store, Here(), lambda: next(self._nonces), self.database.memory, Words(),
            lambda: self.language, self.now,
        )  # fmt: skip
        due = [ReleaseDue(MODEL, releases_of(MODEL.id), asked)]
        decision, _ = releasing.look(due, lambda _: self.config, desk)
        if decision is not None:
            with self.database.engine.begin() as connection:
                kept.keep(connection, MODEL.id, decision.releases, self.now)
            self.decisions.append(decision)
        return decision

    def _apply(self, effect: Effect) -> bool:
        """Make an effect true; say whether a release has to be looked at after it."""
        self.effects.append(effect)
        match effect:
            case CreateTag():
                is_new = effect.tag not in self.github.tagged
                self.github.tagged.setdefault(effect.tag, effect.sha)
                return is_new
            case PublishRelease():
                is_new = effect.tag not in self.github.released
                self.github.released.setdefault(effect.tag, self.now)
                return is_new
            case Dispatch():
                self._begin(effect)
        return False

    def _begin(self, effect: Dispatch) -> None:
        if self.github.is_mute:
            return
        run_id = 5000 + len(self.github.runs)
        self.github.runs[run_id] = Run(
            run_id, 1, WORKFLOW, "workflow_dispatch", HEAD, "main", MODEL.id, None, self.now,
            f"https://github.test/runs/{run_id}", f"Tensor-parallel {effect.nonce}",
        )  # fmt: skip
        with self.database.engine.begin() as connection:
            values = {"digest": "", "remote_id": run_id, "applied_at": self.now, "repository_id": MODEL.id}
            upsert(connection, applied, {"target": effect.target}, values)

    @property
    def dispatched(self) -> list[Dispatch]:
        """The runs that were asked for."""
        return [each for each in self.effects if isinstance(each, Dispatch)]

    @property
    def last(self) -> dict[str, str]:
        """The inputs of the last dispatch."""
        return dict(self.dispatched[-1].inputs)

    def result(self, *cases: Case, **changes: object) -> Document:
        """Return a whole result for the last dispatch, with these cases in place of those of the same name."""
        inputs, run_id = self.last, max(self.github.runs)
        own = {each.name: each for each in cases}
        every = [own.pop(name, case(name)) for name in sorted(required(inputs["profile"]))]
        made = document(
            *every,
            *own.values(),
            nonce=inputs["nonce"],
            profile=inputs["profile"],
            run_id=str(run_id),
            duration=60.0 + len(self.dispatched),
            sides={"base": side(inputs["base"]), "head": side(inputs["candidate"])},
        )
        return msgspec.structs.replace(made, **changes)

    def finish(
        self, made: Document | bytes | None = None, *, name: str = "", conclusion: str = "success", **run: object
    ) -> None:
        """Let the newest run hand something over and end, and everything follow."""
        self.now += timedelta(minutes=30)
        run_id = max(self.github.runs)
        ended = replace(self.github.runs[run_id], conclusion=conclusion, **run)  # type: ignore[arg-type]
        self.github.runs[run_id] = ended
        if made is not None:
            data = made if isinstance(made, bytes) else tensor_parallel.encode(made)
            archive = zipped({"tensor-parallel.json": data})
            digest = f"sha256:{hashlib.sha256(archive).hexdigest()}"
            named = name or f"reeve-tensor-parallel.{self.last['nonce']}"
            artifact = Artifact(len(self.github.handed) + 1, named, len(archive), digest, self.now)
            self.github.handed[run_id] = [(artifact, archive)]
        self.look()

    def ask_to_deploy(self, sha: str, *, run_id: int = 77) -> list[str]:
        """Let a run ask whether it may deploy; return what it was told, if it was."""
        asked = Deployment("production", run_id, sha, "refs/heads/main", "ada")
        self.database.releases.keep_deployment(MODEL.id, asked, self.now)
        self.look()
        return self.deployed

    @property
    def deployed(self) -> list[str]:
        """What runs that wait were told."""
        return [each.state for each in self.effects if isinstance(each, AnswerDeployment)]

    @property
    def issue(self) -> KeepIssue:
        """The release issue as it was written last."""
        return [each for each in self.effects if isinstance(each, KeepIssue)][-1]

    @property
    def check(self) -> CheckRun:
        """The check that was written last."""
        return [each for each in self.effects if isinstance(each, CheckRun)][-1]

    @property
    def signs(self) -> list[str]:
        """The reactions, oldest first."""
        return [each.content for each in self.effects if isinstance(each, React)]

    def approve(self, *people: str) -> None:
        """Let people approve the candidate."""
        for each in people:
            self.say(f"/release approve {self.train.sha[:12]}", by=each)

    @property
    def published(self) -> list[PublishRelease]:
        """The releases that were made."""
        return [each for each in self.effects if isinstance(each, PublishRelease)]


def merged(number: int, title: str, *labels: str) -> MergedPull:
    return MergedPull(number, title, Actor(5, "eve"), frozenset(labels), HEAD)


def pull(head: str = HEAD) -> PullRequest:
    """Return an open pull request."""
    return PullRequest(
        Subject(MODEL.id, 9), "t", "", None, frozenset(), head, "feature", MODEL.id, BASE, "main",
        is_open=True, is_draft=False, is_merged=False, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
