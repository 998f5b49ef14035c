"""GitHub's REST API, one module per topic."""

from bot.sandbox.api import (
    actions,
    app,
    checks,
    comments,
    dispatches,
    git,
    hook,
    issues,
    labels,
    lookups,
    pages,
    pulls,
    reactions,
    releases,
    repositories,
    rules,
    smart_http,
    timeline,
)
from bot.sandbox.routing import Routes

ROUTES = Routes()
for topic in (
    app,
    actions,
    dispatches,
    hook,
    checks,
    git,
    releases,
    repositories,
    rules,
    labels,
    lookups,
    comments,
    reactions,
    issues,
    timeline,
    pulls,
    smart_http,
    pages,
):
    ROUTES.extend(topic.routes)
