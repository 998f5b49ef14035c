"""Which checks a branch requires before anything is merged into it: by rulesets, and by classic branch protection.

Both can be read without the right to administer the repository: the active rules of a branch with `metadata`, and the
branch itself, which tells its required checks, with `contents`.
"""

from collections.abc import Iterator

from msgspec import Struct

from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE, pages
from bot.github.transport import Request
from bot.model.forge import RequiredCheck
from bot.model.subjects import Repository

#: With this id GitHub says that a check may come from anybody.
ANYBODY = -1


class _Check(Struct):
    context: str
    integration_id: int | None = None
    app_id: int | None = None


class _Parameters(Struct):
    required_status_checks: list[_Check] = []


class _Rule(Struct):
    type: str
    parameters: _Parameters | None = None


class _Required(Struct):
    contexts: list[str] = []
    checks: list[_Check] = []


class _Protection(Struct):
    required_status_checks: _Required | None = None


class _Branch(Struct):
    protection: _Protection | None = None


def required_checks(client: Client, repository: Repository) -> tuple[RequiredCheck, ...]:
    """Name the checks that the default branch requires, each as often as something requires it."""
    return (*_by_rulesets(client, repository), *_by_protection(client, repository))


def _by_rulesets(client: Client, repository: Repository) -> Iterator[RequiredCheck]:
    path = repo_path(repository, "rules", "branches", *repository.default_branch.split("/"))
    request = Request("GET", path, parameters={"per_page": PER_PAGE})
    for page in pages(lambda each: client.call(repository, each), request):
        for rule in page.read(list[_Rule]):
            checks = rule.parameters.required_status_checks if rule.parameters else []
            yield from (_required(each.context, each.integration_id) for each in checks)


def _by_protection(client: Client, repository: Repository) -> Iterator[RequiredCheck]:
    path = repo_path(repository, "branches", *repository.default_branch.split("/"))
    answer = client.call(repository, Request("GET", path), accept=(404,))
    branch = answer.read(_Branch) if answer.status == 200 else _Branch()
    required = branch.protection.required_status_checks if branch.protection else None
    if required is not None:
        told = {each.context for each in required.checks}
        yield from (_required(each.context, each.app_id) for each in required.checks)
        yield from (_required(context, None) for context in required.contexts if context not in told)


def _required(context: str, app_id: int | None) -> RequiredCheck:
    return RequiredCheck(context, None if app_id == ANYBODY else app_id)
