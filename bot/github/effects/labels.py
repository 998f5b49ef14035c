"""Labels: those on an issue or pull request, and those that a repository should have."""

from bot.github import failures, wire
from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE, pages
from bot.github.transport import Request
from bot.model.effects import EnsureLabels, LabelSpec, SetLabels
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository, Subject

#: GitHub refuses a longer description.
MAX_DESCRIPTION = 100


def set_labels(client: Client, repository: Repository, effect: SetLabels, attempt: Attempt) -> Receipt:
    """Put labels and a native type on, take labels off: in one request where that can harm nobody."""
    if effect.type is None:
        return _change_labels(client, repository, effect)
    if attempt.may_have_happened:
        # `current` is old by now: replacing the whole set would undo what a person changed since.
        _change_labels(client, repository, effect)
        _edit_issue(client, repository, effect.subject, {"type": effect.type})
    else:
        _edit_issue(client, repository, effect.subject, {"labels": _wanted(effect), "type": effect.type})
    return Receipt()


def _wanted(effect: SetLabels) -> list[str]:
    """Return the whole set as it should be; to GitHub `Bug` and `bug` are one label."""
    dropped = {name.casefold() for name in effect.remove}
    kept = {name.casefold(): name for name in effect.current if name.casefold() not in dropped}
    added = {name.casefold(): name for name in effect.add if name.casefold() not in kept}
    return sorted([*kept.values(), *added.values()])


def _edit_issue(client: Client, repository: Repository, subject: Subject, change: dict[str, object]) -> None:
    """PyGithub's `Issue.edit` knows no issue type; one raw PATCH sets it and the labels together."""
    client.call(repository, Request("PATCH", repo_path(repository, "issues", str(subject.number)), body=change))


def _change_labels(client: Client, repository: Repository, effect: SetLabels) -> Receipt:
    """Add and remove by name, so that a label which somebody else sets meanwhile is not lost."""
    parts = ("issues", str(effect.subject.number), "labels")
    if effect.add:
        client.call(repository, Request("POST", repo_path(repository, *parts), body={"labels": list(effect.add)}))
    removed = [
        client.call(repository, Request("DELETE", repo_path(repository, *parts, name)), accept=(404,)).status == 200
        for name in effect.remove
    ]
    return Receipt(was_needed=bool(effect.add) or any(removed))


def ensure_labels(client: Client, repository: Repository, effect: EnsureLabels) -> Receipt:
    """Create the labels that are missing and touch no other; to GitHub `Bug` and `bug` are one label."""
    known = _known_labels(client, repository)
    missing = {label.name.casefold(): label for label in effect.labels if label.name.casefold() not in known}
    made = [_create_label(client, repository, label) for label in missing.values()]
    return Receipt(was_needed=any(made))


def _known_labels(client: Client, repository: Repository) -> set[str]:
    request = Request("GET", repo_path(repository, "labels"), parameters={"per_page": PER_PAGE})
    answers = pages(lambda each: client.call(repository, each), request)
    return {(label.name or "").casefold() for answer in answers for label in answer.read(list[wire.Label])}


def _create_label(client: Client, repository: Repository, label: LabelSpec) -> bool:
    body = {"name": label.name, "color": label.color, "description": label.description[:MAX_DESCRIPTION]}
    answer = client.call(repository, Request("POST", repo_path(repository, "labels"), body=body), accept=(422,))
    if answer.status == 422 and not failures.says(answer, "already_exists"):
        raise failures.refusal(answer)
    return answer.status == 201
