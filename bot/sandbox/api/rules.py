"""The rules that are active on a branch, as rulesets make them."""

from bot.sandbox.routing import Routes
from bot.sandbox.state import Json, Repository, Required
from bot.sandbox.wire import Call, Reply, page

routes = Routes()


@routes.add("GET", "/repos/{owner}/{repo}/rules/branches/{branch...}", needs={"metadata": "read"})
def list_rules(call: Call) -> Reply:
    """Return the active rules of a branch, whether it exists or not: each required check by a ruleset of its own."""
    found = [each for each in call.repository.required if each.is_rule and each.branch == call.params["branch"]]
    return page(call, found, lambda each: _rule(call.repository, each))


def _rule(repository: Repository, required: Required) -> Json:
    check: Json = {"context": required.context}
    if required.app_id is not None:
        check["integration_id"] = required.app_id
    return {
        "type": "required_status_checks",
        "ruleset_source_type": "Repository",
        "ruleset_source": repository.full_name,
        "ruleset_id": 42 + repository.required.index(required),
        "parameters": {"required_status_checks": [check], "strict_required_status_checks_policy": False},
    }
