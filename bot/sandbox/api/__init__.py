"""GitHub's REST API, one module per topic."""

from bot.sandbox.api import app, comments, hook, issues, labels, pages, pulls, reactions, repositories
from bot.sandbox.routing import Routes

ROUTES = Routes()
for topic in (app, hook, repositories, labels, comments, reactions, issues, pulls, pages):
    ROUTES.extend(topic.routes)
