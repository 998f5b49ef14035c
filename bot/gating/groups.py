"""What a merge queue has put together, judged on its own commit.

Its coverage comes from the run on that commit. Performance is not measured again: the verdicts of the pull requests are
carried over, where each commit of the group makes exactly the change that was judged.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.config import Config
from bot.gating import gathering, judging
from bot.gating.gathering import Evidence
from bot.gating.judging import Case
from bot.gating.kept import Compared
from bot.gating.parts import Desk, Gate
from bot.gating.together import Together
from bot.model.changes import Step, Unclear
from bot.model.decisions import Decision
from bot.model.effects import CheckRun
from bot.model.events import GatesDue
from bot.model.gates import ACKNOWLEDGED, Head
from bot.model.outcomes import Outcome
from bot.model.runs import MergeGroup
from bot.model.subjects import Subject
from bot.model.verdicts import Message, Verdict
from bot.policies import shadow

_IN_ORDER = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})

#: GitHub takes a group from the queue after an hour by default; nothing is waited for longer.
PATIENCE = timedelta(hours=1)


def judge_group(due: GatesDue, read: Callable[[str], Config | None], desk: Desk) -> tuple[Decision | None, str]:
    """Judge a merge group; return the decision, or why there is none."""
    group = desk.store.group(due.repository.id, due.group_sha or "")
    config = read(group.base_ref) if group is not None else None
    if group is None or config is None:
        return None, "the merge group is gone" if group is None else "no policy file: installed but passive"
    case = _case(due, group, config, desk)
    found = _evidence(case, desk, is_anew=due.is_anew)
    change = judging.compare(case, found, desk)
    verdicts = _verdicts(case, found, change, desk)
    together = Together(case.subject, group.head_sha, verdicts, case.language, is_group=True)
    decision = Decision(
        repository=case.repository,
        subject=case.subject,
        verdicts=tuple(replace(each, message=None, effects=()) for each in verdicts),
        effects=together.checks(desk.words),
        memory=desk.memories.memory(case.subject),
        config_digest=config.digest,
        facts_digest=change.change if isinstance(change, Compared) else change.puzzle.value,
        gates_at=min((each.wake_at for each in verdicts if each.wake_at is not None), default=None),
    )
    return decision, "decided"


def _case(due: GatesDue, group: MergeGroup, config: Config, desk: Desk) -> Case:
    head = Head(group.number, due.repository.id, group.head_ref, group.head_sha, group.base_ref)
    return Case(
        due.repository,
        Subject(due.repository.id, group.number),
        head,
        body="",
        config=config,
        language="zh-CN" if config.language == "zh-CN" else "en",
        event="merge_group",
        base_sha=group.base_sha,
        since=group.at or desk.now,
    )


def _evidence(case: Case, desk: Desk, *, is_anew: bool) -> Evidence:
    store, repository, sha = desk.store, case.repository, case.head.sha
    run = gathering.newest(store.runs(repository.id, sha), Gate.COVERAGE, case.head, event=case.event)
    if is_anew or not Evidence(run).is_over:
        for each in desk.forge.runs(repository, sha):
            store.keep_run(repository.id, each, desk.now)
        run = gathering.newest(store.runs(repository.id, sha), Gate.COVERAGE, case.head, event=case.event)
    return gathering.evidence(run, Gate.COVERAGE, repository, desk, branches=case.rules.branch)


def _verdicts(case: Case, found: Evidence, change: Compared | Unclear, desk: Desk) -> tuple[Verdict, ...]:
    if isinstance(change, Unclear):
        verdicts = [judging.unclear(case, gate, change, desk) for gate in Gate]
    else:
        members = [_members(step, case, desk) for step in change.steps]
        seen = replace(case, acknowledger=_acknowledger(members, case, desk))
        verdicts = [judging.coverage(seen, found, change, desk), _carried(members, seen, change, desk)]
    return tuple(shadow.cast(each, case.config, desk.words, case.language) for each in verdicts)


def _members(step: Step, case: Case, desk: Desk) -> list[Head]:
    """Return the pull requests that one commit of the group is of.

    By their head, which a merge has as its parent, or by the change itself, which a squashed commit makes too.
    """
    by_head = desk.store.heads_at(case.repository.id, step.parents[1]) if len(step.parents) == 2 else []
    return by_head or desk.store.heads_changing(case.repository.id, step.identity)


def _carried(members: list[list[Head]], case: Case, change: Compared, desk: Desk) -> Verdict:
    """Return the benchmark verdict: that of the pull requests, where each commit is known to be one that passed."""
    passed = [[each for each in step if _has_passed(each)] for step in members]
    if not passed or not all(passed):
        return judging.benchmark(case, Evidence(), change, desk)
    numbers = tuple(f"#{step[0].number}" for step in passed)
    title, summary = desk.words.headed(Message("gates/carried", {"numbers": numbers}), case.language)
    check = CheckRun(case.subject, case.head.sha, judging.check_name(Gate.BENCHMARK), "success", title, summary)
    return Verdict(Gate.BENCHMARK.value, "carried", Outcome.PASS, effects=(check,))


def _has_passed(head: Head) -> bool:
    judged = head.judged
    return judged is not None and judged.head_sha == head.sha and judged.outcomes.get(Gate.BENCHMARK) in _IN_ORDER


def _acknowledger(members: list[list[Head]], case: Case, desk: Desk) -> str | None:
    """Name who has seen the changes to protected paths, where somebody has on every head that is in the group."""
    today, names = desk.now.date(), []
    for step in members:
        words = [
            each.by
            for head in step
            for each in desk.store.overrides(Subject(case.repository.id, head.number), head.sha)
            if each.gate == ACKNOWLEDGED and (each.until is None or today <= each.until)
        ]
        names += words[:1]
    return names[0] if members and len(names) == len(members) else None
