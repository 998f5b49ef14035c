"""The words for what is wrong with a policy file: there for every code that the reader can give."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

import bot.config
import bot.policyfile
from bot.config.explain import _CODES, reason
from bot.config.mistakes import Mistake
from bot.model.errors import Unreadable
from bot.render import LANGUAGES, Words
from bot.render.mistakes import Catalog
from bot.resources import templates

SOURCES = sorted(path for each in (bot.config, bot.policyfile) for path in Path(str(each.__file__)).parent.glob("*.py"))
#: What takes the code of a mistake, wherever among its arguments.
TAKES_CODE = {"Unusable", "Mistake", "_stop", "_hole", "add", "_named"}


def codes() -> set[str]:
    """Return every code that the reader's source names."""
    named = {code for source in SOURCES for code in named_in(ast.parse(source.read_text(encoding="utf-8")))}
    unreadable = {f"unreadable-{why}" for why in ("folder", "special", "large")}
    return named | unreadable | {code for code, _ in _CODES.values()}


def named_in(tree: ast.AST) -> Iterator[str]:
    """Yield the codes that a module raises, notes, or returns beside what fills them."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in TAKES_CODE:
                texts = (each.value for each in node.args if isinstance(each, ast.Constant))
                yield from (text for text in texts if isinstance(text, str) and text)
            case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.Dict()]):
                yield code


def said(code: str, language: str, **data: str | int | tuple[str, ...]) -> str:
    """Return the words for one mistake."""
    return Words().mistake(Mistake("reeve.yml", 1, 1, "x", code, data), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_and_no_words_are_left_over(language: str) -> None:
    words = Catalog(templates(), language).words

    assert len(codes()) > 40
    assert codes() - words.keys() == set()
    assert words.keys() - codes() - {"layered"} == set()


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_validator_speaks_one_language_only(source: Path) -> None:
    assert re.findall(r"raise ValueError\(", source.read_text(encoding="utf-8")) == []


def test_a_choice_and_a_list_are_joined_as_the_language_does() -> None:
    assert said("choice", "en", choices=("a", "b", "c")) == "must be a, b or c"
    assert said("choice", "zh-CN", choices=("a", "b", "c")) == "必须是 a、b 或 c"
    assert said("choice", "en", choices=("a",)) == "must be a"
    assert said("unknown-among", "en", known=("a", "b")) == "is not a setting; known here: a, b"


def test_a_language_that_reeve_does_not_speak_is_answered_in_english() -> None:
    assert said("missing", "fr") == "is missing"


def test_what_is_filled_in_is_never_read_as_a_pattern() -> None:
    assert said("tag", "en", tag="{limit} {0}") == "tags are not allowed: {limit} {0}"


def test_a_mistake_of_both_files_together_says_so() -> None:
    mistake = Mistake("reeve.yml", 1, 1, "x", "duration", is_layered=True)

    assert Words().mistake(mistake, "en").endswith("together with the organization's file")
    assert Words().mistake(mistake, "zh-CN").startswith("与组织的文件合并后")


def test_what_no_code_is_known_for_is_passed_on() -> None:
    try:
        bot.config.Rule(title="a", label=b"\xff")  # type: ignore[arg-type]
    except ValidationError as error:
        (detail,) = error.errors(include_url=False, include_input=False)
        code, data = reason(detail)
    assert code == "other"
    assert "valid" in said(code, "en", **data)
    assert Unreadable("x", why="large").why == "large"
