"""Repositories that change hands."""

from bot.sandbox.actions.installations import tell_repositories
from bot.sandbox.state import Account, Happening, Repository, State


def transfer_repository(state: State, repository: Repository, *, to: Account, by: Account) -> None:
    """Give a repository to another account: the old name leads to it from then on.

    The former owner's installation hears that it lost it; the new owner's, if it reaches it, who had it before.
    """
    installation, before = state.installation_of(repository), repository.owner
    state.old_names[repository.full_name.lower()] = repository.id
    repository.owner = to
    if installation is not None:
        if installation.repository_ids is not None:
            installation.repository_ids.discard(repository.id)
        tell_repositories(state, installation, action="removed", by=by, removed=[repository])
    changes = {"owner": {"from": {"user": before}}}
    state.tell(Happening("repository", "transferred", by, repository, extra={"changes": changes}))
