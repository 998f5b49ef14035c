"""One trip of the gates: gather for one pull request, judge, and say what should be on GitHub."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from bot.config import Config
from bot.gating import gathering, judging
from bot.gating.gathering import Evidence
from bot.gating.groups import judge_group
from bot.gating.judging import Case
from bot.gating.parts import Desk, Gate
from bot.gating.together import Sibling, Together
from bot.model.changes import Puzzle, Unclear
from bot.model.decisions import Decision
from bot.model.effects import Effect, StickyComment
from bot.model.errors import Refused
from bot.model.events import GatesDue
from bot.model.facts import PullRequest
from bot.model.gates import Head, Judged
from bot.model.runs import Run
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Verdict
from bot.policies import language, shadow

#: Reads the policy that is in force on a base branch; None where Reeve is to be passive.
Reading = Callable[[str], Config | None]

#: What a trip came to: a decision, or a word on why there is none.
Came = tuple[Decision | None, str]


def judge(due: Sequence[GatesDue], read: Reading, desk: Desk) -> Came:
    """Judge what is due of one pull request; what a merge queue has put together is judged in trips of its own."""
    pulls = [each for each in due if each.group_sha is None]
    groups = [each for each in due if each.group_sha is not None]
    now, later = (pulls, groups) if pulls else (groups[:1], groups[1:])
    for each in later:
        desk.store.ask(each, f"alone:{desk.now.isoformat()}", desk.now)
    return _Trip(pulls, read, desk).go() if pulls else judge_group(now[0], read, desk)


@dataclass(slots=True)
class _Trip:
    """The judgement of one pull request, as it is now."""

    due: Sequence[GatesDue]
    read: Reading
    desk: Desk

    def go(self) -> Came:
        """Gather, decide, and compare with what was wanted before."""
        repository, pull = self.due[-1].repository, self._pull()
        if not pull.is_open:
            return None, "the pull request is closed"
        config = self.read(pull.base_ref)
        if config is None:
            return None, "no policy file: installed but passive"
        case = self._case(repository, pull, config)
        if self._is_anew:
            self.desk.store.forget_read(repository.id, case.head.sha)
        try:
            verdicts, change = verdicts_of(case, self._evidence(case), self.desk)
        except Refused:  # a permission that was not accepted: that is for a maintainer to see, not for a log
            verdicts, change = unclear_of(case, Unclear(Puzzle.NO_ACCESS), self.desk), ""
        return self._wanted(case, verdicts, change)

    @property
    def _is_anew(self) -> bool:
        return any(each.is_anew for each in self.due)

    def _pull(self) -> PullRequest:
        """Return the pull request as it is: the newest snapshot, unless something newer is known or none came along."""
        snapshots = [each.pull for each in self.due if each.pull is not None]
        newest = max(snapshots, key=lambda pull: pull.updated_at, default=None)
        if newest is not None and len(snapshots) == len(self.due) and self.desk.store.keep_head(newest):
            return newest
        pull = self.desk.forge.pull(self.due[-1].repository, self.due[-1].subject.number)
        self.desk.store.keep_head(pull)
        return pull

    def _case(self, repository: Repository, pull: PullRequest, config: Config) -> Case:
        known = self.desk.store.head(pull.subject)
        head = Head(pull.subject.number, pull.head_repository_id, pull.head_ref, pull.head_sha, pull.base_ref)
        is_auto = config.language == "auto"
        return Case(
            repository,
            pull.subject,
            replace(head, judged=known.judged if known else None),
            pull.body,
            config,
            language.detect(pull.title, pull.body) if is_auto else config.language,
            event="pull_request",
            overrides=self.desk.store.overrides(pull.subject, head.sha),
            pushes=[(each.head_sha, each.at) for each in self.desk.memories.pushes(pull.subject)],
        )

    def _evidence(self, case: Case) -> dict[Gate, Evidence]:
        """Return what each gate's workflow has to say."""
        runs = self._runs(case)
        return {
            gate: gathering.evidence(
                gathering.newest(runs, gate, case.head, event=case.event),
                gate,
                case.repository,
                self.desk,
                branches=case.rules.branch,
            )
            for gate in Gate
        }

    def _runs(self, case: Case) -> list[Run]:
        """Return the runs of the head; GitHub is asked for them where somebody wants it, or the news may be lost."""
        store, repository, sha = self.desk.store, case.repository, case.head.sha
        runs = store.runs(repository.id, sha)
        newest = gathering.newest(runs, Gate.COVERAGE, case.head, event=case.event)
        is_told = any(each.pull is not None for each in self.due) or Evidence(newest).is_over
        if is_told and not self._is_anew:
            return runs
        for run in self.desk.forge.runs(repository, sha):
            store.keep_run(repository.id, run, self.desk.now)
        return store.runs(repository.id, sha)

    def _wanted(self, case: Case, verdicts: tuple[Verdict, ...], change: str) -> Came:
        """Return what should be on GitHub, or that it is there already."""
        before = case.head.judged if case.head.judged and case.head.judged.head_sha == case.head.sha else None
        has_spoken = case.head.judged is not None and case.head.judged.has_spoken
        siblings = _siblings(case, self.desk)
        known = [before.rounds if before else 0, *(each.rounds for each in siblings)]  # they have the same checks
        rounds = max(known) + self._is_anew
        together = Together(case.subject, case.head.sha, verdicts, case.language, siblings, rounds=rounds)
        said = together.comment(self.desk.words, has_spoken=has_spoken)
        effects: tuple[Effect, ...] = (*together.checks(self.desk.words), *said)
        judged = Judged(
            case.head.sha, together.outcomes, change, digest(effects), rounds, has_spoken=has_spoken or bool(said)
        )
        self._pass_on(case, before, judged, siblings)
        return self._settled(case, verdicts, effects, before=before, judged=judged)

    def _pass_on(self, case: Case, before: Judged | None, judged: Judged, siblings: Sequence[Sibling]) -> None:
        """Have those judged again that this verdict matters to: others with this head, and groups that end with it."""
        store, now = self.desk.store, self.desk.now
        if before is None or before.outcomes != judged.outcomes:
            for each in siblings:
                subject = Subject(case.repository.id, each.number)
                store.ask(GatesDue(case.repository, subject), f"sibling:{case.subject.number}:{judged.digest}", now)
        for group in store.groups_of(case.subject):
            due = GatesDue(case.repository, case.subject, group_sha=group.head_sha)
            store.ask(due, f"with:{judged.digest}", now)

    def _settled(
        self,
        case: Case,
        verdicts: tuple[Verdict, ...],
        effects: tuple[Effect, ...],
        *,
        before: Judged | None,
        judged: Judged,
    ) -> Came:
        wake_at = min((each.wake_at for each in verdicts if each.wake_at is not None), default=None)
        known = self.desk.store.head(case.subject)
        if known is not None and known.sha != case.head.sha:
            return None, "the head has moved on meanwhile: nothing of this is said"
        if before == judged:
            self.desk.store.wake(case.repository, case.subject, wake_at)
            return None, "the gates stand as they stood"
        memory = self.desk.memories.memory(case.subject)
        decision = Decision(
            repository=case.repository,
            subject=case.subject,
            verdicts=tuple(replace(each, message=None, effects=()) for each in verdicts),
            effects=effects,
            memory=memory,
            config_digest=case.config.digest,
            facts_digest=judged.digest,
            judged=judged,
            gates_at=wake_at,
        )
        return decision, "decided"


