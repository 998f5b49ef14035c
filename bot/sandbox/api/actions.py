"""GitHub Actions: workflow runs and what they handed over. An artifact is fetched from another host, with no token."""

import secrets
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from bot.sandbox import shapes
from bot.sandbox.ci import Artifact, WorkflowRun
from bot.sandbox.clock import parse_stamp
from bot.sandbox.desk import Ticket
from bot.sandbox.routing import Routes
from bot.sandbox.state import Json
from bot.sandbox.wire import Call, Problem, Reply, not_found, page

routes = Routes()
READ = {"actions": "read"}
RUN = "/repos/{owner}/{repo}/actions/runs/{id}"
ARTIFACT = "/repos/{owner}/{repo}/actions/artifacts/{id}"
#: The path of the host for files; GitHub's is another machine.
STORAGE = "/_storage"
#: How long GitHub's address of an artifact is good.
GOOD_FOR = timedelta(minutes=1)


@routes.add("GET", "/repos/{owner}/{repo}/actions/runs", needs=READ)
def list_runs(call: Call) -> Reply:
    """Return runs, the newest first, of one commit, event or status if asked."""
    return list_of(call, filtered(call))


@routes.add("GET", RUN, needs=READ)
def get_run(call: Call) -> Reply:
    """Return one run, in its newest attempt."""
    return Reply(body=_shape(call, _run(call)))


@routes.add("GET", RUN + "/artifacts", needs=READ)
def list_artifacts(call: Call) -> Reply:
    """Return what a run handed over, in all its attempts."""
    run = _run(call)
    paged = page(call, run.artifacts, lambda each: shapes.artifact(call.repository, run, each, call.urls))
    return Reply(body={"total_count": len(run.artifacts), "artifacts": paged.body}, headers=paged.headers)


@routes.add("GET", ARTIFACT, needs=READ)
def get_artifact(call: Call) -> Reply:
    """Return one artifact, without its content."""
    run, found = _artifact(call)
    return Reply(body=shapes.artifact(call.repository, run, found, call.urls))


@routes.add("GET", ARTIFACT + "/zip", needs=READ)
def download(call: Call) -> Reply:
    """Lead to the host where the artifact lies, by an address that is good for a minute."""
    _, found = _artifact(call)
    if found.is_expired:
        raise Problem(410, "Artifact has expired")
    key = secrets.token_urlsafe(16)
    call.desk.tickets[key] = Ticket(found.content, call.state.clock.now() + GOOD_FOR)
    port = urlsplit(call.state.url).port
    location = f"http://localhost:{port}{STORAGE}/{found.id}.zip?{urlencode({'sig': key})}"
    return Reply(302, None, {"Location": location})


@routes.add("GET", STORAGE + "/{file}", callers=("anonymous",))
def fetch(call: Call) -> Reply:
    """Return an artifact to whoever has the address; who sends a token along is turned away."""
    ticket = call.desk.tickets.get(call.query.get("sig", ""))
    if ticket is None or ticket.expires_at <= call.state.clock.now():
        raise Problem(403, "Server failed to authenticate the request")
    return Reply(body=ticket.content, headers={"Content-Type": "application/zip"})


def filtered(call: Call) -> list[WorkflowRun]:
    """Return the runs that a query wants, the newest first; of `created` only `>=` and a moment is known."""
    wanted = {name: call.query[name] for name in ("head_sha", "event", "status") if name in call.query}
    since = parse_stamp(call.query["created"].removeprefix(">=")) if "created" in call.query else None
    return [
        run
        for run in sorted(call.repository.runs.values(), key=lambda run: -run.id)
        if all(value in {getattr(run, name), run.conclusion} for name, value in wanted.items())
        and (since is None or run.created_at.replace(microsecond=0) >= since)
    ]


def list_of(call: Call, found: list[WorkflowRun]) -> Reply:
    """Return a page of runs, with how many there are."""
    paged = page(call, found, lambda run: _shape(call, run))
    return Reply(body={"total_count": len(found), "workflow_runs": paged.body}, headers=paged.headers)


def _run(call: Call) -> WorkflowRun:
    found = call.repository.runs.get(int(call.params["id"]))
    if found is None:
        raise not_found()
    return found


def _artifact(call: Call) -> tuple[WorkflowRun, Artifact]:
    wanted = int(call.params["id"])
    known = ((run, each) for run in call.repository.runs.values() for each in run.artifacts)
    found = next((pair for pair in known if pair[1].id == wanted), None)
    if found is None:
        raise not_found()
    return found


def _shape(call: Call, run: WorkflowRun) -> Json:
    return shapes.workflow_run(call.repository, run, call.urls)
