"""What a story can say about a sandbox: people open issues, change labels, push; and what can be seen afterwards."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from bot.sandbox.actions import comments as commenting
from bot.sandbox.actions.issues import Edit, open_issue
from bot.sandbox.desk import Request, Seen
from bot.sandbox.faults import Faults
from bot.sandbox.forms import Answer, Filled, Form, fill, read_form
from bot.sandbox.hooks import Delivery
from bot.sandbox.limits import Limits
from bot.sandbox.publishing import Publishing
from bot.sandbox.stage import MAINTAINER, Where
from bot.sandbox.state import Comment, Issue, IssueType, Repository


class Story(Publishing):
    """People's hands and eyes on a sandbox. Wherever `repository` is left out, the only one is meant."""

    # -- what people do ----------------------------------------------------------------------------------------------

    def open_issue(  # noqa: PLR0913  the fields of GitHub's own page
        self,
        title: str,
        *,
        body: str | None = None,
        author: str = "ada",
        labels: Iterable[str] = (),
        form: str | None = None,
        answers: Mapping[str, Answer] | None = None,
        issue_type: str | None = None,
        repository: Where = None,
    ) -> int:
        """Open an issue, through an issue form if one is named, and return its number."""
        with self._desk.lock:
            found = self.repository(repository)
            filled = Filled(title, body or "", (), None)
            if form is not None:
                filled = fill(self._form(found, form), title=title, answers=answers or {})
            known = [name for name in filled.labels if name.lower() in found.labels]
            wanted = issue_type or filled.type
            kind = self._issue_type(found, wanted) if wanted else None
            issue = open_issue(
                self._state,
                found,
                title=filled.title,
                body=filled.body or None,
                by=self._state.account(author),
                labels=[*known, *labels],
                kind=kind,
            )
            return issue.number

    def edit_issue(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        by: str | None = None,
        repository: Where = None,
    ) -> None:
        """Change an issue's title or body, as its author unless said otherwise."""
        with self._desk.lock:
            edit = self._edit(number, by or self.issue(number, repository=repository).author.login, repository)
            if title is not None:
                edit.title(title)
            if body is not None:
                edit.body(body)

    def add_label(self, number: int, name: str, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Put a label on an issue."""
        with self._desk.lock:
            self._edit(number, by, repository).add_labels([name])

    def remove_label(self, number: int, name: str, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Take a label off an issue."""
        with self._desk.lock:
            self._edit(number, by, repository).remove_label(name)

    def set_type(self, number: int, name: str | None, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Give an issue a native type, or none."""
        with self._desk.lock:
            kind = self._issue_type(self.repository(repository), name) if name else None
            self._edit(number, by, repository).set_type(kind)

    def assign(self, number: int, login: str, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Assign an issue to somebody."""
        with self._desk.lock:
            self._edit(number, by, repository).assign([self._state.account(login)])

    def close_issue(
        self, number: int, *, by: str = MAINTAINER, reason: str = "completed", repository: Where = None
    ) -> None:
        """Close an issue."""
        with self._desk.lock:
            self._edit(number, by, repository).close(reason)

    def reopen_issue(self, number: int, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Open an issue again."""
        with self._desk.lock:
            self._edit(number, by, repository).reopen()

    def pin_issue(self, number: int, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Pin an issue."""
        with self._desk.lock:
            self._edit(number, by, repository).pin()

    def lock_issue(self, number: int, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Lock an issue."""
        with self._desk.lock:
            self._edit(number, by, repository).lock()

    def convert_issue(self, number: int, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Make an issue a discussion."""
        with self._desk.lock:
            self._edit(number, by, repository).convert_to_discussion()

    def delete_issue(self, number: int, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Delete an issue: from then on GitHub answers 410 for it."""
        with self._desk.lock:
            self._edit(number, by, repository).delete()

    def transfer_issue(self, number: int, *, to: Where, by: str = MAINTAINER, repository: Where = None) -> int:
        """Move an issue to another repository and return its number there."""
        with self._desk.lock:
            return self._edit(number, by, repository).transfer(self.repository(to)).number

    def comment(self, number: int, text: str, *, by: str, repository: Where = None) -> int:
        """Write a comment and return its id."""
        with self._desk.lock:
            found, issue = self.repository(repository), self.issue(number, repository=repository)
            author = self._state.account(by)
            return commenting.add_comment(self._state, found, issue=issue, body=text, by=author).id

    def edit_comment(
        self, number: int, comment_id: int, text: str, *, by: str | None = None, repository: Where = None
    ) -> None:
        """Give a comment another text, as its author unless said otherwise."""
        with self._desk.lock:
            issue, comment = self._comment(number, comment_id, repository)
            author = self._state.account(by) if by else comment.author
            commenting.edit_comment(
                self._state, self.repository(repository), issue=issue, comment=comment, body=text, by=author
            )

    def delete_comment(self, number: int, comment_id: int, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Delete a comment."""
        with self._desk.lock:
            issue, comment = self._comment(number, comment_id, repository)
            author = self._state.account(by)
            commenting.delete_comment(self._state, self.repository(repository), issue=issue, comment=comment, by=author)

    # -- what can be seen --------------------------------------------------------------------------------------------

    def issue(self, number: int, *, repository: Where = None) -> Issue:
        """Return an issue or pull request as the state holds it."""
        return self.repository(repository).issues[number]

    def labels(self, number: int, *, repository: Where = None) -> set[str]:
        """Return the names of the labels on an issue."""
        with self._desk.lock:
            return {label.name for label in self.issue(number, repository=repository).labels}

    def issue_type(self, number: int, *, repository: Where = None) -> str | None:
        """Return the name of an issue's native type."""
        kind = self.issue(number, repository=repository).type
        return kind.name if kind else None

    def comments(self, number: int, *, repository: Where = None) -> list[str]:
        """Return the texts of an issue's comments, oldest first."""
        with self._desk.lock:
            return [comment.body for comment in self.issue(number, repository=repository).comments]

    def bot_comments(self, number: int, *, repository: Where = None) -> list[str]:
        """Return the texts of the comments that the App wrote."""
        with self._desk.lock:
            return [each.body for each in self.issue(number, repository=repository).comments if each.by_app]

    def reactions(self, number: int, *, comment: int | None = None, repository: Where = None) -> list[tuple[str, str]]:
        """Return who reacted how to an issue, or to one of its comments, as (login, content)."""
        with self._desk.lock:
            issue = self.issue(number, repository=repository)
            found = issue.reactions if comment is None else self._comment(number, comment, repository)[1].reactions
            return [(reaction.author.login, reaction.content) for reaction in found]

    @property
    def requests(self) -> list[Request]:
        """Every request that the API was asked so far, oldest first."""
        with self._desk.lock:
            return list(self._desk.requests)

    def watch(self, watcher: Callable[[Seen], None]) -> None:
        """Show every exchange with the API to a watcher from now on; it runs in the server's thread."""
        self._desk.watchers.append(watcher)

    @property
    def deliveries(self) -> list[Delivery]:
        """The webhook deliveries of the last three days, newest first."""
        return self._desk.hooks.log()

    # -- time, weather, post -----------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The sandbox's time."""
        return self._state.clock.now()

    @property
    def faults(self) -> Faults:
        """What goes wrong, to be asked for."""
        return self._desk.faults

    @property
    def limits(self) -> Limits:
        """The rate limits in force."""
        return self._desk.limits

    def advance(self, **delta: float) -> datetime:
        """Move the clock forward, as in `advance(hours=25)`, and return the new time."""
        with self._desk.lock:
            return self._state.clock.advance(timedelta(**delta))

    def revoke_tokens(self) -> None:
        """Make every installation token worthless at once."""
        with self._desk.lock:
            self._desk.tokens.revoke_all()

    def ping(self) -> str:
        """Greet the receiver with a `ping` event and return its GUID."""
        with self._desk.lock:
            return self._desk.hooks.ping()

    def redeliver(self, guid: str) -> None:
        """Send the delivery with this GUID again."""
        found = next((delivery for delivery in self.deliveries if delivery.guid == guid), None)
        if found is None:
            raise LookupError(f"no delivery {guid} in the last three days")
        with self._desk.lock:
            self._desk.hooks.redeliver(found)

    def flush_deliveries(self, timeout: float = 15.0) -> None:
        """Wait until every webhook on its way has been sent; raise `TimeoutError` if that takes too long."""
        if not self._desk.hooks.flush(timeout):
            raise TimeoutError(f"webhooks still on their way after {timeout} s")

    def wait_for(self, claim: Callable[[], bool], *, timeout: float = 10.0) -> bool:
        """Look until the claim is true, and say whether it became so in time (real seconds)."""
        deadline = time.monotonic() + timeout
        while not (is_so := claim()) and time.monotonic() < deadline:
            time.sleep(0.02)  # the claim may be about another process: nothing here could wake us
        return is_so

    # -- inside ------------------------------------------------------------------------------------------------------

    def _edit(self, number: int, by: str, repository: Where) -> Edit:
        found = self.repository(repository)
        return Edit(self._state, found, found.issues[number], self._state.account(by))

    def _comment(self, number: int, comment_id: int, repository: Where) -> tuple[Issue, Comment]:
        issue = self.issue(number, repository=repository)
        return issue, next(comment for comment in issue.comments if comment.id == comment_id)

    def _issue_type(self, repository: Repository, name: str) -> IssueType:
        found = self._state.issue_type(repository, name)
        if found is None:
            raise LookupError(f"{repository.owner.login} has no issue type {name}")
        return found

    def _form(self, repository: Repository, name: str) -> Form:
        commit = repository.commit()
        text = commit.files.get(f".github/ISSUE_TEMPLATE/{name}") if commit else None
        if text is None:
            raise LookupError(f"{repository.full_name} has no issue form {name}")
        return read_form(text.decode())
