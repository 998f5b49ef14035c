"""What happened to an issue, from GitHub's own list, page by page.

Names of entries: https://docs.github.com/en/rest/using-the-rest-api/issue-event-types
"""

from collections.abc import Iterator

from msgspec import Struct

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.happened import named, said
from bot.github.paging import PER_PAGE, pages
from bot.github.transport import Request
from bot.model.forge import Entry, Past
from bot.model.subjects import Repository
from bot.model.timeline import Happening, Source, What, event_key

#: What no clock looks at and what makes lists long.
EXCLUDED = "mentioned,subscribed,unsubscribed,cross-referenced,referenced"

#: GitHub's words for what happens, and ours. A transferred issue keeps its list: seen from there, it arrived.
_WHAT = {
    "labeled": What.LABELED,
    "unlabeled": What.UNLABELED,
    "closed": What.CLOSED,
    "reopened": What.REOPENED,
    "transferred": What.ARRIVED,
    "converted_to_discussion": What.CONVERTED,
    "comment_deleted": What.COMMENT_DELETED,
    "assigned": What.ASSIGNED,
    "unassigned": What.UNASSIGNED,
    "milestoned": What.MILESTONED,
    "demilestoned": What.DEMILESTONED,
    "issue_type_added": What.TYPED,
    "issue_type_changed": What.TYPED,
    "issue_type_removed": What.TYPED,
}


class _Entry(Struct):
    event: str = ""
    id: int | None = None
    created_at: wire.Moment | None = None
    updated_at: wire.Moment | None = None
    actor: wire.Account | None = None
    user: wire.Account | None = None
    body: str | None = None
    label: wire.Label | None = None
    issue_type: wire.IssueType | None = None
    assignee: wire.Account | None = None
    milestone: wire.Milestone | None = None
    commit_id: str | None = None
    performed_via_github_app: wire.App | None = None


def read(client: Client, repository: Repository, number: int, *, etags: tuple[str, ...]) -> Past:
    """Read an issue's whole past, or that it is the same as when these etags were given: that costs nothing."""
    if etags and all(_is_same(client, repository, number, page, etag) for page, etag in enumerate(etags, start=1)):
        return Past(None, etags)
    answers = list(pages(lambda request: client.call(repository, request), _request(repository, number, 1)))
    listed = [answer.read(list[_Entry]) for answer in answers]
    # A full last page says nothing of what may follow it one day: such a list is read anew.
    seen = tuple(answer.headers.get("etag", "") for answer in answers)
    is_open_ended = len(listed[-1]) >= PER_PAGE or not all(seen)
    entries = tuple(entry for page in listed for shape in page for entry in _entry(shape, client.app_id))
    return Past(entries, () if is_open_ended else seen)


def _request(repository: Repository, number: int, page: int, **headers: str) -> Request:
    parameters: dict[str, str | int] = {"exclude": EXCLUDED, "per_page": PER_PAGE}
    path = repo_path(repository, "issues", str(number), "timeline")
    return Request("GET", path, parameters=parameters | ({"page": page} if page > 1 else {}), headers=headers)


def _is_same(client: Client, repository: Repository, number: int, page: int, etag: str) -> bool:
    request = _request(repository, number, page, **{"If-None-Match": etag})
    return client.call(repository, request, accept=(304,)).status == 304


def _entry(shape: _Entry, app_id: int) -> Iterator[Entry]:
    """Give the entry in Reeve's words, or nothing for one without a meaning and for Reeve's own doing."""
    if wire.is_by(shape.performed_via_github_app, app_id) or shape.id is None or shape.created_at is None:
        return
    if shape.event == "commented":
        comment = wire.CommentShape(
            id=shape.id,
            created_at=shape.created_at,
            updated_at=shape.updated_at or shape.created_at,
            body=shape.body,
            user=shape.user or shape.actor,
            performed_via_github_app=shape.performed_via_github_app,
        )
        yield said(comment, source=Source.READ)
    elif what := _WHAT.get(shape.event):
        happening = Happening(
            id=event_key(shape.id),
            what=what,
            at=wire.utc(shape.created_at),
            actor=wire.actor(shape.actor),
            source=Source.READ,
            name=named(shape.label, shape.issue_type, shape.assignee, shape.milestone),
            commit=shape.commit_id is not None and what is What.CLOSED,
        )
        yield Entry(happening, is_by_app=shape.performed_via_github_app is not None)
