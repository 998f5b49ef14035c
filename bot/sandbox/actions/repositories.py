"""Creating, renaming, forking and pushing to repositories, and what becomes of pull requests."""

from collections.abc import Mapping

from bot.sandbox.actions.commits import make_commit, test_merge
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
    first = make_commit(state, repository, tree=tree, message="Initial commit", by=owner)
    repository.branches[repository.default_branch] = first.sha
    return repository


def rename_repository(state: State, repository: Repository, *, name: str, by: Account) -> None:
    """Rename a repository; its old name leads to it from then on."""
    before, repository.name = repository.name, name
    state.old_names[f"{repository.owner.login}/{before}".lower()] = repository.id
    changes = {"repository": {"name": {"from": before}}}
    state.tell(Happening("repository", "renamed", by, repository, extra={"changes": changes}))


def delete_repository(state: State, repository: Repository, *, by: Account) -> None:
    """Delete a repository; it is told while its installation still reaches it."""
    state.tell(Happening("repository", "deleted", by, repository))
    del state.repositories[repository.id]


def fork_of(state: State, repository: Repository, *, owner: Account) -> Repository:
    """Return somebody's fork of a repository, made on first use."""
    known = state.repository(f"{owner.login}/{repository.name}")
    if known is not None:
        return known
    now = state.clock.now()
    fork = Repository(state.next_small_id(), owner, repository.name, now, now, repository.private, parent=repository)
    fork.commits, fork.branches = dict(repository.commits), dict(repository.branches)
    fork.default_branch = repository.default_branch
    state.repositories[fork.id] = fork
    return fork


def create_branch(state: State, repository: Repository, *, name: str, sha: str, by: Account) -> None:
    """Make a branch at a commit that is there."""
    repository.branches[name] = sha
    made = repository.commits[sha]
    extra = {"ref": f"refs/heads/{name}", "before": NO_SHA, "commit": made, "old": dict(made.files)}
    state.tell(Happening("push", None, by, repository, extra={**extra, "is_only_a_ref": True}))


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
    parent = repository.commit(branch) or repository.commit()
    old = dict(parent.files) if parent else {}
    new = {path: text.encode() for path, text in files.items() if text is not None}
    tree = {path: data for path, data in {**old, **new}.items() if files.get(path, "") is not None}
    parents = (parent.sha,) if parent else ()
    made = make_commit(state, repository, tree=tree, message=message, by=by, parents=parents)
    move_branch(state, repository, branch=branch, to=made, by=by)
    return made


def move_branch(state: State, repository: Repository, *, branch: str, to: Commit, by: Account) -> None:
    """Let a branch lead to this commit, and tell it to those who listen and to its pull requests."""
    before = repository.branches.get(branch, NO_SHA)
    known = repository.commits.get(before) or repository.commit()
    repository.branches[branch] = to.sha
    repository.pushed_at = state.clock.now()
    old = dict(known.files) if known else {}
    extra = {"ref": f"refs/heads/{branch}", "before": before, "commit": to, "old": old}
    state.tell(Happening("push", None, by, repository, extra=extra))
    _synchronize(state, repository, branch=branch, before=before, by=by)


def open_pull(  # noqa: PLR0913  the fields of GitHub's own page
    state: State,
    repository: Repository,
    *,
    title: str,
    body: str | None,
    by: Account,
    head: str,
    base: str | None = None,
    fork: Repository | None = None,
    draft: bool = False,
) -> Issue:
    """Open a pull request from a branch, of the repository or of a fork, to the default branch unless one is named."""
    now, source = state.clock.now(), fork or repository
    base = base or repository.default_branch
    sha = source.branches[head]
    repository.commits.setdefault(sha, source.commits[sha])  # as `refs/pull/N/head` does
    pull = Pull(state.next_id(), head, sha, base, repository.branches[base], draft=draft, head_repository=fork)
    issue = Issue(state.next_id(), repository.next_number(), title, body, by, now, now, pull=pull)
    issue.by_app = by is state.app.bot
    repository.issues[issue.number] = issue
    _tell_pull(state, repository, issue=issue, action="opened", by=by)
    return issue


def make_ready(state: State, repository: Repository, issue: Issue, *, by: Account) -> None:
    """Mark a draft as ready for review."""
    if issue.pull and issue.pull.draft:
        issue.pull.draft = False
        issue.updated_at = state.clock.now()
        _tell_pull(state, repository, issue=issue, action="ready_for_review", by=by)


def merge(state: State, repository: Repository, issue: Issue, pull: Pull, *, by: Account) -> Commit:
    """Merge a pull request: what merging it gives becomes its base branch, and it is closed."""
    tried = test_merge(state, repository, issue)
    if tried is None:
        raise ValueError(f"#{issue.number} cannot be merged: it is closed, or there is a conflict")
    message = f"Merge pull request #{issue.number}"
    made = make_commit(state, repository, tree=tried.files, message=message, by=by, parents=tried.parents)
    move_branch(state, repository, branch=pull.base_ref, to=made, by=by)
    now = state.clock.now()
    pull.merged_at, pull.merged_by, pull.merge_sha = now, by, made.sha
    issue.state, issue.closed_at, issue.closed_by, issue.updated_at = "closed", now, by, now
    _tell_pull(state, repository, issue=issue, action="closed", by=by)
    return made


def _synchronize(state: State, pushed: Repository, *, branch: str, before: str, by: Account) -> None:
    repository = pushed.parent or pushed
    for issue in repository.issues.values():
        pull = issue.pull
        is_from_here = pull is not None and (pull.head_repository or repository) is pushed and pull.head_ref == branch
        if pull is not None and is_from_here and issue.state == "open":
            pull.head_sha = pushed.branches[branch]
            repository.commits.setdefault(pull.head_sha, pushed.commits[pull.head_sha])
            issue.updated_at = state.clock.now()
            more = {"before": before, "after": pull.head_sha}
            _tell_pull(state, repository, issue=issue, action="synchronize", by=by, **more)


def _tell_pull(
    state: State, repository: Repository, *, issue: Issue, action: str, by: Account, **extra: object
) -> None:
    about = {"pull_request": issue, "number": issue.number, **extra}
    state.tell(Happening("pull_request", action, by, repository, extra=about))
