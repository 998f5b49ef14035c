"""What a look at a repository finds: everything in it that changed since the last one."""

from dataclasses import dataclass

from bot.model.facts import Comment, Issue, PullRequest


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, and the issue or pull request that it stands under (a pull request shown as an issue)."""

    issue: Issue
    comment: Comment
    is_pull_request: bool


@dataclass(frozen=True, slots=True)
class News:
    """What changed in a repository; `etag` makes the next look free where nothing changes until then."""

    issues: tuple[Issue, ...] = ()
    pulls: tuple[PullRequest, ...] = ()
    comments: tuple[Said, ...] = ()
    etag: str | None = None
