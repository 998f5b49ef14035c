"""Check runs and their suites."""

from bot.sandbox import shapes
from bot.sandbox.actions.checks import create_check_run, rerequest, update_check_run
from bot.sandbox.routing import Routes
from bot.sandbox.state import CheckRun, CheckSuite, Commit, Json
from bot.sandbox.wire import Call, Problem, Reply, invalid, not_found, page

routes = Routes()
READ, WRITE = {"checks": "read"}, {"checks": "write"}
RUN = "/repos/{owner}/{repo}/check-runs/{id}"
SUITE = "/repos/{owner}/{repo}/check-suites/{id}"

STATUSES = {"queued", "in_progress", "completed"}
CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}
LONGEST, MOST_ANNOTATIONS = 65_535, 50
MOST_ACTIONS, LONGEST_OF_ACTION = 3, {"label": 20, "description": 40, "identifier": 20}


@routes.add("POST", "/repos/{owner}/{repo}/check-runs", needs=WRITE)
def create(call: Call) -> Reply:
    """Begin a check run; the commit must be known to this repository, a fork's by its pull request."""
    name, sha = call.text("name", resource="CheckRun"), call.text("head_sha", resource="CheckRun")
    if sha not in call.repository.commits:
        raise Problem(422, f"No commit found for SHA: {sha}")
    run = create_check_run(call.state, call.repository, head_sha=sha, name=name, fields=_checked(call))
    return Reply(201, _shape(call, run))


@routes.add("GET", RUN, needs=READ)
def get(call: Call) -> Reply:
    """Return one check run."""
    return Reply(body=_shape(call, _run(call)))


@routes.add("PATCH", RUN, needs=WRITE)
def update(call: Call) -> Reply:
    """Change a check run of the App's own."""
    run = _run(call)
    if run.suite.app is not None:
        raise Problem(403, "Invalid app_id - check run can only be modified by the GitHub App that created it.")
    update_check_run(call.state, call.repository, run, _checked(call))
    return Reply(body=_shape(call, run))


@routes.add("GET", RUN + "/annotations", needs=READ)
def list_annotations(call: Call) -> Reply:
    """Return the annotations of a check run."""
    run = _run(call)
    return page(call, run.annotations, lambda each: shapes.annotation(call.repository, run, each, call.urls))


@routes.add("POST", RUN + "/rerequest", needs=WRITE)
def ask_again(call: Call) -> Reply:
    """Ask for a check run to be made again."""
    rerequest(call.state, call.repository, _run(call), by=call.sender)
    return Reply(201, {})


@routes.add("GET", "/repos/{owner}/{repo}/commits/{ref...}/check-runs", needs=READ)
def list_for_ref(call: Call) -> Reply:
    """Return the check runs of a commit, the newest first; only the latest of each name unless asked for all."""
    sha = _commit(call).sha
    return _list(call, [run for run in call.repository.checks.values() if run.head_sha == sha])


@routes.add("GET", "/repos/{owner}/{repo}/commits/{ref...}/check-suites", needs=READ)
def list_suites(call: Call) -> Reply:
    """Return the suites of a commit."""
    sha = _commit(call).sha
    found = [suite for suite in call.repository.suites.values() if suite.head_sha == sha]
    paged = page(call, found, lambda each: _suite_shape(call, each))
    return Reply(body={"total_count": len(found), "check_suites": paged.body}, headers=paged.headers)


@routes.add("GET", SUITE, needs=READ)
def get_suite(call: Call) -> Reply:
    """Return one suite."""
    return Reply(body=_suite_shape(call, _suite(call)))


@routes.add("GET", SUITE + "/check-runs", needs=READ)
def list_in_suite(call: Call) -> Reply:
    """Return the check runs of a suite."""
    suite = _suite(call)
    return _list(call, [run for run in call.repository.checks.values() if run.suite is suite])


def _list(call: Call, runs: list[CheckRun]) -> Reply:
    name, app_id = call.query.get("check_name"), call.query.get("app_id")
    found = [
        run
        for run in sorted(runs, key=lambda run: -run.id)
        if app_id in {None, str(_app_id(call, run))} and name in {None, run.name}
    ]
    if call.query.get("filter", "latest") == "latest":
        found = list({(_app_id(call, run), run.name): run for run in reversed(found)}.values())
    paged = page(call, found, lambda each: _shape(call, each))
    return Reply(body={"total_count": len(found), "check_runs": paged.body}, headers=paged.headers)


def _app_id(call: Call, run: CheckRun) -> int:
    return (run.suite.app or call.state.app).id


def _checked(call: Call) -> Json:
    """Return the fields of a check run if GitHub would take them."""
    fields = call.fields()
    output = fields.get("output") or {}
    if fields.get("status", "queued") not in STATUSES:
        raise invalid("CheckRun", "status", value=fields["status"])
    if fields.get("conclusion", "success") not in CONCLUSIONS:
        raise invalid("CheckRun", "conclusion", value=fields["conclusion"])
    if fields.get("status") == "completed" and "conclusion" not in fields:
        raise invalid("CheckRun", "conclusion", code="missing_field")
    if output and not (output.get("title") and output.get("summary")):
        raise invalid("CheckRun", "output", code="missing_field")
    if any(len(output.get(name) or "") > LONGEST for name in ("summary", "text")):
        raise invalid("CheckRun", "summary", code="too_long")
    if len(output.get("annotations", [])) > MOST_ANNOTATIONS:
        raise Problem(422, f"Invalid request. No more than {MOST_ANNOTATIONS} items are allowed")
    _check_actions(fields.get("actions", []))
    return fields


def _check_actions(actions: list[Json]) -> None:
    if len(actions) > MOST_ACTIONS:
        raise Problem(422, f"Invalid request. No more than {MOST_ACTIONS} items are allowed")
    for action in actions:
        if any(not 0 < len(action.get(name, "")) <= longest for name, longest in LONGEST_OF_ACTION.items()):
            raise invalid("CheckRun", "actions")


def _run(call: Call) -> CheckRun:
    found = call.repository.checks.get(int(call.params["id"]))
    if found is None:
        raise not_found()
    return found


def _suite(call: Call) -> CheckSuite:
    wanted = int(call.params["id"])
    found = next((suite for suite in call.repository.suites.values() if suite.id == wanted), None)
    if found is None:
        raise not_found()
    return found


def _commit(call: Call) -> Commit:
    found = call.repository.commit(call.params["ref"])
    if found is None:
        raise Problem(422, f"No commit found for SHA: {call.params['ref']}")
    return found


def _shape(call: Call, run: CheckRun) -> Json:
    return shapes.check_run(call.repository, run, call.urls, app=call.state.app)


def _suite_shape(call: Call, suite: CheckSuite) -> Json:
    return shapes.check_suite(call.repository, suite, call.urls, app=call.state.app)
