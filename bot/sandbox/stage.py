"""Setting the stage of a story: repositories, where the App is installed, who may do what, what is pushed."""

from collections.abc import Iterable, Mapping

from bot.sandbox.actions import installations as installing
from bot.sandbox.actions import repositories as hosting
from bot.sandbox.actions import transfers as moving
from bot.sandbox.desk import Desk
from bot.sandbox.state import ROLES, Environment, Installation, IssueType, Repository, Required, State, Team

Where = str | Repository | None
MAINTAINER = "maintainer"


class Stage:
    """What a story needs before people act. Wherever `repository` is left out, the only one is meant."""

    def __init__(self, desk: Desk) -> None:
        """Tell stories on this desk."""
        self._desk = desk

    def create_repository(
        self,
        full_name: str,
        *,
        organization: bool = True,
        issue_types: Iterable[str] = (),
        files: Mapping[str, str] | None = None,
        private: bool = False,
        fixed_id: int | None = None,
    ) -> Repository:
        """Create a repository with GitHub's default labels; `maintainer` gets the role of that name."""
        login, _, name = full_name.partition("/")
        with self._desk.lock:
            owner = self._state.account(login, kind="Organization" if organization else "User")
            repository = hosting.create_repository(
                self._state, owner, name=name, files=files or {}, private=private, fixed_id=fixed_id
            )
            self._add_issue_types(login, issue_types)
            self._state.account(MAINTAINER)
            repository.roles[MAINTAINER] = "maintain"
            return repository

    def create_team(self, name: str, *, members: Iterable[str] = ()) -> None:
        """Give an organisation a team, named as in `acme/maintainers`."""
        login, _, slug = name.partition("/")
        with self._desk.lock:
            self._state.account(login, kind="Organization")
            people = tuple(self._state.account(each) for each in members)
            made = Team(self._state.next_small_id(), slug, self._state.clock.now(), people)
            self._state.teams[login.lower(), slug.lower()] = made

    def create_environment(self, name: str, *, protectors: tuple[int, ...] = (), repository: Where = None) -> None:
        """Give a repository a deployment environment; these Apps are its protection rules."""
        with self._desk.lock:
            made = Environment(self._state.next_small_id(), name, self._state.clock.now(), protectors)
            self.repository(repository).environments.append(made)

    def install(self, *repositories: Where, fixed_id: int | None = None) -> Installation:
        """Install the App on the repositories' owner for just these, or let its installation reach them too."""
        with self._desk.lock:
            chosen = [self.repository(each) for each in repositories or (None,)]
            owner = chosen[0].owner
            found = next((i for i in self._state.installations.values() if i.account is owner), None)
            by = self._state.account(MAINTAINER)
            if found is None:
                return installing.install(self._state, owner, repositories=chosen, by=by, fixed_id=fixed_id)
            for repository in chosen:
                installing.add_repository(self._state, found, repository=repository, by=by)
            return found

    def install_everywhere(self, login: str) -> Installation:
        """Install the App on an account for all of its repositories, those to come included."""
        with self._desk.lock:
            by = self._state.account(MAINTAINER)
            return installing.install(self._state, self._state.account(login), repositories=None, by=by)

    def remove_from_installation(self, repository: Where = None) -> None:
        """Take a repository from its installation."""
        with self._desk.lock:
            installation = self.installation(repository)
            by = self._state.account(MAINTAINER)
            installing.remove_repository(self._state, installation, repository=self.repository(repository), by=by)

    def suspend(self, repository: Where = None) -> None:
        """Suspend the installation that reaches a repository."""
        with self._desk.lock:
            installing.suspend(self._state, self.installation(repository), by=self._state.account(MAINTAINER))

    def unsuspend(self, repository: Where = None) -> None:
        """Let a suspended installation work again."""
        with self._desk.lock:
            installing.unsuspend(self._state, self.installation(repository), by=self._state.account(MAINTAINER))

    def uninstall(self, repository: Where = None) -> None:
        """Remove the App from the owner of a repository."""
        with self._desk.lock:
            installing.uninstall(self._state, self.installation(repository), by=self._state.account(MAINTAINER))

    def set_permission(self, login: str, role: str, *, repository: Where = None) -> None:
        """Give an account a role in a repository: none, read, triage, write, maintain or admin."""
        if role not in ROLES:
            raise ValueError(f"{role} is not a role; GitHub knows {', '.join(ROLES)}")
        with self._desk.lock:
            self._state.account(login)
            self.repository(repository).roles[login.lower()] = role

    def rename_repository(self, name: str, *, repository: Where = None, by: str = MAINTAINER) -> None:
        """Rename a repository."""
        with self._desk.lock:
            found = self.repository(repository)
            hosting.rename_repository(self._state, found, name=name, by=self._state.account(by))

    def transfer_repository(
        self, to: str, *, organization: bool = True, repository: Where = None, by: str = MAINTAINER
    ) -> None:
        """Give a repository to another account."""
        with self._desk.lock:
            owner = self._state.account(to, kind="Organization" if organization else "User")
            found, sender = self.repository(repository), self._state.account(by)
            moving.transfer_repository(self._state, found, to=owner, by=sender)

    def require_check(
        self,
        context: str = "reeve",
        *,
        app_id: int | None = None,
        branch: str = "main",
        by_ruleset: bool = True,
        repository: Where = None,
    ) -> None:
        """Require a check on a branch, from one App or from anybody, by a ruleset or by branch protection."""
        with self._desk.lock:
            self.repository(repository).required.append(Required(branch, context, app_id, by_ruleset))

    def delete_repository(self, *, repository: Where = None, by: str = MAINTAINER) -> None:
        """Delete a repository for good."""
        with self._desk.lock:
            hosting.delete_repository(self._state, self.repository(repository), by=self._state.account(by))

    def push_file(
        self, path: str, text: str | None, *, branch: str | None = None, by: str = MAINTAINER, repository: Where = None
    ) -> str:
        """Commit one file (`None` deletes it) to a branch, the default one unless named; return the commit's sha."""
        with self._desk.lock:
            found, author = self.repository(repository), self._state.account(by)
            message = f"{'Update' if text is not None else 'Delete'} {path}"
            pushed = hosting.push(self._state, found, files={path: text}, by=author, branch=branch, message=message)
            return pushed.sha

    def repository(self, where: Where = None) -> Repository:
        """Return a repository by name, or the only one."""
        if isinstance(where, Repository):
            return where
        with self._desk.lock:
            known = [each for each in self._state.repositories.values() if each.parent is None]
            found = self._state.repository(where) if where else known[0] if len(known) == 1 else None
        if found is None:
            raise LookupError(f"no repository {where}" if where else "say which repository: there is not just one")
        return found

    def installation(self, repository: Where = None) -> Installation:
        """Return the installation that reaches a repository."""
        with self._desk.lock:
            found = self._state.installation_of(self.repository(repository))
        if found is None:
            raise LookupError("the App is not installed there")
        return found

    @property
    def _state(self) -> State:
        return self._desk.state

    def _add_issue_types(self, login: str, names: Iterable[str]) -> None:
        types = self._state.issue_types.setdefault(login.lower(), [])
        known = {each.name for each in types}
        now = self._state.clock.now()
        types += [IssueType(self._state.next_small_id(), name, now) for name in names if name not in known]
