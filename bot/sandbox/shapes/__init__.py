"""How GitHub writes things down: state objects in, JSON-ready dictionaries out."""

from bot.sandbox.shapes.accounts import app, installation, organization, public_user, user
from bot.sandbox.shapes.checks import annotation, check_run, check_suite, told_check_run, told_check_suite
from bot.sandbox.shapes.issues import comment, issue, issue_type, label, reaction
from bot.sandbox.shapes.pulls import changed_files, diff_entry, pull
from bot.sandbox.shapes.repositories import (
    branch,
    commit,
    content,
    directory,
    file_commit,
    full_repository,
    reference,
    repository,
)
from bot.sandbox.shapes.runs import artifact, merge_group, workflow, workflow_run
from bot.sandbox.shapes.timeline import timeline
from bot.sandbox.shapes.urls import Urls, node_id

__all__ = [
    "Urls",
    "annotation",
    "app",
    "artifact",
    "branch",
    "changed_files",
    "check_run",
    "check_suite",
    "comment",
    "commit",
    "content",
    "diff_entry",
    "directory",
    "file_commit",
    "full_repository",
    "installation",
    "issue",
    "issue_type",
    "label",
    "merge_group",
    "node_id",
    "organization",
    "public_user",
    "pull",
    "reaction",
    "reference",
    "repository",
    "timeline",
    "told_check_run",
    "told_check_suite",
    "user",
    "workflow",
    "workflow_run",
]
