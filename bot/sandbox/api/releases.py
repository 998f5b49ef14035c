"""Tags, releases, milestones, and the statuses of commits."""

from bot.sandbox.actions.publishing import publish
from bot.sandbox.published import Release
from bot.sandbox.routing import Routes
from bot.sandbox.shapes import issues as issue_shapes
from bot.sandbox.shapes import published as shapes
from bot.sandbox.state import Json
from bot.sandbox.wire import Call, Problem, Reply, invalid, not_found, page

routes = Routes()
READ, WRITE = {"contents": "read"}, {"contents": "write"}


@routes.add("GET", "/repos/{owner}/{repo}/tags", needs=READ)
def list_tags(call: Call) -> Reply:
    """Return the tags with their commits, by name, the last first."""
    names = sorted(call.repository.published.tags, reverse=True)
    return page(call, names, lambda name: shapes.tag(call.repository, name, call.urls))


@routes.add("GET", "/repos/{owner}/{repo}/git/tags/{sha}", needs=READ)
def get_annotated_tag(call: Call) -> Reply:
    """Return a tag that is an object of its own."""
    found = call.repository.published.annotated.get(call.params["sha"])
    if found is None:
        raise not_found()
    return Reply(body=shapes.annotated_tag(call.repository, found, call.urls))


@routes.add("GET", "/repos/{owner}/{repo}/releases", needs=READ)
def list_releases(call: Call) -> Reply:
    """Return the releases, the newest first, drafts among them for those who may write."""
    found = sorted(call.repository.published.releases.values(), key=lambda each: -each.id)
    may_write = call.caller.token is not None and call.caller.token.allows("contents", "write")
    return page(call, [each for each in found if may_write or not each.draft], lambda each: _shape(call, each))


@routes.add("GET", "/repos/{owner}/{repo}/releases/tags/{tag}", needs=READ)
def get_by_tag(call: Call) -> Reply:
    """Return the published release of a tag."""
    found = _published(call, call.params["tag"])
    if found is None:
        raise not_found()
    return Reply(body=_shape(call, found))


@routes.add("POST", "/repos/{owner}/{repo}/releases", needs=WRITE)
def create(call: Call) -> Reply:
    """Make a release. A tag that is missing is made too, at the head of the default branch unless another is named."""
    tag, fields = call.text("tag_name", resource="Release"), call.fields()
    target = fields.get("target_commitish") or call.repository.default_branch
    if _published(call, tag) is not None:
        raise invalid("Release", "tag_name", code="already_exists")
    if tag not in call.repository.published.tags and call.repository.commit(target) is None:
        raise invalid("Release", "target_commitish")
    made = publish(
        call.state,
        call.repository,
        tag=tag,
        name=fields.get("name") or tag,
        body=fields.get("body") or "",
        by=call.sender,
        target=target,
        draft=bool(fields.get("draft")),
        prerelease=bool(fields.get("prerelease")),
    )
    return Reply(201, _shape(call, made))


@routes.add("GET", "/repos/{owner}/{repo}/milestones", needs={"issues": "read"})
def list_milestones(call: Call) -> Reply:
    """Return the milestones, the open ones unless asked otherwise."""
    state = call.query.get("state", "open")
    found = [each for each in call.repository.published.milestones.values() if state in {"all", each.state}]
    return page(call, found, lambda each: issue_shapes.milestone(call.repository, each, call.urls))


@routes.add("GET", "/repos/{owner}/{repo}/commits/{ref...}/status", needs={"statuses": "read"})
def get_combined_status(call: Call) -> Reply:
    """Return the newest status of each context of a commit; the pages are of the list inside."""
    commit = call.repository.commit(call.params["ref"])
    if commit is None:
        raise Problem(404, "Not Found")
    newest = {each.context: each for each in call.repository.published.statuses if each.sha == commit.sha}
    whole = shapes.combined_status(call.repository, commit.sha, list(newest.values()), call.urls)
    paged = page(call, whole["statuses"], lambda each: each)
    return Reply(body={**whole, "statuses": paged.body}, headers=paged.headers)


def _published(call: Call, tag: str) -> Release | None:
    known = call.repository.published.releases.values()
    return next((each for each in known if each.tag == tag and not each.draft), None)


def _shape(call: Call, release: Release) -> Json:
    return shapes.release(call.repository, release, call.urls)
