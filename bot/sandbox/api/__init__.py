"""GitHub's REST API, one module per topic."""

from bot.sandbox.api import (
    app,
    checks,
    comments,
    git,
    hook,
    issues,
    labels,
    pages,
    pulls,
    reactions,
    repositories,
    timeline,
)
from bot.sandbox.routing import Routes

ROUTES = Routes()
for topic in (app, hook, checks, git, repositories, labels, comments, reactions, issues, timeline, pulls, pages):
    ROUTES.extend(topic.routes)
