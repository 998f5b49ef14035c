"""What a policy file names and is compared with: teams, environments, and what lies between two commits."""

from bot.sandbox.actions.commits import ancestors, commits_of, merge_base
from bot.sandbox.routing import Routes
from bot.sandbox.shapes import lookups as shapes
from bot.sandbox.state import Commit
from bot.sandbox.wire import Call, Problem, Reply, not_found, page

routes = Routes()


@routes.add("GET", "/orgs/{org}/teams/{slug}", needs={"members": "read"})
def get_team(call: Call) -> Reply:
    """Return a team of the installation's own organisation; those of others are not to be seen."""
    installation = call.caller.installation
    owner = call.state.accounts.get(call.params["org"].lower())
    found = call.state.teams.get((call.params["org"].lower(), call.params["slug"].lower()))
    if owner is None or found is None or installation is None or installation.account is not owner:
        raise not_found()
    return Reply(body=shapes.team(owner, found, call.urls))


@routes.add("GET", "/repos/{owner}/{repo}/environments", needs={"actions": "read"})
def list_environments(call: Call) -> Reply:
    """Return the deployment environments of a repository."""
    known = call.repository.environments
    paged = page(call, known, lambda each: shapes.environment(call.repository, each, call.urls))
    return Reply(body={"total_count": len(known), "environments": paged.body}, headers=paged.headers)


@routes.add(
    "GET", "/repos/{owner}/{repo}/environments/{environment}/deployment_protection_rules", needs={"actions": "read"}
)
def list_protection_rules(call: Call) -> Reply:
    """Return the Apps that are asked before anything is deployed to an environment."""
    wanted = call.params["environment"].lower()
    found = next((each for each in call.repository.environments if each.name.lower() == wanted), None)
    if found is None:
        raise not_found()
    rules = [shapes.protection(app_id, call.urls) for app_id in found.protectors]
    return Reply(body={"total_count": len(rules), "custom_deployment_protection_rules": rules})


@routes.add("GET", "/repos/{owner}/{repo}/compare/{basehead...}", needs={"contents": "read"})
def compare(call: Call) -> Reply:
    """Return what a head has beyond a base, a page of it oldest first, and where the two went apart."""
    base, head = (_commit(call, ref) for ref in _ends(call.params["basehead"]))
    commits = commits_of(call.state, call.repository)
    fork = merge_base(commits, base.sha, head.sha)
    if fork is None:
        raise Problem(404, f"No common ancestor between {base.sha} and {head.sha}.")
    behind_head, behind_base = set(ancestors(commits, head.sha)), set(ancestors(commits, base.sha))
    ahead = [commits[sha] for sha in ancestors(commits, head.sha) if sha not in behind_base][::-1]
    body = shapes.comparison(
        call.repository,
        base=base,
        head=head,
        fork=commits[fork],
        ahead=ahead,
        behind=len(behind_base - behind_head),
        urls=call.urls,
    )
    paged = page(call, body["commits"], lambda each: each)
    return Reply(body=body | {"commits": paged.body}, headers=paged.headers)


def _ends(basehead: str) -> tuple[str, str]:
    base, dots, head = basehead.partition("...")
    if not dots:
        raise not_found()
    return base, head


def _commit(call: Call, ref: str) -> Commit:
    found = call.repository.commit(ref) or commits_of(call.state, call.repository).get(ref)
    if found is None:
        raise not_found()
    return found
