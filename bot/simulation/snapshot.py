"""GitHub as it was when it was first asked: both sides of a simulation see the same, and nothing can be written."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bot.github.forge import GitHubForge
from bot.model.changes import Comparison, Interest, Unclear, Wish
from bot.model.errors import Refused
from bot.model.facts import Issue, PullRequest
from bot.model.forge import Past
from bot.model.subjects import Repository
from bot.model.timeline import What


class Snapshot:
    """A forge that remembers every answer. Issues and pull requests are shown open, and issues without Reeve's marks.

    What is closed would be judged no more; and Reeve's own label would look like a person's, for nothing is remembered
    of who set it.
    """

    def __init__(self, forge: GitHubForge) -> None:
        """Look through this forge."""
        self._forge = forge
        self._answers: dict[tuple[object, ...], Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a read that is done once for the same question."""
        if name == "apply":
            raise Refused("a simulation writes nothing")
        method: Callable[..., Any] = getattr(self._forge, name)
        return lambda *args, **options: self._asked(name, method, *args, **options)

    def issue(self, repository: Repository, number: int) -> Issue:
        """Read an issue, and take off what nobody but Reeve can have set."""
        found: Issue = self._asked("issue", self._forge.issue, repository, number)
        people = _of_people(self.timeline(repository, number), found)
        return replace(found, labels=people.labels, type=people.type, is_open=True)

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request."""
        found: PullRequest = self._asked("pull", self._forge.pull, repository, number)
        return replace(found, is_open=True, is_merged=False)

    def compare(self, repository: Repository, wish: Wish, interest: Interest) -> Comparison | Unclear:
        """Compare what a pull request changes; a merged one, from where it left its base branch before."""
        pull: PullRequest = self._asked("pull", self._forge.pull, repository, wish.number)
        if pull.is_merged and wish.tested is None:
            fork = self._asked("merge_base", self._forge.merge_base, repository, pull.base_sha, wish.head_sha)
            wish = replace(wish, base_sha=fork)
        found: Comparison | Unclear = self._asked("compare", self._forge.compare, repository, wish, interest)
        return found

    def timeline(self, repository: Repository, number: int, *, etags: tuple[str, ...] = ()) -> Past:  # noqa: ARG002
        """Read the whole past, whatever is known of it."""
        past: Past = self._asked("timeline", self._forge.timeline, repository, number)
        return past

    def _asked(self, name: str, method: Callable[..., Any], *args: object, **options: object) -> Any:  # noqa: ANN401
        key = (name, *(_key(each) for each in args), *((option, _key(each)) for option, each in options.items()))
        if key not in self._answers:
            answer = method(*args, **options)
            self._answers[key] = tuple(answer) if isinstance(answer, Iterator) else answer
        return self._answers[key]


def _key(value: object) -> object:
    """Return what tells two questions apart; lists and sets of names are questions too."""
    return value if value.__hash__ is not None else repr(value)


def _of_people(past: Past, issue: Issue) -> Issue:
    """Return the issue as people marked it: the list of what happened leaves Reeve's own doing out."""
    labels: set[str] = set()
    kind: str | None = None
    for entry in past.entries or ():
        happening = entry.happening
        match happening.what:
            case What.LABELED if happening.name is not None:
                labels.add(happening.name)
            case What.UNLABELED if happening.name is not None:
                labels.discard(happening.name)
            case What.TYPED:
                kind = happening.name
            case _:
                continue
    return replace(issue, labels=issue.labels & labels, type=issue.type if kind == issue.type else None)
