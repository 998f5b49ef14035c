"""What a policy file names and what it is compared with: labels, teams, environments, and where two branches parted."""

from msgspec import Struct

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE, pages
from bot.github.tokens import Scope
from bot.github.transport import Request
from bot.model.errors import Gone, Refused
from bot.model.forge import Newest
from bot.model.subjects import Repository


class _Label(Struct):
    name: str


class _Environment(Struct):
    name: str


class _Environments(Struct):
    environments: list[_Environment] = []


class _App(Struct):
    id: int


class _Protection(Struct):
    app: _App
    enabled: bool = False


class _Protections(Struct):
    custom_deployment_protection_rules: list[_Protection] = []


class _Compared(Struct):
    merge_base_commit: wire.GitObject


def labels(client: Client, repository: Repository) -> frozenset[str]:
    """Name all labels of a repository."""
    request = Request("GET", repo_path(repository, "labels"), parameters={"per_page": PER_PAGE})
    found = pages(lambda each: client.call(repository, each), request)
    return frozenset(wire.clean(label.name) for page in found for label in page.read(list[_Label]))


def has_team(client: Client, repository: Repository, organization: str, slug: str) -> bool | None:
    """Say whether an organisation has this team; None where the installation may not see its members.

    https://docs.github.com/en/rest/teams/teams#get-a-team-by-name
    """
    request = Request("GET", f"/orgs/{organization}/teams/{slug.lower()}")
    try:
        client.call(repository, request, scope=Scope.TEAMS)
    except Gone:
        return False
    except Refused:
        return None
    return True


def environments(client: Client, repository: Repository) -> frozenset[str] | None:
    """Name the deployment environments; None where the installation may not see them.

    https://docs.github.com/en/rest/deployments/environments#list-environments
    """
    request = Request("GET", repo_path(repository, "environments"), parameters={"per_page": PER_PAGE})
    try:
        found = list(pages(lambda each: client.call(repository, each, scope=Scope.ACTIONS), request))
    except (Gone, Refused):
        return None
    return frozenset(wire.clean(each.name) for page in found for each in page.read(_Environments).environments)


def protectors(client: Client, repository: Repository, environment: str) -> frozenset[int] | None:
    """Name the Apps that are asked before anything is deployed to an environment; None where that is not to be seen.

    https://docs.github.com/en/rest/deployments/protection-rules#get-all-deployment-protection-rules-for-an-environment
    """
    path = repo_path(repository, "environments", environment, "deployment_protection_rules")
    try:
        answer = client.call(repository, Request("GET", path), scope=Scope.ACTIONS)
    except (Gone, Refused):
        return None
    rules = answer.read(_Protections).custom_deployment_protection_rules
    return frozenset(each.app.id for each in rules if each.enabled)


def newest(client: Client, repository: Repository, count: int) -> tuple[Newest, ...]:
    """Name the newest issues and pull requests, the newest first; GitHub numbers both in one row."""
    parameters: dict[str, str | int] = {"state": "all", "sort": "created", "direction": "desc", "per_page": count}
    answer = client.call(repository, Request("GET", repo_path(repository, "issues"), parameters=parameters))
    found = answer.read(list[wire.IssueShape])
    return tuple(Newest(each.number, wire.clean(each.title), each.pull_request is not None) for each in found[:count])


def merge_base(client: Client, repository: Repository, base: str, head: str) -> str | None:
    """Return the commit from which a head and a base went apart; None where they have nothing in common.

    https://docs.github.com/en/rest/commits/commits#compare-two-commits
    """
    request = Request("GET", repo_path(repository, "compare", f"{base}...{head}"), parameters={"per_page": 1})
    answer = client.call(repository, request, accept=(404,))
    return None if answer.status == 404 else answer.read(_Compared).merge_base_commit.sha
