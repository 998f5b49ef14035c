"""Writing, editing and deleting comments, and reacting to things."""

from bot.sandbox.state import Account, Comment, Happening, Issue, Json, Reaction, Repository, State


def add_comment(state: State, repository: Repository, *, issue: Issue, body: str, by: Account) -> Comment:
    """Write a comment under an issue or pull request."""
    now = state.clock.now()
    comment = Comment(state.next_id(), by, body, now, now, by_app=by is state.app.bot)
    issue.comments.append(comment)
    issue.updated_at = now
    _tell(state, repository, action="created", by=by, extra={"issue": issue, "comment": comment})
    return comment


def edit_comment(
    state: State, repository: Repository, *, issue: Issue, comment: Comment, body: str, by: Account
) -> None:
    """Give a comment another text."""
    before, comment.body = comment.body, body
    comment.updated_at = issue.updated_at = state.clock.now()
    extra = {"issue": issue, "comment": comment, "changes": {"body": {"from": before}}}
    _tell(state, repository, action="edited", by=by, extra=extra)


def delete_comment(state: State, repository: Repository, *, issue: Issue, comment: Comment, by: Account) -> None:
    """Delete a comment."""
    issue.comments.remove(comment)
    issue.updated_at = state.clock.now()
    _tell(state, repository, action="deleted", by=by, extra={"issue": issue, "comment": comment})


def react(state: State, reactions: list[Reaction], *, content: str, by: Account) -> tuple[Reaction, bool]:
    """Return the account's reaction with this content, and whether it is new: there is never a second one."""
    found = next((each for each in reactions if each.author is by and each.content == content), None)
    if found is not None:
        return found, False
    reaction = Reaction(state.next_id(), by, content, state.clock.now())
    reactions.append(reaction)
    return reaction, True


def _tell(state: State, repository: Repository, *, action: str, by: Account, extra: Json) -> None:
    state.tell(Happening("issue_comment", action, by, repository, extra=extra))
