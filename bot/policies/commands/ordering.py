"""Commands count in the order in which they were written, also where one of them is heard of late.

A command touches places: a label, an assignee, the kind. What a later command has touched, an earlier one that comes
after it leaves alone: so the end is the same as if both had come in time.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.config import Config
from bot.model.verbs import Bound, Given
from bot.policies.commands.guard import Admitted
from bot.policies.commands.situation import Situation


def touched(admitted: Admitted, situation: Situation, config: Config) -> frozenset[str]:
    """Return the places that a command touches, in the repository's own names; none where order does not matter."""
    name = admitted.verb.name
    if whole := _WHOLE.get(name):
        return frozenset({whole(config)})
    parts = frozenset(place for each in admitted.bound.given if (place := _place(name, each)))
    author = situation.comment.author
    if name == "assign" and author is not None and not admitted.bound.all("users"):
        return frozenset({_user(author.login)})
    return parts


def remaining(admitted: Admitted, situation: Situation, config: Config) -> Admitted | None:
    """Return what is left of a command when later ones have had their say; None where that is nothing."""
    overtaken = touched(admitted, situation, config) & situation.overtaken
    if not overtaken:
        return admitted
    name = admitted.verb.name
    left = tuple(each for each in admitted.bound.given if _place(name, each) not in {None, *overtaken})
    return replace(admitted, bound=Bound(left)) if left else None


def _place(verb: str, given: Given) -> str | None:
    """Return the place that one argument alone touches; None where the command stands or falls as a whole."""
    find = _PARTS.get((verb, given.name))
    return find(given.value) if find else None


def _label(name: str) -> str:
    return f"label:{name.casefold()}"


def _user(login: str) -> str:
    return f"user:{login.casefold()}"


_WHOLE: Mapping[str, Callable[[Config], str]] = {
    "kind": lambda _: "kind",
    "hold": lambda config: _label(config.labels.hold),
    "needs-info": lambda config: _label(config.labels.needs_info),
    "sla": lambda _: "sla",
}

_PARTS: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("label", "labels"): lambda value: _label(value[1:]),
    ("assign", "users"): lambda value: _user(value.lstrip("-@")),
}
