"""Whether a change can make the program slower: which of the changed paths matter, or why none does."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.config import globs
from bot.config.benchmark import Benchmark

_SOURCES = """
py pyx pxd c cc cpp cxx c++ h hh hpp hxx inc cu cuh cl hip metal wgsl glsl comp rs go zig nim java kt kts scala groovy
clj cs fs vb swift m mm js jsx mjs cjs ts tsx mts cts vue svelte rb php pl pm lua jl r f f77 f90 f95 f03 for s asm ptx
ll mlir td hs ml mli ex exs erl dart sol sql sh bash zsh ps1 proto
"""
_DOCS = "md mdx markdown rst adoc txt tex ipynb png jpg jpeg gif svg webp pdf drawio"

#: How a source file's name ends, and how that of a text for people.
SOURCES = frozenset(_SOURCES.split())
DOCS = frozenset(_DOCS.split())

_TEST_FOLDERS = frozenset({"test", "tests", "testing", "__tests__", "spec", "specs"})
_TEST_NAMES = ("test_*", "*_test.*", "*_tests.*", "*.test.*", "*.spec.*", "*Test.java", "*Tests.cs", "conftest.py")
_DOC_FOLDERS = frozenset({"doc", "docs", "documentation"})
_DOC_NAMES = frozenset({"license", "licence", "notice", "authors", "contributors", "codeowners", "copying"})


class Exemption(StrEnum):
    """Why a change needs no performance data."""

    DOCS = "docs"
    TESTS = "tests"
    DOCS_AND_TESTS = "docs-and-tests"
    NO_SOURCE = "no-source"
    CONFIGURED = "configured"


class _Kind(StrEnum):
    EXEMPT = "exempt"
    DOCS = "docs"
    TEST = "test"
    SOURCE = "source"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Relevance:
    """The changed paths that matter; where there are none, why not."""

    paths: tuple[str, ...]
    exemption: Exemption | None


def relevance(changed: Sequence[str] | None, rules: Benchmark) -> Relevance:
    """Tell the paths that can make a difference from the rest; None means that nobody knows what was changed."""
    if changed is None:
        return Relevance((), None)
    if rules.paths:
        paths = tuple(
            each for each in changed if globs.first(rules.paths, each) and not globs.first(rules.exempt, each)
        )
        return Relevance(paths, None if paths else Exemption.CONFIGURED)
    kinds = {path: _kind(path, rules) for path in changed}
    paths = tuple(path for path, kind in kinds.items() if kind is _Kind.SOURCE)
    return Relevance(paths, None if paths else _exemption(set(kinds.values())))


def _exemption(kinds: set[_Kind]) -> Exemption:
    if _Kind.EXEMPT in kinds:
        return Exemption.CONFIGURED
    if kinds == {_Kind.DOCS}:
        return Exemption.DOCS
    if kinds == {_Kind.TEST}:
        return Exemption.TESTS
    return Exemption.DOCS_AND_TESTS if kinds == {_Kind.DOCS, _Kind.TEST} else Exemption.NO_SOURCE


def _kind(path: str, rules: Benchmark) -> _Kind:
    *folders, name = path.split("/")
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if globs.first(rules.exempt, path):
        return _Kind.EXEMPT
    if _DOC_FOLDERS & set(folders) or ending in DOCS or name.split(".")[0].lower() in _DOC_NAMES:
        return _Kind.DOCS
    if _TEST_FOLDERS & set(folders) or (ending in SOURCES and globs.first(_TEST_NAMES, name)):
        return _Kind.TEST
    return _Kind.SOURCE if ending in SOURCES else _Kind.OTHER
