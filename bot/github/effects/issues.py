"""The one issue that Reeve keeps open about a matter of the repository, and who is assigned."""

from collections.abc import Iterator

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.effects.text import marked, normal
from bot.github.paging import PER_PAGE, pages
from bot.github.transport import Request
from bot.model.effects import Assign, KeepIssue
from bot.model.errors import Gone
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository

#: GitHub refuses a longer title.
MAX_TITLE = 256


def assign(client: Client, repository: Repository, effect: Assign) -> Receipt:
    """Add and remove assignees; GitHub passes over those who cannot be assigned, or are already, in silence."""
    path = repo_path(repository, "issues", str(effect.subject.number), "assignees")
    for verb, logins in (("POST", effect.add), ("DELETE", effect.remove)):
        if logins:
            client.call(repository, Request(verb, path, body={"assignees": list(logins)}))
    return Receipt(was_needed=bool(effect.add or effect.remove))


def issue_marker(key: str) -> str:
    """Return the hidden line by which Reeve's own issue is found again."""
    return f"<!-- reeve:issue v1 key={key} -->"


def keep_issue(client: Client, repository: Repository, effect: KeepIssue, attempt: Attempt) -> Receipt:
    """Keep one open issue with the effect's key, or none; `remote_id` is its number.

    One that people closed stays closed: what is still to be said opens a new one.
    """
    found = _known(client, repository, attempt.remote_id) or _oldest(client, repository, effect.key)
    if not effect.is_open:
        return _close(client, repository, found) if found else Receipt(attempt.remote_id, was_needed=False)
    body = marked(effect.body, issue_marker(effect.key))
    wanted = {"title": effect.title[:MAX_TITLE], "body": body}
    if found is None:
        answer = client.call(repository, Request("POST", repo_path(repository, "issues"), body=wanted))
        return Receipt(answer.read(wire.OwnIssue).number)
    if (found.title, normal(found.body)) == (wanted["title"], normal(body)):
        return Receipt(found.number, was_needed=False)
    return _edit(client, repository, found.number, wanted)


def _known(client: Client, repository: Repository, number: int | None) -> wire.OwnIssue | None:
    """Return the issue written before, while it is open and still here."""
    if number is None:
        return None
    try:
        answer = client.call(repository, Request("GET", repo_path(repository, "issues", str(number))))
    except Gone:
        return None
    found = answer.read(wire.OwnIssue)
    return found if found.state == "open" and found.number == number else None


def _oldest(client: Client, repository: Repository, key: str) -> wire.OwnIssue | None:
    """Settle on one open issue with this key: the oldest, which people may have linked to."""
    found = sorted(_own_issues(client, repository, key), key=lambda issue: issue.number)
    for double in found[1:]:
        _edit(client, repository, double.number, {"state": "closed", "state_reason": "not_planned"})
    return found[0] if found else None


def _own_issues(client: Client, repository: Repository, key: str) -> Iterator[wire.OwnIssue]:
    """Find Reeve's open issues with this key. Anybody can type the marker, only Reeve writes as this App."""
    wanted: dict[str, str | int] = {"creator": client.login(), "state": "open", "per_page": PER_PAGE}
    request = Request("GET", repo_path(repository, "issues"), parameters=wanted)
    for page in pages(lambda each: client.call(repository, each), request):
        for issue in page.read(list[wire.OwnIssue]):
            is_ours = wire.is_by(issue.performed_via_github_app, client.app_id)
            if is_ours and normal(issue.body).endswith(issue_marker(key)):
                yield issue


def _close(client: Client, repository: Repository, issue: wire.OwnIssue) -> Receipt:
    return _edit(client, repository, issue.number, {"state": "closed", "state_reason": "completed"})


def _edit(client: Client, repository: Repository, number: int, change: dict[str, str]) -> Receipt:
    client.call(repository, Request("PATCH", repo_path(repository, "issues", str(number)), body=change))
    return Receipt(number)
