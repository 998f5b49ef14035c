"""What the text of a Python source tells about its lines: the form in which that is passed on. Light to import."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statements:
    """What a source holds, by line numbers: statements by their first lines, and every line with any code on it.

    `newly_excluded` are statements that would count but for pragmas on the lines that were asked about. `digests` are
    the MD5 of all lines, 16 bytes each, if they were asked for. `problem` says why nothing is known. A draft was
    put together from a diff, not read from the tested tree: no report is held against it.
    """

    statements: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()
    newly_excluded: frozenset[int] = frozenset()
    code: frozenset[int] = frozenset()
    digests: bytes = b""
    problem: str = ""
    is_draft: bool = False
