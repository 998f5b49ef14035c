"""Commits: made with git's own ids, found in a repository and its forks, and merged with one another."""

from collections.abc import Iterator, Mapping

from bot.sandbox.objects import commit_object, tree_sha
from bot.sandbox.state import Account, Commit, Issue, Repository, State


def make_commit(
    state: State,
    repository: Repository,
    *,
    tree: Mapping[str, bytes],
    message: str,
    by: Account,
    parents: tuple[str, ...] = (),
) -> Commit:
    """Add a commit to a repository; no branch leads to it yet."""
    now, root = state.clock.now(), tree_sha(tree)
    made = commit_object(tree=root, parents=parents, who=by.login, at=now, message=message)
    return repository.commits.setdefault(made.sha, Commit(made.sha, message, by, now, tree, root, parents))


def commits_of(state: State, repository: Repository) -> dict[str, Commit]:
    """Return every commit of a repository and of its forks: as on GitHub, they share one store."""
    root = repository.parent or repository
    network = [each for each in state.repositories.values() if root in {each, each.parent}]
    return {sha: commit for each in network for sha, commit in each.commits.items()}


def ancestors(commits: Mapping[str, Commit], sha: str) -> Iterator[str]:
    """Give a commit and what came before it, the nearest first."""
    seen, following = {sha}, [sha]
    while following:
        current = following.pop(0)
        yield current
        new = [each for each in commits[current].parents if each not in seen and each in commits]
        seen.update(new)
        following += new


def merge_base(commits: Mapping[str, Commit], one: str, other: str) -> str | None:
    """Return the nearest commit that both have behind them."""
    theirs = set(ancestors(commits, other))
    return next((sha for sha in ancestors(commits, one) if sha in theirs), None)


def merged_files(
    base: Mapping[str, bytes], ours: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> dict[str, bytes] | None:
    """Return a tree with the changes of both sides, file by file; None where both changed one differently."""
    merged = dict(ours)
    for path in base.keys() | theirs.keys():
        before, after, here = base.get(path), theirs.get(path), ours.get(path)
        if after in (before, here):
            continue
        if here != before:
            return None
        if after is None:
            del merged[path]
        else:
            merged[path] = after
    return merged


def test_merge(state: State, repository: Repository, issue: Issue) -> Commit | None:
    """Return what merging a pull request would give, as `refs/pull/N/merge` leads to; None where there is a conflict.

    It is made anew when either end has moved.
    """
    pull = issue.pull
    base = repository.branches.get(pull.base_ref) if pull else None
    if pull is None or base is None or issue.state == "closed":
        return None
    if pull.test_merge is not None and pull.test_merge[:2] == (base, pull.head_sha):
        return pull.test_merge[2]
    made = _merge(state, repository, issue, base, pull.head_sha)
    if made is not None:
        pull.test_merge = (base, pull.head_sha, made)
    return made


def _merge(state: State, repository: Repository, issue: Issue, base: str, head: str) -> Commit | None:
    commits = commits_of(state, repository)
    fork = merge_base(commits, base, head)
    before = commits[fork].files if fork else {}
    files = merged_files(before, commits[base].files, commits[head].files)
    if files is None:
        return None
    message = f"Merge {head} into {base}"
    return make_commit(state, repository, tree=files, message=message, by=issue.author, parents=(base, head))
