"""Creating, renaming and pushing to repositories, and opening pull requests."""

import hashlib
from collections.abc import Mapping

from bot.sandbox.actions.labels import add_default_labels
from bot.sandbox.state import Account, Commit, Happening, Issue, Pull, Repository, State

NO_SHA = "0" * 40


def create_repository(
    state: State,
    owner: Account,
    *,
    name: str,
    files: Mapping[str, str],
    private: bool = False,
    fixed_id: int | None = None,
) -> Repository:
    """Create a repository with one commit that holds these files."""
    now = state.clock.now()
    repository = Repository(fixed_id or state.next_small_id(), owner, name, now, now, private)
    state.repositories[repository.id] = repository
    add_default_labels(state, repository)
    tree = {path: text.encode() for path, text in files.items()}
    first = _commit(state, repository, tree=tree, message="Initial commit", by=owner)
    repository.branches[repository.default_branch] = first.sha
    return repository


def rename_repository(state: State, repository: Repository, *, name: str, by: Account) -> None:
    """Rename a repository; its old name leads to it from then on."""
    before, repository.name = repository.name, name
    state.old_names[f"{repository.owner.login}/{before}".lower()] = repository.id
    changes = {"repository": {"name": {"from": before}}}
    state.tell(Happening("repository", "renamed", by, repository, extra={"changes": changes}))


def push(
    state: State,
    repository: Repository,
    *,
    files: Mapping[str, str | None],
    by: Account,
    branch: str | None = None,
    message: str = "Update",
) -> Commit:
    """Commit files to a branch (`None` deletes one) and tell it; a new branch starts at the default one."""
    branch = branch or repository.default_branch
    before = repository.branches.get(branch, NO_SHA)
    parent = repository.commit(branch) or repository.commit()
    old = dict(parent.files) if parent else {}
    new = {path: text.encode() for path, text in files.items() if text is not None}
    tree = {path: data for path, data in {**old, **new}.items() if files.get(path, "") is not None}
    made = _commit(state, repository, tree=tree, message=message, by=by, parent=parent.sha if parent else None)
    repository.branches[branch] = made.sha
    repository.pushed_at = made.at
    extra = {"ref": f"refs/heads/{branch}", "before": before, "commit": made, "old": old}
    state.tell(Happening("push", None, by, repository, extra=extra))
    _synchronize(state, repository, branch=branch, before=before, by=by)
    return made


def open_pull(state: State, repository: Repository, *, title: str, body: str | None, by: Account, head: str) -> Issue:
    """Open a pull request from a branch of the repository to its default branch."""
    now, base = state.clock.now(), repository.default_branch
    pull = Pull(state.next_id(), head, repository.branches[head], base, repository.branches[base])
    issue = Issue(state.next_id(), repository.next_number(), title, body, by, now, now, pull=pull)
    repository.issues[issue.number] = issue
    _tell_pull(state, repository, issue=issue, action="opened", by=by)
    return issue


def _commit(
    state: State,
    repository: Repository,
    *,
    tree: Mapping[str, bytes],
    message: str,
    by: Account,
    parent: str | None = None,
) -> Commit:
    name = f"{repository.id} {parent} {message} {sorted(tree.items())} {state.next_id()}"
    sha = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    made = Commit(sha, message, by, state.clock.now(), tree, parent)
    repository.commits[sha] = made
    return made


def _synchronize(state: State, repository: Repository, *, branch: str, before: str, by: Account) -> None:
    for issue in repository.issues.values():
        if issue.pull and issue.state == "open" and issue.pull.head_ref == branch:
            issue.pull.head_sha = repository.branches[branch]
            issue.updated_at = state.clock.now()
            _tell_pull(
                state, repository, issue=issue, action="synchronize", by=by, before=before, after=issue.pull.head_sha
            )


def _tell_pull(
    state: State, repository: Repository, *, issue: Issue, action: str, by: Account, **extra: object
) -> None:
    about = {"pull_request": issue, "number": issue.number, **extra}
    state.tell(Happening("pull_request", action, by, repository, extra=about))
