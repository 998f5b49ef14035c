"""From news to the gates that it may change: each pull request with that head is asked for, in a trip of its own.

A trip of its own, so that a GitHub that fails while the gates read it holds up no command and no check of the policy.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.gating.parts import Gate, Store
from bot.model.decisions import Decision
from bot.model.events import (
    ChecksWanted,
    ConfigChanged,
    Event,
    GatesDue,
    MergeGroupChanged,
    PullRequestChanged,
    RunChanged,
)
from bot.model.gates import Head
from bot.model.runs import Run
from bot.model.subjects import Repository, Subject

#: Only runs of these can be evidence; a repository may have dozens of others.
_WORKFLOWS = frozenset(path for gate in Gate for path in gate.workflows)

#: A button that is pressed again within this time is one press: deliveries come twice.
ONE_PRESS = timedelta(seconds=10)


def tell(events: Sequence[Event], store: Store, now: datetime) -> str | None:
    """Pass on what is news for gates; return in words what came of it, None where nothing was."""
    if not all(isinstance(each, GatesDue) for each in events):
        for each in events:
            if isinstance(each, GatesDue):  # in a trip of its own, for it must not hold up what came with it
                store.ask(each, f"alone:{now.isoformat()}", now)
    told = [len(_ask(due, store, now)) for due in _due(events, store, now)]
    is_news = any(isinstance(each, RunChanged | ChecksWanted | MergeGroupChanged) for each in events)
    return f"passed on to {sum(told)} pull requests" if is_news else None


def heed(decision: Decision | None, store: Store, now: datetime) -> None:
    """Have the gates judged again where a person has answered for one in a comment, or asked for it."""
    if decision is None or not decision.comments:
        return
    is_anew = any((each.policy, each.rule) == ("commands", "retest") for each in decision.verdicts)
    if decision.overrides or is_anew:
        cause = f"comment:{max(each.comment_id for each in decision.comments)}"
        store.ask(GatesDue(decision.repository, decision.subject, is_anew=is_anew), cause, now)


_Asked = tuple[GatesDue, str]


def _ask(asked: _Asked, store: Store, now: datetime) -> list[_Asked]:
    due, cause = asked
    return [asked] if store.ask(due, cause, now) else []


def _due(events: Sequence[Event], store: Store, now: datetime) -> Iterable[_Asked]:
    for event in events:
        match event:
            case PullRequestChanged():
                yield from _of_pull(event, store)
            case RunChanged() if event.run.path in _WORKFLOWS:
                store.keep_run(event.repository.id, event.run, now)
                cause = f"run:{event.run.id}:{event.run.attempt}:{event.run.conclusion or 'again'}"
                yield from _of_commit(event.repository, event.run.head_sha, store, cause, run=event.run)
            case ChecksWanted():
                cause = f"anew:{int(now.timestamp() // ONE_PRESS.total_seconds())}"
                yield from _of_commit(event.repository, event.head_sha, store, cause, is_anew=True)
            case MergeGroupChanged():
                yield from _of_group(event, store, now)
            case ConfigChanged():
                for head in store.open_heads(event.repository.id):
                    yield (
                        GatesDue(event.repository, Subject(event.repository.id, head.number)),
                        f"policy:{now.isoformat()}",
                    )
            case _:
                pass


def _of_pull(event: PullRequestChanged, store: Store) -> Iterable[_Asked]:
    """Ask for the pull request itself; when it is closed, for those that share its head and may have waited for it."""
    pull = event.pull
    is_current = store.keep_head(pull)
    if pull.is_open and is_current:
        cause = f"pull:{pull.head_sha}:{pull.updated_at.isoformat()}:{event.action}"
        yield GatesDue(event.repository, pull.subject, pull), cause
    if not pull.is_open:
        yield from _of_commit(event.repository, pull.head_sha, store, f"closed:{pull.subject.number}")


def _of_commit(
    repository: Repository, sha: str, store: Store, cause: str, *, run: Run | None = None, is_anew: bool = False
) -> Iterable[_Asked]:
    """Ask for every open pull request, and every merge group, with this head; GitHub's list of them is not believed."""
    for head in store.heads_at(repository.id, sha):
        if run is None or is_of(run, head):
            yield GatesDue(repository, Subject(repository.id, head.number), is_anew=is_anew), cause
    group = store.group(repository.id, sha)
    if group is not None:
        yield GatesDue(repository, Subject(repository.id, group.number), group_sha=sha, is_anew=is_anew), cause


def is_of(run: Run, head: Head) -> bool:
    """Say whether a run is of this head: the commit is the same, and so is the repository that its branch is in."""
    return run.head_sha == head.sha and run.head_repository_id == head.repository_id


def _of_group(event: MergeGroupChanged, store: Store, now: datetime) -> Iterable[_Asked]:
    group, repository = event.group, event.repository
    if event.action == "destroyed":
        store.drop_group(repository.id, group.head_sha)
        return
    store.keep_group(repository.id, group, now)
    yield GatesDue(repository, Subject(repository.id, group.number), group_sha=group.head_sha), "queued"
