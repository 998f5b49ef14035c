"""What a story can say about GitHub Actions and merge queues: workflows run, hand over files, and run again."""

from collections.abc import Mapping

from bot.sandbox.actions import checks as checking
from bot.sandbox.actions import runs as running
from bot.sandbox.actions.commits import test_merge
from bot.sandbox.ci import Conclusion, Head, MergeGroup, WorkflowRun, zipped
from bot.sandbox.reviewing import Reviewing
from bot.sandbox.stage import MAINTAINER, Where

#: What a run hands over: files by name, which GitHub zips, or a zip of somebody's own making.
Handed = Mapping[str, Mapping[str, bytes] | bytes]


class Building(Reviewing):
    """Workflow runs and merge groups. Wherever `repository` is left out, the only one is meant."""

    def start_workflow(
        self, number: int, path: str, *, event: str = "pull_request", repository: Where = None
    ) -> WorkflowRun:
        """Begin a run of a workflow on a pull request's head."""
        with self._desk.lock:
            found, (issue, pull) = self.repository(repository), self._pull(number, repository)
            return running.start_run(
                self._state,
                found,
                path=path,
                event=event,
                head=Head(pull.head_sha, pull.head_ref, pull.head_repository or found),
                by=issue.author,
            )

    def finish_workflow(
        self, run: WorkflowRun, artifacts: Handed, *, conclusion: Conclusion = "success", repository: Where = None
    ) -> None:
        """Let a run hand over its artifacts, and end it."""
        with self._desk.lock:
            zips = {name: made if isinstance(made, bytes) else zipped(made) for name, made in artifacts.items()}
            running.hand_over(self._state, run, zips)
            running.finish_run(self._state, self.repository(repository), run, conclusion)

    def run_workflow(
        self,
        number: int,
        path: str,
        artifacts: Handed,
        *,
        conclusion: Conclusion = "success",
        repository: Where = None,
    ) -> WorkflowRun:
        """Run a workflow on a pull request's head from beginning to end."""
        run = self.start_workflow(number, path, repository=repository)
        self.finish_workflow(run, artifacts, conclusion=conclusion, repository=repository)
        return run

    def rerun_workflow(self, run: WorkflowRun, *, repository: Where = None) -> None:
        """Press "Re-run all jobs" on a run: its next attempt begins."""
        with self._desk.lock:
            running.rerun(self._state, self.repository(repository), run)

    def merge_ref(self, number: int, *, repository: Where = None) -> str | None:
        """Return what `refs/pull/N/merge` leads to; None where there is a conflict."""
        with self._desk.lock:
            found, (issue, _) = self.repository(repository), self._pull(number, repository)
            merged = test_merge(self._state, found, issue)
            return merged.sha if merged else None

    def queue(
        self, *numbers: int, after: MergeGroup | None = None, by: str = MAINTAINER, repository: Where = None
    ) -> MergeGroup:
        """Let a merge queue put pull requests together and ask for the checks of that."""
        with self._desk.lock:
            issues = tuple(self._pull(number, repository)[0] for number in numbers)
            account = self._state.account(by)
            return running.queue_group(self._state, self.repository(repository), issues, by=account, after=after)

    def run_workflow_of_group(
        self, group: MergeGroup, path: str, artifacts: Handed, *, repository: Where = None
    ) -> WorkflowRun:
        """Run a workflow on what a merge queue put together."""
        branch = group.head_ref.removeprefix("refs/heads/")
        return self._run_on_branch(branch, group.head_sha, "merge_group", path, artifacts, repository)

    def run_workflow_of_push(
        self, path: str, artifacts: Handed, *, branch: str = "main", repository: Where = None
    ) -> WorkflowRun:
        """Run a workflow on the tip of a branch, as after a push to it."""
        tip = self.repository(repository).branches[branch]
        return self._run_on_branch(branch, tip, "push", path, artifacts, repository)

    def _run_on_branch(
        self, branch: str, sha: str, event: str, path: str, artifacts: Handed, repository: Where
    ) -> WorkflowRun:
        with self._desk.lock:
            found, by = self.repository(repository), self._state.account(MAINTAINER)
            head = Head(sha, branch, found)
            run = running.start_run(self._state, found, path=path, event=event, head=head, by=by)
        self.finish_workflow(run, artifacts, repository=repository)
        return run

    def leave_queue(self, group: MergeGroup, *, reason: str = "dequeued", repository: Where = None) -> None:
        """Take a group from the merge queue: `merged`, `invalidated` or `dequeued`."""
        with self._desk.lock:
            by = self._state.account(MAINTAINER)
            running.destroy_group(self._state, self.repository(repository), group, by=by, reason=reason)

    def rerequest_suite(self, sha: str, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Press "Re-run all checks" on a commit."""
        with self._desk.lock:
            found = self.repository(repository)
            checking.rerequest_suite(self._state, found, found.suites[sha], by=self._state.account(by))
