"""Check runs: begun and finished by the App, asked for again by people; and those of GitHub Actions beside them."""

from bot.sandbox.state import Account, App, CheckRun, CheckSuite, Happening, Json, Repository, State

#: The App that GitHub Actions makes its checks as.
ACTIONS_ID = 15_368


def create_check_run(state: State, repository: Repository, *, head_sha: str, name: str, fields: Json) -> CheckRun:
    """Begin a check run on a commit; the App's suite for that commit is made with the first."""
    now = state.clock.now()
    suite = repository.suites.setdefault(head_sha, CheckSuite(state.next_small_id(), head_sha, now))
    run = CheckRun(state.next_small_id(), suite, name, now)
    repository.checks[run.id] = run
    _change(state, run, fields)
    _tell(state, repository, run, action="created", by=state.app.bot)
    if run.status == "completed":
        _tell(state, repository, run, action="completed", by=state.app.bot)
    return run


def report_check(state: State, repository: Repository, *, head_sha: str, name: str, conclusion: str | None) -> CheckRun:
    """Let GitHub Actions say how a job on a commit ended, or that it still runs; a newer one of a name counts."""
    now, app = state.clock.now(), _actions(state)
    suite = CheckSuite(state.next_small_id(), head_sha, now, app)
    run = CheckRun(state.next_small_id(), suite, name, now)
    repository.checks[run.id] = run
    _change(state, run, {"status": "in_progress"} if conclusion is None else {"conclusion": conclusion})
    _tell(state, repository, run, action="created" if conclusion is None else "completed", by=app.bot)
    return run


def _actions(state: State) -> App:
    now, bot = state.clock.now(), state.account("github-actions[bot]", kind="Bot")
    owner = state.account("github", kind="Organization")
    return App(ACTIONS_ID, "github-actions", owner, bot, 0, now, "", b"", {"actions": "read", "checks": "write"}, ())


def update_check_run(state: State, repository: Repository, run: CheckRun, fields: Json) -> None:
    """Change a check run; annotations are added to those that it has."""
    was_over = run.status == "completed"
    _change(state, run, fields)
    if run.status == "completed" and not was_over:
        _tell(state, repository, run, action="completed", by=state.app.bot)


def rerequest(state: State, repository: Repository, run: CheckRun, *, by: Account) -> None:
    """Ask for a check to be made again: GitHub tells the App and changes nothing."""
    _tell(state, repository, run, action="rerequested", by=by)


def rerequest_suite(state: State, repository: Repository, suite: CheckSuite, *, by: Account) -> None:
    """Ask for all checks of a commit to be made again: GitHub tells the App and changes nothing."""
    state.tell(Happening("check_suite", "rerequested", by, repository, extra={"check_suite": suite}))


def request_action(state: State, repository: Repository, run: CheckRun, *, identifier: str, by: Account) -> None:
    """Press a button that a check run shows."""
    _tell(state, repository, run, action="requested_action", by=by, requested_action={"identifier": identifier})


def _change(state: State, run: CheckRun, fields: Json) -> None:
    output = fields.get("output") or {}
    for name in ("name", "external_id", "details_url"):
        setattr(run, name, fields.get(name, getattr(run, name)))
    for name in ("title", "summary", "text"):
        setattr(run, name, output.get(name, getattr(run, name)))
    run.annotations += output.get("annotations", [])
    run.actions = fields.get("actions", run.actions)
    if "conclusion" in fields:
        run.status, run.conclusion, run.completed_at = "completed", fields["conclusion"], state.clock.now()
    elif "status" in fields:
        run.status, run.conclusion, run.completed_at = fields["status"], None, None


def _tell(state: State, repository: Repository, run: CheckRun, *, action: str, by: Account, **extra: object) -> None:
    state.tell(Happening("check_run", action, by, repository, extra={"check_run": run, **extra}))
