"""What a story can say about pull requests and checks: people open, push, merge; and what can be seen afterwards."""

from collections.abc import Mapping

from bot.sandbox import shapes
from bot.sandbox.actions import checks as checking
from bot.sandbox.actions import repositories as hosting
from bot.sandbox.stage import MAINTAINER, Stage, Where
from bot.sandbox.state import CheckRun, Issue, Pull


class Reviewing(Stage):
    """Pull requests and checks. Wherever `repository` is left out, the only one is meant."""

    def open_pull_request(  # noqa: PLR0913  the fields of GitHub's own page
        self,
        title: str,
        *,
        head: str,
        files: Mapping[str, str | None] | None,
        body: str | None = None,
        author: str = "ada",
        base: str | None = None,
        fork: bool = False,
        draft: bool = False,
        repository: Where = None,
    ) -> int:
        """Push files to a branch, of the author's own fork if asked, open a pull request from it, return its number.

        Without files the branch is taken as it is.
        """
        with self._desk.lock:
            found, by = self.repository(repository), self._state.account(author)
            source = hosting.fork_of(self._state, found, owner=by) if fork else found
            if files is not None:
                hosting.push(self._state, source, files=files, by=by, branch=head, message=title)
            issue = hosting.open_pull(
                self._state,
                found,
                title=title,
                body=body,
                by=by,
                head=head,
                base=base,
                fork=source if fork else None,
                draft=draft,
            )
            return issue.number

    def push_to(
        self, number: int, files: Mapping[str, str | None], *, by: str | None = None, repository: Where = None
    ) -> str:
        """Push files to a pull request's branch, wherever it is, as its author; return the new head's sha."""
        with self._desk.lock:
            found, (issue, pull) = self.repository(repository), self._pull(number, repository)
            author = self._state.account(by) if by else issue.author
            source = pull.head_repository or found
            return hosting.push(self._state, source, files=files, by=author, branch=pull.head_ref).sha

    def make_ready(self, number: int, *, by: str | None = None, repository: Where = None) -> None:
        """Mark a draft as ready for review, as its author."""
        with self._desk.lock:
            issue, _ = self._pull(number, repository)
            author = self._state.account(by) if by else issue.author
            hosting.make_ready(self._state, self.repository(repository), issue, by=author)

    def merge(self, number: int, *, by: str = MAINTAINER, repository: Where = None) -> str:
        """Merge a pull request and return the sha of the merge."""
        with self._desk.lock:
            found, (issue, pull) = self.repository(repository), self._pull(number, repository)
            return hosting.merge(self._state, found, issue, pull, by=self._state.account(by)).sha

    def rerequest_check(self, check_id: int, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Press "Re-run" on a check."""
        with self._desk.lock:
            found = self.repository(repository)
            checking.rerequest(self._state, found, found.checks[check_id], by=self._state.account(by))

    def press_button(self, check_id: int, identifier: str, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Press a button that a check shows."""
        with self._desk.lock:
            found, account = self.repository(repository), self._state.account(by)
            checking.request_action(self._state, found, found.checks[check_id], identifier=identifier, by=account)

    def pulls(self, *, repository: Where = None) -> list[Issue]:
        """Return all pull requests, open and closed, oldest first."""
        with self._desk.lock:
            return [issue for issue in self.repository(repository).issues.values() if issue.pull]

    def pull(self, number: int, *, repository: Where = None) -> Pull:
        """Return what a pull request has beyond an issue: its ends, whether it is merged."""
        return self._pull(number, repository)[1]

    def pull_files(self, number: int, *, repository: Where = None) -> dict[str, str | None]:
        """Return the files that a pull request changes, as they would be; `None` for one that it deletes."""
        with self._desk.lock:
            changed = shapes.changed_files(self.repository(repository), self._pull(number, repository)[1])
            return {path: None if after is None else after.decode() for path, (_, after) in changed.items()}

    def checks(self, sha: str, *, repository: Where = None) -> list[CheckRun]:
        """Return the check runs of a commit, oldest first."""
        with self._desk.lock:
            return [run for run in self.repository(repository).checks.values() if run.head_sha == sha]

    def _pull(self, number: int, repository: Where) -> tuple[Issue, Pull]:
        issue = self.repository(repository).issues[number]
        if issue.pull is None:
            raise LookupError(f"#{number} is not a pull request")
        return issue, issue.pull
