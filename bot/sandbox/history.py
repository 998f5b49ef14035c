"""What GitHub writes into an issue's timeline: happenings in, entries out. Comments stand for themselves there."""

from bot.sandbox.state import Account, Happening, Issue, IssueType, Past, State

#: The actions of the events `issues` and `pull_request` that leave an entry under the same name.
KEPT = (
    frozenset({"labeled", "unlabeled", "assigned", "unassigned", "closed", "reopened"})
    | frozenset({"milestoned", "demilestoned"})
    | frozenset({"pinned", "unpinned", "locked", "unlocked", "transferred"})
)  # fmt: skip


def keep(state: State, happening: Happening) -> None:
    """Write down what happened to an issue or pull request, if its timeline shows such things."""
    if happening.event == "issue_comment" and happening.action == "deleted":
        _keep(state, happening, happening.extra["issue"], "comment_deleted")
    if happening.event not in {"issues", "pull_request"}:
        return
    issue: Issue = happening.extra.get("pull_request") or happening.extra["issue"]
    match happening.action:
        case "edited" if "title" in happening.extra["changes"]:
            before = happening.extra["changes"]["title"]["from"]
            _keep(state, happening, issue, "renamed", renamed=(before, issue.title))
        case "typed":
            _keep_type(state, happening, issue)
        case "untyped":
            _keep(state, happening, issue, "issue_type_removed", previous_type=happening.extra["type"])
        case str() if happening.action in KEPT:
            _keep(state, happening, issue, happening.action)


def _keep_type(state: State, happening: Happening, issue: Issue) -> None:
    """GitHub tells the first type of an issue from one that takes another's place."""
    typed = (each for each in reversed(issue.history) if each.event.startswith("issue_type_"))
    before = next((each.type for each in typed), None)
    name = "issue_type_changed" if before else "issue_type_added"
    _keep(state, happening, issue, name, type_=happening.extra["type"], previous_type=before)


def _keep(
    state: State,
    happening: Happening,
    issue: Issue,
    event: str,
    *,
    type_: IssueType | None = None,
    previous_type: IssueType | None = None,
    renamed: tuple[str, str] | None = None,
) -> None:
    assignee: Account | None = happening.extra.get("assignee")
    issue.history.append(
        Past(
            id=state.next_event_id(),
            event=event,
            by=happening.sender,
            at=state.clock.now(),
            by_app=happening.sender is state.app.bot,
            label=happening.extra.get("label"),
            type=type_,
            previous_type=previous_type,
            assignee=assignee,
            milestone=happening.extra.get("milestone"),
            renamed=renamed,
            state_reason=issue.state_reason if event == "closed" else None,
        )
    )
