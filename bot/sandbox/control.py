"""The sandbox's own endpoints under `/_sandbox/`: for a person with a browser and for a second process."""

import functools
from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.clock import stamp
from bot.sandbox.desk import Desk
from bot.sandbox.page import render_page
from bot.sandbox.routing import Routes
from bot.sandbox.state import Issue, Json
from bot.sandbox.story import Story
from bot.sandbox.wire import Call, Problem, Reply, not_found

CONTROL = Routes()
T = TypeVar("T")
ROOT = "/_sandbox"


def page_at(desk: Desk) -> str:
    """Return the page that shows repositories, issues and deliveries."""
    return render_page(desk.state, desk.hooks.log())


@CONTROL.add("GET", ROOT + "/state")
def get_state(call: Call) -> Reply:
    """Return the clock, the repositories and how many requests there were."""
    names = [repository.full_name for repository in call.state.repositories.values()]
    clock = stamp(call.state.clock.now())
    return Reply(body={"now": clock, "repositories": names, "requests": len(call.desk.requests)})


@CONTROL.add("POST", ROOT + "/clock")
def advance(call: Call) -> Reply:
    """Move the clock: `{"hours": 25}`."""
    delta = {unit: float(amount) for unit, amount in call.fields().items() if unit in {"days", "hours", "minutes"}}
    return Reply(body={"now": stamp(Story(call.desk).advance(**delta))})


@CONTROL.add("GET", ROOT + "/issues")
def list_issues(call: Call) -> Reply:
    """Return every issue with its labels and comments."""
    found = [(each, issue) for each in call.state.repositories.values() for issue in each.issues.values()]
    return Reply(body=[_issue(repository.full_name, issue) for repository, issue in found])


@CONTROL.add("POST", ROOT + "/issues")
def open_issue(call: Call) -> Reply:
    """Open an issue: `{"title": ..., "body": ..., "author": ..., "form": ..., "answers": {...}}`."""
    fields, story = call.fields(), Story(call.desk)
    title = call.text("title", resource="Issue")
    where = fields.get("repository")
    with_name = {name: fields[name] for name in ("body", "author", "labels", "form", "answers") if name in fields}
    number = _try(lambda: story.open_issue(title, repository=where, **with_name))
    return Reply(201, {"number": number})


@CONTROL.add("POST", ROOT + "/comments")
def comment(call: Call) -> Reply:
    """Write a comment: `{"number": 1, "text": ..., "by": "ada"}`."""
    fields, story = call.fields(), Story(call.desk)
    text, by = call.text("text", resource="Comment"), call.text("by", resource="Comment")
    made = _try(lambda: story.comment(int(fields["number"]), text, by=by, repository=fields.get("repository")))
    return Reply(201, {"id": made})


@CONTROL.add("POST", ROOT + "/labels")
def change_label(call: Call) -> Reply:
    """Put a label on, or take it off: `{"number": 1, "add": "bug"}` or `{"number": 1, "remove": "bug"}`."""
    fields, story = call.fields(), Story(call.desk)
    number, where = int(fields.get("number", 0)), fields.get("repository")
    for act, name in ((story.add_label, fields.get("add")), (story.remove_label, fields.get("remove"))):
        if isinstance(name, str):
            _try(functools.partial(act, number, name, repository=where))
    return Reply(body={"labels": sorted(_try(lambda: story.labels(number, repository=where)))})


@CONTROL.add("POST", ROOT + "/faults")
def fault(call: Call) -> Reply:
    """Let the next API requests fail: `{"times": 3, "status": 502}`; `{"clear": true}` ends all faults."""
    fields, faults = call.fields(), call.desk.faults
    if fields.get("clear"):
        faults.clear()
    else:
        faults.fail(int(fields.get("times", 1)), status=int(fields.get("status", 502)), path=fields.get("path", "*"))
    return Reply(204)


@CONTROL.add("GET", ROOT + "/deliveries")
def list_deliveries(call: Call) -> Reply:
    """Return the log of webhook deliveries, newest first."""
    return Reply(
        body=[
            {"guid": each.guid, "event": each.event, "action": each.action, "status_code": each.status_code}
            for each in call.desk.hooks.log()
        ]
    )


def _issue(repository: str, issue: Issue) -> Json:
    comments = [{"author": each.author.login, "body": each.body} for each in issue.comments]
    return {
        "repository": repository,
        "number": issue.number,
        "title": issue.title,
        "state": issue.state,
        "type": issue.type.name if issue.type else None,
        "labels": [label.name for label in issue.labels],
        "comments": comments,
    }


def _try(act: Callable[[], T]) -> T:
    try:
        return act()
    except KeyError as error:
        raise not_found() from error
    except (LookupError, TypeError, ValueError) as error:
        raise Problem(422, str(error)) from error
