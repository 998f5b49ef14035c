"""Which commit was tested, whether it is what it says, and what it changes.

A workflow of a pull request tests the commit that GitHub makes by merging head into base, `refs/pull/N/merge`. Which
one it was, only the workflow can say; what it says is believed when the parents are the head and a commit of the base
branch, and the tree is what merging those two gives.
"""

from collections.abc import Collection

from bot.github.git.clone import Clone
from bot.github.git.command import Denied, Missing
from bot.model.changes import ChangedPath, Comparison, Interest, Puzzle, Unclear, Wish
from bot.model.errors import TooLarge

#: So many files of source or settings are read whole.
MAX_FILES = 2_000


def compare(clone: Clone, wish: Wish, interest: Interest) -> Comparison | Unclear:
    """Return what the wish changes, or why that cannot be said."""
    try:
        found = _group(clone, wish) if wish.base_sha is not None else _pull(clone, wish)
        return found if isinstance(found, Unclear) else _changes(clone, wish, *found, interest)
    except UnicodeDecodeError:  # a name that is no text could be shown nowhere, and looked for in no report
        return Unclear(Puzzle.ODD_NAME, wish.tested)
    except Missing:
        return Unclear(Puzzle.UNKNOWN_COMMIT, wish.tested)
    except TooLarge:
        return Unclear(Puzzle.TOO_LARGE, wish.tested)
    except Denied:
        return Unclear(Puzzle.NO_ACCESS, wish.tested)


def texts(clone: Clone, commit: str, paths: Collection[str]) -> dict[str, bytes]:
    """Return these files as they are in a commit; what is no file there is left out. Raise `TooLarge` for too many."""
    clone.fetch(commit)
    listing = clone.listing(commit)
    found = {path: listing[path] for path in paths if path in listing}
    if len(found) > MAX_FILES:
        raise TooLarge(f"more than {MAX_FILES} files")
    contents = clone.contents(found.values())
    return {path: contents[blob] for path, blob in found.items()}


def _group(clone: Clone, wish: Wish) -> tuple[str, str] | Unclear:
    """A merge group's commits are GitHub's own: what it stands on and what it ends with came with its event."""
    tested, base = wish.tested or wish.head_sha, wish.base_sha or ""
    if tested != wish.head_sha:
        return Unclear(Puzzle.ANOTHER_TREE, tested)
    clone.fetch(base, tested)
    return base, tested


def _pull(clone: Clone, wish: Wish) -> tuple[str, str] | Unclear:
    merge_name, base_name = f"refs/pull/{wish.number}/merge", f"refs/heads/{wish.base_ref}"
    refs = clone.references(merge_name, base_name)
    tip, merge = refs.get(base_name), refs.get(merge_name)
    if tip is None:
        return Unclear(Puzzle.UNKNOWN_COMMIT, wish.tested)
    if wish.tested == wish.head_sha:
        return _head_itself(clone, wish, tip)
    tested = wish.tested or merge
    if tested is None:
        return Unclear(Puzzle.CONFLICT)
    clone.fetch(tested, depth=2)
    parents = clone.parents(tested)
    if len(parents) != 2 or parents[1] != wish.head_sha:
        # GitHub makes the merge some time after the push: until then the reference shows the one before.
        return Unclear(Puzzle.NOT_READY if wish.tested is None else Puzzle.ANOTHER_TREE, tested)
    is_ours = clone.is_on_branch(parents[0], tip) and (tested == merge or _is_merge(clone, parents, tested))
    return (parents[0], tested) if is_ours else Unclear(Puzzle.ANOTHER_TREE, tested)


def _head_itself(clone: Clone, wish: Wish, tip: str) -> tuple[str, str] | Unclear:
    """Some workflows test the head as it is: then what it changes counts from where it left the base branch."""
    base = clone.merge_base(tip, wish.head_sha)
    if base is None:
        return Unclear(Puzzle.ANOTHER_TREE, wish.head_sha)
    clone.fetch(base, wish.head_sha)
    return base, wish.head_sha


def _is_merge(clone: Clone, parents: tuple[str, ...], tested: str) -> bool:
    """Say whether a merge that GitHub no longer shows has the tree that merging its parents gives."""
    return clone.merged_tree(parents[0], parents[1]) == clone.tree(tested)


def _changes(clone: Clone, wish: Wish, base: str, tested: str, interest: Interest) -> Comparison:
    changed = clone.changed(base, tested)
    source = [each for each in changed if interest.is_source(each.path)]
    setting = [each for each in changed if interest.is_setting(each.path)]
    if len(source) + len(setting) > MAX_FILES:
        raise TooLarge(f"more than {MAX_FILES} changed files of source")
    diff = clone.diff(base, tested, [each.path for each in source])
    texts = clone.contents(_wanted(source, setting))
    return Comparison(
        base_sha=base,
        head_sha=wish.head_sha,
        sha=tested,
        changed=changed,
        diff=diff,
        sources={each.path: texts[each.after] for each in source if each.after},
        settings={each.path: (texts.get(each.before or ""), texts.get(each.after or "")) for each in setting},
        listing=frozenset(clone.listing(tested)),
        steps=clone.steps(base, tested) if wish.base_sha is not None else (),
    )


def _wanted(source: list[ChangedPath], setting: list[ChangedPath]) -> list[str]:
    blobs = [*(each.after for each in (*source, *setting)), *(each.before for each in setting)]
    return [blob for blob in blobs if blob]
