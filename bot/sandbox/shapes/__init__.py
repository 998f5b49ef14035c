"""How GitHub writes things down: state objects in, JSON-ready dictionaries out."""

from bot.sandbox.shapes.accounts import app, installation, organization, public_user, user
from bot.sandbox.shapes.issues import comment, issue, issue_type, label, reaction
from bot.sandbox.shapes.pulls import pull
from bot.sandbox.shapes.repositories import branch, commit, content, directory, full_repository, repository
from bot.sandbox.shapes.urls import Urls, node_id

__all__ = [
    "Urls",
    "app",
    "branch",
    "comment",
    "commit",
    "content",
    "directory",
    "full_repository",
    "installation",
    "issue",
    "issue_type",
    "label",
    "node_id",
    "organization",
    "public_user",
    "pull",
    "reaction",
    "repository",
    "user",
]
