"""Opening, editing, labelling, typing, assigning, closing, moving and deleting issues."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.sandbox.actions.labels import ensure_label
from bot.sandbox.published import Milestone
from bot.sandbox.state import Account, Happening, Issue, IssueType, Json, Past, Repository, State


@dataclass(frozen=True, slots=True)
class Edit:
    """One issue, seen by one account that changes it: every change touches `updated_at` and tells its event."""

    state: State
    repository: Repository
    issue: Issue
    by: Account

    def title(self, title: str) -> None:
        """Give the issue another title."""
        if title != self.issue.title:
            before, self.issue.title = self.issue.title, title
            self._tell("edited", changes={"title": {"from": before}})

    def body(self, body: str | None) -> None:
        """Give the issue another body."""
        if body != self.issue.body:
            before, self.issue.body = self.issue.body, body
            self._tell("edited", changes={"body": {"from": before or ""}})

    def add_labels(self, names: Iterable[str]) -> None:
        """Put labels on the issue; one that the repository lacks is created, as GitHub does."""
        for name in names:
            label = ensure_label(self.state, self.repository, name=name, by=self.by)
            if label not in self.issue.labels:
                self.issue.labels.append(label)
                self._tell("labeled", label=label)

    def remove_label(self, name: str) -> bool:
        """Take a label off; return whether it was there."""
        label = next((each for each in self.issue.labels if each.name.lower() == name.lower()), None)
        if label is None:
            return False
        self.issue.labels.remove(label)
        self._tell("unlabeled", label=label)
        return True

    def set_labels(self, names: Iterable[str]) -> None:
        """Leave exactly these labels on the issue."""
        wanted = list(names)
        kept = {name.lower() for name in wanted}
        for label in [each for each in self.issue.labels if each.name.lower() not in kept]:
            self.remove_label(label.name)
        self.add_labels(wanted)

    def set_type(self, kind: IssueType | None) -> None:
        """Give the issue a native type, or none."""
        before, self.issue.type = self.issue.type, kind
        if kind is not None and kind is not before:
            self._tell("typed", type=kind)
        elif kind is None and before is not None:
            self._tell("untyped", type=before)

    def set_milestone(self, milestone: Milestone | None) -> None:
        """Put the issue into a milestone, or into none."""
        before = self.issue.milestone
        if before is not None and before is not milestone:
            self.issue.milestone = None
            self._tell("demilestoned", milestone=before)
        if milestone is not None and before is not milestone:
            self.issue.milestone = milestone
            self._tell("milestoned", milestone=milestone)

    def assign(self, accounts: Iterable[Account]) -> None:
        """Add assignees."""
        for account in accounts:
            if account not in self.issue.assignees:
                self.issue.assignees.append(account)
                self._tell("assigned", assignee=account)

    def unassign(self, accounts: Iterable[Account]) -> None:
        """Remove assignees."""
        for account in accounts:
            if account in self.issue.assignees:
                self.issue.assignees.remove(account)
                self._tell("unassigned", assignee=account)

    def close(self, reason: str = "completed") -> None:
        """Close the issue."""
        if self.issue.state == "open":
            self.issue.state, self.issue.state_reason = "closed", reason
            self.issue.closed_at, self.issue.closed_by = self.state.clock.now(), self.by
            self._tell("closed")

    def reopen(self) -> None:
        """Open the issue again."""
        if self.issue.state == "closed":
            self.issue.state, self.issue.state_reason = "open", "reopened"
            self.issue.closed_at = self.issue.closed_by = None
            self._tell("reopened")

    def pin(self) -> None:
        """Pin the issue to the top of its repository's list."""
        self._tell("pinned")

    def unpin(self) -> None:
        """Take the pin off."""
        self._tell("unpinned")

    def lock(self) -> None:
        """Let only those comment who may write to the repository."""
        self.issue.is_locked = True
        self._tell("locked")

    def unlock(self) -> None:
        """Let everybody comment again."""
        self.issue.is_locked = False
        self._tell("unlocked")

    def convert_to_discussion(self) -> None:
        """Go on as a discussion: the issue stays, closed and locked, and only its timeline says why."""
        self.close()
        self.lock()
        self.issue.history.append(
            Past(self.state.next_event_id(), "converted_to_discussion", self.by, self.state.clock.now())
        )

    def delete(self) -> None:
        """Delete the issue for good; its number is never used again."""
        self.repository.gone[self.issue.number] = None
        del self.repository.issues[self.issue.number]
        self._tell("deleted")

    def transfer(self, to: Repository) -> Issue:
        """Move the issue to another repository, where it gets a new number."""
        moved = _copy(self.state, self.issue, to)
        self.repository.gone[self.issue.number] = (to, moved.number)
        del self.repository.issues[self.issue.number]
        new = {"new_issue": Placed(to, moved), "new_repository": to}
        self._tell("transferred", changes=new)
        old = {"old_issue": Placed(self.repository, self.issue), "old_repository": self.repository}
        opened = {"issue": moved, "changes": old}
        self.state.tell(Happening("issues", "opened", self.by, to, extra=opened))
        return moved

    def _tell(self, action: str, **extra: object) -> None:
        self.issue.updated_at = self.state.clock.now()
        event = "pull_request" if self.issue.pull else "issues"
        subject: Json = {"pull_request": self.issue, "number": self.issue.number} if self.issue.pull else {}
        extra = {**(subject or {"issue": self.issue}), **extra}
        self.state.tell(Happening(event, action, self.by, self.repository, extra=extra))


@dataclass(frozen=True, slots=True)
class Placed:
    """An issue together with the repository that it belongs to, for events that name two repositories."""

    repository: Repository
    issue: Issue


def open_issue(
    state: State,
    repository: Repository,
    *,
    title: str,
    body: str | None,
    by: Account,
    labels: Iterable[str] = (),
    kind: IssueType | None = None,
) -> Issue:
    """Open an issue; labels and type given at once are told after it, one event each."""
    now = state.clock.now()
    issue = Issue(state.next_id(), repository.next_number(), title, body, by, now, now)
    issue.by_app = by is state.app.bot
    issue.type = kind
    issue.labels = list({name.lower(): ensure_label(state, repository, name=name, by=by) for name in labels}.values())
    repository.issues[issue.number] = issue
    state.tell(Happening("issues", "opened", by, repository, extra={"issue": issue}))
    for label in issue.labels:
        state.tell(Happening("issues", "labeled", by, repository, extra={"issue": issue, "label": label}))
    if kind is not None:
        state.tell(Happening("issues", "typed", by, repository, extra={"issue": issue, "type": kind}))
    return issue


def _copy(state: State, issue: Issue, to: Repository) -> Issue:
    moved = Issue(
        state.next_id(),
        to.next_number(),
        issue.title,
        issue.body,
        issue.author,
        issue.created_at,
        state.clock.now(),
        comments=issue.comments,
        reactions=issue.reactions,
        history=issue.history,
    )
    moved.labels = [to.labels[each.name.lower()] for each in issue.labels if each.name.lower() in to.labels]
    to.issues[moved.number] = moved
    return moved
