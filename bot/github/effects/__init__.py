"""Effects become writes, each as cheap as it can be and none of them twice."""

from bot.github.client import Client
from bot.github.effects.checks import keep_check
from bot.github.effects.comments import keep_comment, marker, react
from bot.github.effects.issues import assign, issue_marker, keep_issue
from bot.github.effects.labels import ensure_labels, set_labels
from bot.github.effects.pulls import open_pull
from bot.github.effects.releases import answer_deployment, create_tag, dispatch, publish_release
from bot.github.effects.text import MAX_BODY
from bot.model.effects import (
    AnswerDeployment,
    Assign,
    CheckRun,
    CreateTag,
    Dispatch,
    Effect,
    EnsureLabels,
    KeepIssue,
    OpenPull,
    PublishRelease,
    React,
    SetLabels,
    StickyComment,
)
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository

__all__ = ["MAX_BODY", "apply", "issue_marker", "marker"]


def apply(  # noqa: C901, PLR0911  one answer for each effect
    client: Client, repository: Repository, effect: Effect, attempt: Attempt
) -> Receipt:
    """Make one effect true on GitHub; applied twice, the second time changes nothing."""
    match effect:
        case SetLabels():
            return set_labels(client, repository, effect, attempt)
        case StickyComment():
            return keep_comment(client, repository, effect, attempt)
        case CheckRun():
            return keep_check(client, repository, effect, attempt)
        case KeepIssue():
            return keep_issue(client, repository, effect, attempt)
        case OpenPull():
            return open_pull(client, repository, effect, attempt)
        case React():
            return react(client, repository, effect)
        case Assign():
            return assign(client, repository, effect)
        case EnsureLabels():
            return ensure_labels(client, repository, effect)
        case Dispatch():
            return dispatch(client, repository, effect, attempt)
        case CreateTag():
            return create_tag(client, repository, effect)
        case PublishRelease():
            return publish_release(client, repository, effect)
        case AnswerDeployment():
            return answer_deployment(client, repository, effect)
