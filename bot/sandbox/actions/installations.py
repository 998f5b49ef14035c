"""Installing, changing, suspending and removing the App."""

from collections.abc import Iterable

from bot.sandbox.state import Account, Happening, Installation, Repository, State


def install(
    state: State,
    account: Account,
    *,
    repositories: Iterable[Repository] | None,
    by: Account,
    fixed_id: int | None = None,
) -> Installation:
    """Install the App on an account, for all of its repositories or for the chosen ones."""
    chosen = None if repositories is None else {repository.id for repository in repositories}
    rights = dict(state.app.permissions)
    installation = Installation(fixed_id or state.next_small_id(), account, state.clock.now(), rights, chosen)
    state.installations[installation.id] = installation
    _tell(state, installation, action="created", by=by, repositories=state.repositories_of(installation))
    return installation


def add_repository(state: State, installation: Installation, *, repository: Repository, by: Account) -> None:
    """Let an existing installation reach one more repository."""
    if installation.repository_ids is not None and repository.id not in installation.repository_ids:
        installation.repository_ids.add(repository.id)
        tell_repositories(state, installation, action="added", by=by, added=[repository])


def remove_repository(state: State, installation: Installation, *, repository: Repository, by: Account) -> None:
    """Take one repository from an installation."""
    reached = {each.id for each in state.repositories_of(installation)}
    installation.repository_ids = reached - {repository.id}
    tell_repositories(state, installation, action="removed", by=by, removed=[repository])


def suspend(state: State, installation: Installation, *, by: Account) -> None:
    """Suspend an installation: its tokens stop working and its repositories' events stop coming."""
    installation.suspended_at, installation.suspended_by = state.clock.now(), by
    _tell(state, installation, action="suspend", by=by, repositories=state.repositories_of(installation))


def unsuspend(state: State, installation: Installation, *, by: Account) -> None:
    """Let a suspended installation work again."""
    installation.suspended_at = installation.suspended_by = None
    _tell(state, installation, action="unsuspend", by=by, repositories=state.repositories_of(installation))


def uninstall(state: State, installation: Installation, *, by: Account) -> None:
    """Remove the App from an account."""
    reached = state.repositories_of(installation)
    del state.installations[installation.id]
    _tell(state, installation, action="deleted", by=by, repositories=reached)


def _tell(
    state: State, installation: Installation, *, action: str, by: Account, repositories: list[Repository]
) -> None:
    extra = {"repositories": repositories}
    state.tell(Happening("installation", action, by, installation=installation, extra=extra))


def tell_repositories(
    state: State,
    installation: Installation,
    *,
    action: str,
    by: Account,
    added: Iterable[Repository] = (),
    removed: Iterable[Repository] = (),
) -> None:
    """Tell an installation which repositories it reaches anew, or no more."""
    selection = "all" if installation.repository_ids is None else "selected"
    extra = {
        "repositories_added": list(added),
        "repositories_removed": list(removed),
        "repository_selection": selection,
        "requester": None,
    }
    state.tell(Happening("installation_repositories", action, by, installation=installation, extra=extra))
