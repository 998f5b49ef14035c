"""Check runs, their suites and annotations, as GitHub writes them."""

from urllib.parse import quote

from bot.sandbox.clock import stamp
from bot.sandbox.shapes.accounts import app as app_shape
from bot.sandbox.shapes.repositories import repository as repository_shape
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import App, CheckRun, CheckSuite, Commit, Issue, Json, Pull, Repository

#: What holds up a suite most comes first.
WORST = ("action_required", "timed_out", "cancelled", "failure", "stale", "success", "neutral", "skipped")


def check_run(repository: Repository, run: CheckRun, urls: Urls, *, app: App) -> Json:
    """Return a check run; the pull requests of forks are left out, as GitHub does."""
    here = f"{urls.repository(repository)}/check-runs/{run.id}"
    page = f"{urls.html}/{repository.full_name}/runs/{run.id}"
    output = {
        "title": run.title,
        "summary": run.summary,
        "text": run.text,
        "annotations_count": len(run.annotations),
        "annotations_url": f"{here}/annotations",
    }
    return {
        "id": run.id,
        "node_id": node_id("CR", run.id),
        "name": run.name,
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": here,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": stamp(run.started_at),
        "completed_at": stamp(run.completed_at) if run.completed_at else None,
        "output": output,
        "check_suite": {"id": run.suite.id},
        "app": app_shape(run.suite.app or app, urls),
        "pull_requests": pulls_at(repository, run.head_sha, urls),
    }


def told_check_run(repository: Repository, run: CheckRun, urls: Urls, *, app: App) -> Json:
    """Return a check run as webhooks tell it, with its whole suite."""
    suite = _suite(repository, run.suite, urls, app=app)
    return check_run(repository, run, urls, app=app) | {"check_suite": suite}


def check_suite(repository: Repository, suite: CheckSuite, urls: Urls, *, app: App) -> Json:
    """Return a suite."""
    return told_check_suite(repository, suite, urls, app=app) | {"repository": repository_shape(repository, urls)}


def told_check_suite(repository: Repository, suite: CheckSuite, urls: Urls, *, app: App) -> Json:
    """Return a suite as webhooks tell it, where the repository stands beside it."""
    runs = [run for run in repository.checks.values() if run.suite is suite]
    extra = {
        "head_commit": simple_commit(repository.commits[suite.head_sha]),
        "latest_check_runs_count": len({run.name for run in runs}),
        "check_runs_url": f"{urls.repository(repository)}/check-suites/{suite.id}/check-runs",
    }
    return _suite(repository, suite, urls, app=app) | extra


def simple_commit(commit: Commit) -> Json:
    """Return a commit as it stands where it is only mentioned."""
    person = {"name": commit.author.login, "email": f"{quote(commit.author.login)}@example.org"}
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": stamp(commit.at),
        "author": person,
        "committer": person,
    }


def annotation(repository: Repository, run: CheckRun, sent: Json, urls: Urls) -> Json:
    """Return an annotation."""
    optional = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    page = f"{urls.html}/{repository.full_name}/blob/{run.head_sha}/{quote(sent['path'])}"
    return {**optional, **sent, "blob_href": page}


def _suite(repository: Repository, suite: CheckSuite, urls: Urls, *, app: App) -> Json:
    runs = [run for run in repository.checks.values() if run.suite is suite]
    is_over = bool(runs) and all(run.status == "completed" for run in runs)
    ended = {run.conclusion for run in runs}
    branch = next((name for name, sha in repository.branches.items() if sha == suite.head_sha), None)
    return {
        "id": suite.id,
        "node_id": node_id("CS", suite.id),
        "head_branch": branch,
        "head_sha": suite.head_sha,
        "status": "completed" if is_over else "in_progress" if runs else "queued",
        "conclusion": next(each for each in WORST if each in ended) if is_over else None,
        "url": f"{urls.repository(repository)}/check-suites/{suite.id}",
        "before": repository.commits[suite.head_sha].parent,
        "after": suite.head_sha,
        "pull_requests": pulls_at(repository, suite.head_sha, urls),
        "app": app_shape(suite.app or app, urls),
        "created_at": stamp(suite.created_at),
        "updated_at": stamp(suite.created_at),
    }


def pulls_at(repository: Repository, sha: str, urls: Urls) -> list[Json]:
    """Return the open pull requests with this head, without those from forks."""
    return [
        _brief(repository, issue, issue.pull, urls)
        for issue in repository.issues.values()
        if issue.pull and issue.state == "open" and issue.pull.head_sha == sha and not issue.pull.head_repository
    ]


def _brief(repository: Repository, issue: Issue, pull: Pull, urls: Urls) -> Json:
    repo = {"id": repository.id, "url": urls.repository(repository), "name": repository.name}
    return {
        "url": f"{urls.repository(repository)}/pulls/{issue.number}",
        "id": pull.id,
        "number": issue.number,
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": repo},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": repo},
    }
