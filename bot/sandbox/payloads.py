"""What GitHub sends: a happening in, the JSON payload of its webhook out."""

from bot.sandbox import shapes
from bot.sandbox.actions.issues import Placed
from bot.sandbox.ci import MergeGroup, WorkflowRun
from bot.sandbox.clock import stamp
from bot.sandbox.published import Deployment, Milestone, Release
from bot.sandbox.shapes import Urls, node_id
from bot.sandbox.shapes import published as published_shapes
from bot.sandbox.shapes.issues import milestone as milestone_shape
from bot.sandbox.state import (
    Account,
    CheckRun,
    CheckSuite,
    Comment,
    Commit,
    Happening,
    Installation,
    Issue,
    IssueType,
    Json,
    Label,
    Repository,
    State,
)


def payload(happening: Happening, state: State) -> Json:
    """Return the payload of a happening as it stands now."""
    urls = Urls.at(state.url)
    body: Json = {"action": happening.action} if happening.action else {}
    body |= _push(happening, urls) if happening.event == "push" else _extra(happening, state, urls)
    if happening.repository:
        body |= _place(happening.repository, state, urls, is_push=happening.event == "push")
    if happening.installation:
        body["installation"] = shapes.installation(state.app, happening.installation, urls)
    return body | {"sender": shapes.user(happening.sender, urls)}


def ping(state: State) -> Json:
    """Return the payload that greets a new receiver."""
    urls, app = Urls.at(state.url), state.app
    hook = f"{urls.api}/app/hook"
    config = {
        "content_type": app.content_type,
        "url": app.receiver or urls.html,
        "insecure_ssl": "0",
        "secret": "********",
    }
    about = {
        "type": "App",
        "id": app.hook_id,
        "name": "web",
        "active": True,
        "app_id": app.id,
        "events": list(app.events),
        "config": config,
        "updated_at": stamp(app.created_at),
        "created_at": stamp(app.created_at),
        "url": hook,
        "ping_url": f"{hook}/pings",
        "deliveries_url": f"{hook}/deliveries",
    }
    return {"zen": "Practicality beats purity.", "hook_id": app.hook_id, "hook": about}


def _place(repository: Repository, state: State, urls: Urls, *, is_push: bool) -> Json:
    body: Json = {"repository": shapes.repository(repository, urls)}
    if is_push:
        # In push events, and only there, GitHub writes these two as seconds since 1970.
        created, pushed = int(repository.created_at.timestamp()), int(repository.pushed_at.timestamp())
        body["repository"] |= {"created_at": created, "pushed_at": pushed, "master_branch": repository.default_branch}
    if repository.owner.type == "Organization":
        body["organization"] = shapes.organization(repository.owner, urls)
    if installation := state.installation_of(repository):
        body["installation"] = {"id": installation.id, "node_id": node_id("MDI", installation.id)}
    return body


def _extra(happening: Happening, state: State, urls: Urls) -> Json:
    return {key: _render(key, value, happening, state, urls) for key, value in happening.extra.items()}


def _render(key: str, value: object, happening: Happening, state: State, urls: Urls) -> object:
    match value:
        case dict():
            return {inner: _render(inner, each, happening, state, urls) for inner, each in value.items()}
        case list():
            return [_render(key, each, happening, state, urls) for each in value]
        case Placed():
            return shapes.issue(value.repository, value.issue, urls, app=state.app)
        case Repository():
            return _brief(value) if key.startswith("repositories") else shapes.repository(value, urls)
        case _:
            return _render_part(key, value, happening, state, urls)


def _render_part(key: str, value: object, happening: Happening, state: State, urls: Urls) -> object:
    match value:
        case Account():
            return shapes.user(value, urls)
        case IssueType():
            return shapes.issue_type(value)
        case _ if happening.repository:
            return _render_owned(key, value, happening.repository, happening, state, urls)
        case _:
            return value


def _render_owned(
    key: str, value: object, repository: Repository, happening: Happening, state: State, urls: Urls
) -> object:
    match value:
        case Issue() if key == "pull_request":
            return shapes.pull(repository, value, urls)
        case Issue():
            return shapes.issue(repository, value, urls, app=state.app)
        case Label():
            return shapes.label(repository, value, urls)
        case Comment():
            return shapes.comment(repository, happening.extra["issue"], value, urls, app=state.app)
        case _:
            return _render_of_commit(key, value, repository, state, urls)


def _render_of_commit(key: str, value: object, repository: Repository, state: State, urls: Urls) -> object:
    match value:
        case CheckRun():
            return shapes.told_check_run(repository, value, urls, app=state.app)
        case CheckSuite():
            return shapes.told_check_suite(repository, value, urls, app=state.app)
        case WorkflowRun():
            shape = shapes.workflow if key == "workflow" else shapes.workflow_run
            return shape(repository, value, urls)
        case MergeGroup():
            return shapes.merge_group(repository, value)
        case _:
            return _render_published(key, value, repository, urls)


def _render_published(key: str, value: object, repository: Repository, urls: Urls) -> object:
    match value:
        case Milestone():
            return milestone_shape(repository, value, urls)
        case Release():
            return published_shapes.release(repository, value, urls)
        case Deployment():
            is_address = key == "deployment_callback_url"
            shape = published_shapes.callback if is_address else published_shapes.deployment
            return shape(repository, value, urls)
        case _:
            return value


def _brief(repository: Repository) -> Json:
    return {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
    }


def _push(happening: Happening, urls: Urls) -> Json:
    commit: Commit = happening.extra["commit"]
    repository = happening.repository
    page = f"{urls.html}/{repository.full_name}" if repository else urls.html
    before = happening.extra["before"]
    head = _pushed_commit(commit, before=happening.extra["old"], page=page)
    return {
        "ref": happening.extra["ref"],
        "before": before,
        "after": commit.sha,
        "created": before == "0" * 40,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": f"{page}/compare/{before[:12]}...{commit.sha[:12]}",
        "commits": [] if happening.extra.get("is_only_a_ref") else [head],
        "head_commit": head,
        "pusher": {"name": happening.sender.login, "email": f"{happening.sender.login}@example.org"},
    }


def _pushed_commit(commit: Commit, *, before: dict[str, bytes], page: str) -> Json:
    who = {"name": commit.author.login, "email": f"{commit.author.login}@example.org", "username": commit.author.login}
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": stamp(commit.at),
        "url": f"{page}/commit/{commit.sha}",
        "author": who,
        "committer": who,
        "added": sorted(commit.files.keys() - before.keys()),
        "removed": sorted(before.keys() - commit.files.keys()),
        "modified": sorted(path for path in commit.files.keys() & before.keys() if commit.files[path] != before[path]),
    }


def reaches(happening: Happening, state: State) -> Installation | None:
    """Return the installation that a happening is told to, if it is told at all."""
    if happening.installation:
        return happening.installation
    found = state.installation_of(happening.repository) if happening.repository else None
    is_wanted = happening.event in state.app.events and found is not None and found.suspended_at is None
    return found if is_wanted else None
