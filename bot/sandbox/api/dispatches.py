"""Workflows started by hand, the runs of one workflow, and answers to runs that wait to deploy."""

from bot.sandbox.actions.publishing import answer
from bot.sandbox.actions.runs import start_run
from bot.sandbox.api.actions import READ, RUN, filtered, list_of
from bot.sandbox.ci import Head, WorkflowRun
from bot.sandbox.routing import Routes
from bot.sandbox.wire import NEW_VERSION, Call, Problem, Reply, invalid, not_found
from bot.sandbox.workflows import FOLDER, Workflow, read_workflow

routes = Routes()
WORKFLOW = "/repos/{owner}/{repo}/actions/workflows/{workflow}"
MOST_INPUTS = 25


@routes.add("POST", WORKFLOW + "/dispatches", needs={"actions": "write"})
def dispatch(call: Call) -> Reply:
    """Start a workflow of the default branch on a branch or tag; its run is told only to those who ask."""
    fields, path = call.fields(), _path(call)
    ref = call.text("ref", resource="WorkflowDispatch")
    given = fields.get("inputs") or {}
    head = _head(call, ref)
    workflow = _workflow(call, path, head)
    if len(given) > MOST_INPUTS:
        raise Problem(422, f"you may only define up to {MOST_INPUTS} `inputs` for a `workflow_dispatch` event")
    if mistake := workflow.mistake(given):
        raise Problem(422, mistake)
    inputs = workflow.filled(given)
    run = start_run(
        call.state,
        call.repository,
        path=path,
        event="workflow_dispatch",
        head=head,
        by=call.sender,
        title=workflow.title(inputs),
        inputs=inputs,
    )
    is_told = fields.get("return_run_details") or call.version == NEW_VERSION
    return _told(call, run) if is_told and call.state.tells_runs else Reply(204)


@routes.add("GET", WORKFLOW + "/runs", needs=READ)
def list_runs(call: Call) -> Reply:
    """Return the runs of one workflow, the newest first, filtered as asked."""
    path = _path(call)
    return list_of(call, [run for run in filtered(call) if run.path == path])


@routes.add("POST", RUN + "/deployment_protection_rule", needs={"deployments": "write"})
def answer_rule(call: Call) -> Reply:
    """Let a run that waits to deploy go on, or stop it; without a state it is only a word on how things stand."""
    fields, wanted = call.fields(), int(call.params["id"])
    environment = call.text("environment_name", resource="DeploymentProtectionRule")
    said, comment = fields.get("state"), fields.get("comment", "")
    if said not in {None, "approved", "rejected"} or (said is None and not comment):
        raise invalid("DeploymentProtectionRule", "state", value=said)
    if wanted not in call.repository.runs:
        raise not_found()
    known = call.repository.published.deployments
    waiting = (each for each in known if each.run.id == wanted and each.environment == environment and each.is_waiting)
    asked = next(waiting, None)
    if asked is None:
        raise Problem(422, "No pending deployment requests to approve or reject")
    answer(call.state, call.repository, asked, said=said, comment=comment)
    return Reply(204)


def _told(call: Call, run: WorkflowRun) -> Reply:
    here = f"{call.urls.repository(call.repository)}/actions/runs/{run.id}"
    page = f"{call.urls.html}/{call.repository.full_name}/actions/runs/{run.id}"
    return Reply(body={"workflow_run_id": run.id, "run_url": here, "html_url": page})


def _path(call: Call) -> str:
    """Return the workflow's file, which must be on the default branch or have run before."""
    path = FOLDER + call.params["workflow"]
    tip = call.repository.commit()
    if tip is None or (path not in tip.files and all(run.path != path for run in call.repository.runs.values())):
        raise not_found()
    return path


def _head(call: Call, ref: str) -> Head:
    commit = call.repository.commit(ref)
    if commit is None or commit.sha == ref:  # a commit's own name is neither a branch nor a tag
        raise Problem(422, f"No ref found for: {ref}")
    return Head(commit.sha, ref.removeprefix("refs/").removeprefix("heads/").removeprefix("tags/"), call.repository)


def _workflow(call: Call, path: str, head: Head) -> Workflow:
    text = call.repository.commits[head.sha].files.get(path)
    if text is None:
        raise not_found()
    return read_workflow(path, text.decode())
