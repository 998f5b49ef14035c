"""Workflow runs: begun, finished, begun again; and what a merge queue puts together."""

from collections.abc import Mapping

from bot.sandbox.actions.commits import commits_of, make_commit, merge_base, merged_files
from bot.sandbox.ci import Artifact, Conclusion, Head, MergeGroup, WorkflowRun
from bot.sandbox.state import Account, Happening, Issue, Repository, State


def start_run(  # noqa: PLR0913  what GitHub knows of a run
    state: State,
    repository: Repository,
    *,
    path: str,
    event: str,
    head: Head,
    by: Account,
    title: str | None = None,
    inputs: Mapping[str, str] | None = None,
) -> WorkflowRun:
    """Begin a run, and tell that it was asked for."""
    now = state.clock.now()
    number = 1 + sum(each.path == path for each in repository.runs.values())
    ids = (state.next_id(), state.next_small_id())
    run = WorkflowRun(ids[0], number, path, event, head, by, now, now, now, suite_id=ids[1])
    run.title, run.inputs = title, inputs or {}
    repository.runs[run.id] = run
    _tell(state, repository, run, action="requested")
    return run


def hand_over(state: State, run: WorkflowRun, artifacts: Mapping[str, bytes]) -> None:
    """Let a run hand over artifacts, each a zip; a newer one of a name stands beside the older."""
    now = state.clock.now()
    run.artifacts += [Artifact(state.next_id(), name, content, now) for name, content in artifacts.items()]


def finish_run(state: State, repository: Repository, run: WorkflowRun, conclusion: Conclusion) -> None:
    """End a run, and tell it."""
    run.status, run.conclusion, run.updated_at = "completed", conclusion, state.clock.now()
    _tell(state, repository, run, action="completed")


def rerun(state: State, repository: Repository, run: WorkflowRun) -> None:
    """Begin the next attempt of a run: for that GitHub tells no `requested`, only that it is in progress."""
    run.attempt += 1
    run.status, run.conclusion, run.started_at = "in_progress", None, state.clock.now()
    run.updated_at = run.started_at
    _tell(state, repository, run, action="in_progress")


def queue_group(
    state: State, repository: Repository, issues: tuple[Issue, ...], *, by: Account, after: MergeGroup | None = None
) -> MergeGroup:
    """Put pull requests together on top of their base, or of the group before, and ask for the checks of that."""
    first = issues[0].pull
    if first is None:
        raise ValueError(f"#{issues[0].number} is not a pull request")
    base_sha = after.head_sha if after else repository.branches[first.base_ref]
    tip = base_sha
    for issue in issues:
        tip = _stack(state, repository, tip, issue, by)
    ref = f"refs/heads/gh-readonly-queue/{first.base_ref}/pr-{issues[-1].number}-{base_sha}"
    numbers = tuple(issue.number for issue in issues)
    group = MergeGroup(tip, ref, base_sha, f"refs/heads/{first.base_ref}", numbers)
    repository.branches[ref.removeprefix("refs/heads/")] = tip
    repository.groups.append(group)
    state.tell(Happening("merge_group", "checks_requested", by, repository, extra={"merge_group": group}))
    return group


def destroy_group(state: State, repository: Repository, group: MergeGroup, *, by: Account, reason: str) -> None:
    """Take a group from the queue: it was merged, one of it left, or what it stands on is no longer so."""
    repository.branches.pop(group.head_ref.removeprefix("refs/heads/"), None)
    repository.groups.remove(group)
    extra = {"merge_group": group, "reason": reason}
    state.tell(Happening("merge_group", "destroyed", by, repository, extra=extra))


def _stack(state: State, repository: Repository, tip: str, issue: Issue, by: Account) -> str:
    """Merge one pull request into what was put together so far."""
    commits, pull = commits_of(state, repository), issue.pull
    head = pull.head_sha if pull else ""
    fork = merge_base(commits, tip, head)
    files = merged_files(commits[fork].files if fork else {}, commits[tip].files, commits[head].files)
    if files is None:
        raise ValueError(f"#{issue.number} cannot be merged: there is a conflict")
    message = f"Merge pull request #{issue.number}"
    return make_commit(state, repository, tree=files, message=message, by=by, parents=(tip, head)).sha


def _tell(state: State, repository: Repository, run: WorkflowRun, *, action: str) -> None:
    extra = {"workflow_run": run, "workflow": run}
    state.tell(Happening("workflow_run", action, run.actor, repository, extra=extra))
