"""What a release needs done: a run is started, a deployment answered, a tag and a release made. None of it twice."""

from msgspec import Struct

from bot.github import actions, failures, releases, wire
from bot.github.client import Client, repo_path
from bot.github.effects.text import cut
from bot.github.tokens import Scope
from bot.github.transport import Answer, Request
from bot.model.effects import AnswerDeployment, CreateTag, Dispatch, PublishRelease
from bot.model.errors import GitHubDown, Refused
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository

#: GitHub's own limits, in characters; counted here in bytes, which is never too long.
MAX_RELEASE_BODY = 125_000
MAX_COMMENT = 1024

#: How many tags may lead to tags before it is no tag that anybody meant.
MAX_PEELS = 5


class _Dispatched(Struct):
    workflow_run_id: wire.Id | None = None


class _Object(Struct):
    sha: wire.Sha
    type: str


class _Pointer(Struct):
    """A reference, or a tag that is an object of its own: both lead to an object."""

    object: _Object


def dispatch(client: Client, repository: Repository, effect: Dispatch, attempt: Attempt) -> Receipt:
    """Start the workflow; `remote_id` is the run's id, or None where GitHub does not tell it (yet).

    Where an earlier try may have got through, its run is looked for first, by the nonce in its title.
    https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
    """
    if attempt.remote_id is not None:
        return Receipt(attempt.remote_id, was_needed=False)
    if attempt.may_have_happened and (known := _started(client, repository, effect)) is not None:
        return Receipt(known, was_needed=False)
    path = repo_path(repository, "actions", "workflows", effect.workflow.rpartition("/")[2], "dispatches")
    wish = {"ref": effect.ref, "inputs": dict(effect.inputs), "return_run_details": True}
    answer = client.call(repository, Request("POST", path, body=wish), scope=Scope.DISPATCH)
    told = answer.read(_Dispatched).workflow_run_id if answer.status == 200 else None
    return Receipt(told if told is not None else _started(client, repository, effect))


def _started(client: Client, repository: Repository, effect: Dispatch) -> int | None:
    found = actions.run_by_nonce(client, repository, effect.workflow, effect.nonce)
    return found.id if found is not None else None


def create_tag(client: Client, repository: Repository, effect: CreateTag) -> Receipt:
    """Create the tag by a reference that must not exist; one that stands at another commit is overtaken.

    https://docs.github.com/en/rest/git/refs#create-a-reference
    """
    wish = {"ref": f"refs/tags/{effect.tag}", "sha": effect.sha}
    request = Request("POST", repo_path(repository, "git", "refs"), body=wish)
    answer = _write(client, repository, request, 422)
    if answer.status == 201:
        return Receipt()
    if not failures.says(answer, "already exists"):
        raise failures.refusal(answer)
    return Receipt(was_needed=False, is_overtaken=_stands_at(client, repository, effect.tag) != effect.sha)


def _stands_at(client: Client, repository: Repository, tag: str) -> str | None:
    """Return the commit that a tag leads to, by way of tags that are objects of their own; None for no commit."""
    found = _tag(client, repository, tag)
    if found is None:
        raise GitHubDown(f"the tag {tag} is there and is not")
    for _ in range(MAX_PEELS):
        if found.type != "tag":
            break
        request = Request("GET", repo_path(repository, "git", "tags", found.sha))
        found = client.call(repository, request).read(_Pointer).object
    return found.sha if found.type == "commit" else None


def _tag(client: Client, repository: Repository, tag: str) -> _Object | None:
    path = repo_path(repository, "git", "ref", "tags", *tag.split("/"))
    answer = client.call(repository, Request("GET", path), accept=(404,))
    return answer.read(_Pointer).object if answer.status == 200 else None


def publish_release(client: Client, repository: Repository, effect: PublishRelease) -> Receipt:
    """Publish the release of a tag that is there; `remote_id` is its id. What was published before is left alone.

    GitHub would make a tag that is missing, at the head of the default branch: so a missing one is `Refused`.
    https://docs.github.com/en/rest/releases/releases#create-a-release
    """
    if (known := releases.release(client, repository, effect.tag)) is not None:
        return Receipt(known.id, was_needed=False)
    if not releases.is_ref(effect.tag) or _tag(client, repository, effect.tag) is None:
        raise Refused(f"there is no tag {effect.tag}: a release must not make one")
    wish = {"tag_name": effect.tag, "name": effect.title, "body": cut(effect.body, MAX_RELEASE_BODY)}
    request = Request("POST", repo_path(repository, "releases"), body=wish)
    answer = _write(client, repository, request, 422)
    if answer.status == 201:
        return Receipt(releases.released(answer).id)
    known = releases.release(client, repository, effect.tag) if failures.says(answer, "already_exists") else None
    if known is None:
        raise failures.refusal(answer)
    return Receipt(known.id, was_needed=False)


def answer_deployment(client: Client, repository: Repository, effect: AnswerDeployment) -> Receipt:
    """Answer the protection rule of a run that waits; one that does not wait any more needs no answer.

    https://docs.github.com/en/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
    """
    path = repo_path(repository, "actions", "runs", str(effect.run_id), "deployment_protection_rule")
    wish = {
        "environment_name": effect.environment,
        "state": effect.state,
        "comment": cut(effect.comment, MAX_COMMENT),
    }
    answer = client.call(repository, Request("POST", path, body=wish), accept=(422,), scope=Scope.DEPLOYMENTS)
    return Receipt(was_needed=answer.status != 422)


def _write(client: Client, repository: Repository, request: Request, *accept: int) -> Answer:
    return client.call(repository, request, accept=accept, scope=Scope.TAGS)