def verdicts_of(case: Case, found: Mapping[Gate, Evidence], desk: Desk) -> tuple[tuple[Verdict, ...], str]:
    """Return each gate's verdict as it counts, and the fingerprint of the change that they are about."""
    change = judging.compare(case, found[Gate.COVERAGE], desk)
    if isinstance(change, Unclear):
        return unclear_of(case, change, desk), ""
    judged = (
        judging.coverage(case, found[Gate.COVERAGE], change, desk),
        judging.benchmark(case, found[Gate.BENCHMARK], change, desk),
    )
    return tuple(shadow.cast(each, case.config, desk.words, case.language) for each in judged), change.change


def unclear_of(case: Case, found: Unclear, desk: Desk) -> tuple[Verdict, ...]:
    """Return each gate's verdict where what they are about cannot be known."""
    verdicts = (judging.unclear(case, gate, found, desk) for gate in Gate)
    return tuple(shadow.cast(each, case.config, desk.words, case.language) for each in verdicts)


def _siblings(case: Case, desk: Desk) -> tuple[Sibling, ...]:
    """Return the other open pull requests with this head, each as it was judged for it."""
    others = (
        each for each in desk.store.heads_at(case.repository.id, case.head.sha) if each.number != case.head.number
    )
    judged = (
        (each.number, each.judged if each.judged and each.judged.head_sha == each.sha else None) for each in others
    )
    return tuple(
        Sibling(number, found.outcomes, found.rounds) if found else Sibling(number, {}) for number, found in judged
    )


def digest(effects: Sequence[Effect]) -> str:
    """Return the fingerprint of what is wanted on GitHub, without what was merely known at the time."""
    wanted = [replace(each, may_exist=False) if isinstance(each, StickyComment) else each for each in effects]
    return hashlib.sha256(msgspec.json.encode(wanted, enc_hook=str)).hexdigest()
