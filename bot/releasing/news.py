"""From news to the releases that it may change: a repository's releases are looked at in trips of their own."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.model.events import (
    ConfigChanged,
    DeploymentAsked,
    Event,
    IssueChanged,
    PullRequestChanged,
    RefMoved,
    RepositoryAdded,
    RunChanged,
)
from bot.model.trains import Deployment, Stage
from bot.releasing.parts import Store

#: The calendar of a repository that is new, or has a new policy, is looked at after this time.
SOON = timedelta(hours=1)

#: What may take an issue out of the way of a release, or put it there.
_MATTERS = frozenset({"closed", "reopened", "labeled", "unlabeled", "milestoned", "demilestoned", "deleted"})

News = RunChanged | PullRequestChanged | IssueChanged | RefMoved | ConfigChanged


def tell(events: Sequence[Event], store: Store, now: datetime) -> str | None:
    """Pass on what is news for releases; return in words what came of it, None where that is for others to say."""
    said = None
    for event in events:
        match event:
            case DeploymentAsked():
                _keep(event, store, now)
                said = "passed on to the releases"
            case ConfigChanged() | RepositoryAdded():
                store.wake_by(event.repository, now + SOON)
            case _:
                pass
    for event, cause in _causes(events, now):
        if _concerns(event, store):
            store.ask(event.repository, cause, now)
    return said


def _keep(event: DeploymentAsked, store: Store, now: datetime) -> None:
    by = event.requested_by.login if event.requested_by else ""
    store.keep_deployment(
        event.repository.id, Deployment(event.environment, event.run_id, event.sha, event.ref, by), now
    )
    store.ask(event.repository, f"deployment:{event.run_id}:{event.environment}:{now.isoformat()}", now)


def _concerns(event: News, store: Store) -> bool:
    """Say whether something is under way that this may change; of runs, only the suite's and the candidate's do."""
    train = store.current(event.repository.id)
    is_open = train is not None and train.stage is Stage.OPEN
    if isinstance(event, RunChanged):
        is_suite = event.run.event == "workflow_dispatch" and (is_open or bool(store.benches(event.repository.id)))
        return is_suite or (is_open and train is not None and event.run.head_sha == train.sha)
    return is_open


def _causes(events: Sequence[Event], now: datetime) -> Iterator[tuple[News, str]]:
    """Give what may matter to a release that is under way, each with what tells it from every other."""
    for event in events:
        match event:
            case RunChanged() if event.run.is_over:
                yield event, f"run:{event.run.id}:{event.run.attempt}"
            case PullRequestChanged() if event.pull.is_merged:
                yield event, f"merged:{event.subject.number}:{event.pull.updated_at.isoformat()}"
            case IssueChanged() if event.action in _MATTERS:
                at = event.issue.updated_at.isoformat()
                yield event, f"issue:{event.subject.number}:{event.action}:{at}"
            case RefMoved():
                yield event, f"ref:{event.ref}:{event.before}:{event.after}"
            case ConfigChanged():
                yield event, f"policy:{now.isoformat()}"
            case _:
                pass
