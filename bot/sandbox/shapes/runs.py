"""Workflow runs, artifacts and merge groups, as GitHub writes them."""

import hashlib
from datetime import timedelta
from urllib.parse import quote

from bot.sandbox.ci import Artifact, MergeGroup, WorkflowRun
from bot.sandbox.clock import stamp
from bot.sandbox.shapes.accounts import user
from bot.sandbox.shapes.checks import pulls_at, simple_commit
from bot.sandbox.shapes.repositories import repository as repository_shape
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import Json, Repository

KEPT = timedelta(days=90)
#: What a repository shows where it is only mentioned, beside its addresses.
LITE = {"id", "node_id", "name", "full_name", "private", "owner", "description", "fork", "url", "html_url"}
NOT_LITE = {"git_url", "ssh_url", "clone_url", "svn_url", "mirror_url"}


def workflow_run(repository: Repository, run: WorkflowRun, urls: Urls) -> Json:
    """Return a run; for one from a fork it names no pull request, as GitHub does."""
    here = f"{urls.repository(repository)}/actions/runs/{run.id}"
    return {
        "id": run.id,
        "node_id": node_id("WFR", run.id),
        "name": run.name,
        "path": run.path,
        "display_title": run.title or repository.commits[run.head_sha].message,
        "run_number": run.number,
        "run_attempt": run.attempt,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "head_branch": run.head.branch,
        "head_sha": run.head_sha,
        "head_commit": simple_commit(repository.commits[run.head_sha]),
        "repository": lite_repository(repository, urls),
        "head_repository": lite_repository(run.head.repository, urls),
        "pull_requests": pulls_at(repository, run.head_sha, urls) if run.head.repository is repository else [],
        "actor": user(run.actor, urls),
        "triggering_actor": user(run.actor, urls),
        "created_at": stamp(run.created_at),
        "run_started_at": stamp(run.started_at),
        "updated_at": stamp(run.updated_at),
        **_links(repository, run, urls, here),
    }


def _links(repository: Repository, run: WorkflowRun, urls: Urls, here: str) -> Json:
    root = urls.repository(repository)
    return {
        "url": here,
        "html_url": f"{urls.html}/{repository.full_name}/actions/runs/{run.id}",
        "jobs_url": f"{here}/jobs",
        "logs_url": f"{here}/logs",
        "artifacts_url": f"{here}/artifacts",
        "cancel_url": f"{here}/cancel",
        "rerun_url": f"{here}/rerun",
        "previous_attempt_url": f"{here}/attempts/{run.attempt - 1}" if run.attempt > 1 else None,
        "check_suite_id": run.suite_id,
        "check_suite_node_id": node_id("CS", run.suite_id),
        "check_suite_url": f"{root}/check-suites/{run.suite_id}",
        "workflow_id": _workflow_id(run),
        "workflow_url": f"{root}/actions/workflows/{_workflow_id(run)}",
    }


def workflow(repository: Repository, run: WorkflowRun, urls: Urls) -> Json:
    """Return the workflow that a run is of."""
    created = stamp(repository.created_at)
    number = _workflow_id(run)
    return {
        "id": number,
        "node_id": node_id("W", number),
        "name": run.name,
        "path": run.path,
        "state": "active",
        "created_at": created,
        "updated_at": created,
        "url": f"{urls.repository(repository)}/actions/workflows/{number}",
        "html_url": f"{urls.html}/{repository.full_name}/blob/{repository.default_branch}/{quote(run.path)}",
        "badge_url": f"{urls.html}/{repository.full_name}/workflows/{quote(run.name)}/badge.svg",
    }


def artifact(repository: Repository, run: WorkflowRun, shown: Artifact, urls: Urls) -> Json:
    """Return an artifact, without its content."""
    here = f"{urls.repository(repository)}/actions/artifacts/{shown.id}"
    origin = {
        "id": run.id,
        "repository_id": repository.id,
        "head_repository_id": run.head.repository.id,
        "head_branch": run.head.branch,
        "head_sha": run.head_sha,
    }
    return {
        "id": shown.id,
        "node_id": node_id("A", shown.id),
        "name": shown.name,
        "size_in_bytes": len(shown.content),
        "digest": f"sha256:{hashlib.sha256(shown.content).hexdigest()}",
        "url": here,
        "archive_download_url": f"{here}/zip",
        "expired": shown.is_expired,
        "created_at": stamp(shown.created_at),
        "updated_at": stamp(shown.created_at),
        "expires_at": stamp(shown.created_at + KEPT),
        "workflow_run": origin,
    }


def merge_group(repository: Repository, group: MergeGroup) -> Json:
    """Return what a merge queue is about to merge."""
    return {
        "head_sha": group.head_sha,
        "head_ref": group.head_ref,
        "base_sha": group.base_sha,
        "base_ref": group.base_ref,
        "head_commit": simple_commit(repository.commits[group.head_sha]),
    }


def lite_repository(shown: Repository, urls: Urls) -> Json:
    """Return a repository as it stands where it is only mentioned."""
    whole = repository_shape(shown, urls)
    kept = {name for name in whole if name in LITE or (name.endswith("_url") and name not in NOT_LITE)}
    return {name: value for name, value in whole.items() if name in kept}


def _workflow_id(run: WorkflowRun) -> int:
    """Return the same id for every run of one file."""
    return int.from_bytes(hashlib.sha256(run.path.encode()).digest()[:4], "big")
