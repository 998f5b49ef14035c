"""Tags, releases, statuses, milestones, and runs that ask whether they may deploy."""

from bot.sandbox.actions.repositories import NO_SHA
from bot.sandbox.actions.runs import finish_run, start_run
from bot.sandbox.ci import Head, WorkflowRun
from bot.sandbox.published import AnnotatedTag, Answer, AnswerState, Deployment, Milestone, Release, Status, StatusState
from bot.sandbox.state import Account, Happening, Repository, State


def create_tag(
    state: State, repository: Repository, *, name: str, sha: str, by: Account, message: str | None = None
) -> None:
    """Make a tag at a commit that is there; with a message it becomes an object of its own."""
    made, target = repository.commits[sha], sha
    if message is not None:
        tag = AnnotatedTag(name, sha, message, by, state.clock.now())
        target = tag.sha
        repository.published.annotated[target] = tag
    repository.published.tags[name] = target
    extra = {"ref": f"refs/tags/{name}", "before": NO_SHA, "commit": made, "old": dict(made.files)}
    state.tell(Happening("push", None, by, repository, extra={**extra, "is_only_a_ref": True}))


def publish(  # noqa: PLR0913  the fields of GitHub's own page
    state: State,
    repository: Repository,
    *,
    tag: str,
    name: str,
    body: str,
    by: Account,
    target: str | None = None,
    draft: bool = False,
    prerelease: bool = False,
) -> Release:
    """Make a release, as GitHub does: where there is no such tag it is made at the target, unless this is a draft."""
    now, target = state.clock.now(), target or repository.default_branch
    commit = repository.commit(target)
    if not draft and tag not in repository.published.tags and commit is not None:
        create_tag(state, repository, name=tag, sha=commit.sha, by=by)
    release = Release(state.next_small_id(), tag, name, body, by, now, target, draft, prerelease)
    repository.published.releases[release.id] = release
    if not draft:
        release.published_at = now
        for action in ("created", "published", "released"):
            state.tell(Happening("release", action, by, repository, extra={"release": release}))
    return release


def set_status(
    state: State, repository: Repository, *, sha: str, context: str, said: StatusState, url: str, by: Account
) -> Status:
    """Say something of a commit, as CI systems do that make no check runs."""
    status = Status(state.next_id(), sha, context, said, url, by, state.clock.now())
    repository.published.statuses.append(status)
    return status


def add_milestone(state: State, repository: Repository, *, title: str, by: Account) -> Milestone:
    """Make a milestone."""
    number = max(repository.published.milestones, default=0) + 1
    made = Milestone(state.next_small_id(), number, title, by, state.clock.now())
    repository.published.milestones[number] = made
    return made


def ask_to_deploy(
    state: State, repository: Repository, *, environment: str, run: WorkflowRun, sha: str, ref: str
) -> Deployment:
    """Let a run wait for an answer, and ask the App for it."""
    asked = Deployment(state.next_small_id(), run, environment, sha, ref, run.actor, state.clock.now())
    run.status = "waiting"
    repository.published.deployments.append(asked)
    extra = {
        "environment": environment,
        "event": run.event,
        "deployment_callback_url": asked,
        "deployment": asked,
        "pull_requests": [],
    }
    state.tell(Happening("deployment_protection_rule", "requested", run.actor, repository, extra=extra))
    return asked


def begin_deployment(
    state: State, repository: Repository, *, environment: str, path: str, head: Head, by: Account
) -> Deployment:
    """Begin a run of a workflow that deploys, and let it wait at once."""
    run = start_run(state, repository, path=path, event="push", head=head, by=by)
    return ask_to_deploy(state, repository, environment=environment, run=run, sha=head.sha, ref=head.branch)


def answer(state: State, repository: Repository, asked: Deployment, *, said: AnswerState | None, comment: str) -> None:
    """Let a run go on or stop it; without a state it is only a word on how things stand."""
    asked.answers.append(Answer(asked.run.id, asked.environment, said, comment))
    if said == "approved":
        asked.run.status = "in_progress"
    if said == "rejected":
        finish_run(state, repository, asked.run, "failure")
