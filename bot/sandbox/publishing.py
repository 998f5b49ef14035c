"""What a story can say about releases: tags, statuses, milestones, deployments that wait; and what Reeve did of it."""

from bot.sandbox.actions import checks as checking
from bot.sandbox.actions import publishing
from bot.sandbox.actions.issues import Edit
from bot.sandbox.building import Building
from bot.sandbox.ci import Head, WorkflowRun
from bot.sandbox.published import Answer, Deployment, Release, StatusState
from bot.sandbox.stage import MAINTAINER, Where

DEPLOYING = ".github/workflows/publish.yml"


class Publishing(Building):
    """Releases and what leads to them. Wherever `repository` is left out, the only one is meant."""

    def create_tag(
        self, name: str, sha: str, *, message: str | None = None, by: str = MAINTAINER, repository: Where = None
    ) -> None:
        """Push a tag; with a message it is an object of its own."""
        with self._desk.lock:
            found, account = self.repository(repository), self._state.account(by)
            publishing.create_tag(self._state, found, name=name, sha=sha, by=account, message=message)

    def publish_release(
        self, tag: str, *, name: str = "", body: str = "", by: str = MAINTAINER, repository: Where = None
    ) -> Release:
        """Publish a release, and with it its tag at the head of the default branch where there is none."""
        with self._desk.lock:
            found, account = self.repository(repository), self._state.account(by)
            return publishing.publish(self._state, found, tag=tag, name=name or tag, body=body, by=account)

    def set_status(
        self, sha: str, context: str, state: StatusState, *, url: str = "", by: str = "ci", repository: Where = None
    ) -> None:
        """Say something of a commit, as a CI system that makes no check runs."""
        with self._desk.lock:
            found, account = self.repository(repository), self._state.account(by)
            publishing.set_status(self._state, found, sha=sha, context=context, said=state, url=url, by=account)

    def report_check(self, sha: str, name: str, conclusion: str | None, *, repository: Where = None) -> int:
        """Let a job of GitHub Actions on a commit end like this, or (None) still run; return its check's id."""
        with self._desk.lock:
            found = self.repository(repository)
            return checking.report_check(self._state, found, head_sha=sha, name=name, conclusion=conclusion).id

    def create_milestone(self, title: str, *, by: str = MAINTAINER, repository: Where = None) -> int:
        """Make a milestone and return its number."""
        with self._desk.lock:
            found = self.repository(repository)
            return publishing.add_milestone(self._state, found, title=title, by=self._state.account(by)).number

    def set_milestone(self, number: int, title: str | None, *, by: str = MAINTAINER, repository: Where = None) -> None:
        """Put an issue into a milestone, or (None) into none."""
        with self._desk.lock:
            found = self.repository(repository)
            known = {each.title: each for each in found.published.milestones.values()}
            edit = Edit(self._state, found, found.issues[number], self._state.account(by))
            edit.set_milestone(None if title is None else known[title])

    def ask_to_deploy(
        self,
        environment: str,
        *,
        sha: str,
        ref: str = "main",
        run: WorkflowRun | None = None,
        by: str = MAINTAINER,
        repository: Where = None,
    ) -> Deployment:
        """Let a run, a new one of `publish.yml` unless it is given, wait for an answer whether it may deploy."""
        with self._desk.lock:
            found, account = self.repository(repository), self._state.account(by)
            if run is not None:
                asked = {"environment": environment, "sha": sha, "ref": ref}
                return publishing.ask_to_deploy(self._state, found, run=run, **asked)
            return publishing.begin_deployment(
                self._state,
                found,
                environment=environment,
                path=DEPLOYING,
                head=Head(sha, ref, found),
                by=account,
            )

    def hide_run_details(self) -> None:
        """Answer a start by hand without the run that it made, as servers did before 2026."""
        self._state.tells_runs = False

    # -- what can be seen --------------------------------------------------------------------------------------------

    def dispatches(self, *, repository: Where = None) -> list[WorkflowRun]:
        """Return the runs that were started by hand, oldest first; each shows its `inputs`."""
        with self._desk.lock:
            runs = self.repository(repository).runs.values()
            return [run for run in runs if run.event == "workflow_dispatch"]

    def tags(self, *, repository: Where = None) -> dict[str, str]:
        """Return the tags and the commits that they lead to."""
        with self._desk.lock:
            published = self.repository(repository).published
            return {name: published.commit_of(name) or "" for name in published.tags}

    def releases(self, *, repository: Where = None) -> list[Release]:
        """Return the releases, oldest first."""
        with self._desk.lock:
            return list(self.repository(repository).published.releases.values())

    def deployment_answers(self, *, repository: Where = None) -> list[Answer]:
        """Return what was said to runs that asked whether they may deploy, oldest question first."""
        with self._desk.lock:
            asked = self.repository(repository).published.deployments
            return [answer for each in asked for answer in each.answers]
