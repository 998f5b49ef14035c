"""How far the numbers of a pull request can be believed, by where they were made."""

from enum import StrEnum


class Trust(StrEnum):
    """The lane that evidence came in by, shown on every verdict.

    LOCAL: somebody's own machine. REPORTED: a workflow of the pull request, whose code could have written anything.
    RECOMPUTED: run again by Reeve's own dispatch with the base branch's harness. TRUSTED: the default branch, the merge
    queue or a release, with a token that proves it.
    """

    LOCAL = "local"
    REPORTED = "reported"
    RECOMPUTED = "recomputed"
    TRUSTED = "trusted"
