"""Search patterns that a repository may write, in the Rust engine that pydantic carries: always in linear time.

Python's own `re` backtracks: `(a+)+$` stops it for minutes on a title of 40 characters. The Rust engine knows no
backreferences and no look-around, and refuses them when the policy file is read.
"""

import re
from functools import lru_cache

from pydantic_core import SchemaError, SchemaValidator, core_schema

from bot.config.mistakes import Unusable

#: The longest pattern, in characters.
MAX_LENGTH = 100
#: How often a part may be repeated by count, counts inside counts multiplied: the engine unrolls them.
MAX_REPETITION = 50
#: A title on GitHub has at most 256 characters; nothing longer is searched.
MAX_TEXT = 256

_COUNT = re.compile(r"\{\s*(\d*)\s*,?\s*(\d*)\s*\}")


def check(pattern: str) -> str:
    """Return the pattern if it can be used; raise `Unusable` saying why not."""
    if len(pattern) > MAX_LENGTH:
        raise Unusable("pattern-length", limit=MAX_LENGTH)
    if _repetition(pattern) > MAX_REPETITION:
        raise Unusable("pattern-repeats", limit=MAX_REPETITION)
    try:
        _compiled(pattern)
    except SchemaError as error:
        raise Unusable("pattern", reason=_reason(error)) from error
    return pattern


def is_found(pattern: str, text: str) -> bool:
    """Say whether a checked pattern occurs in the first `MAX_TEXT` characters of the text, in any case of letters."""
    return _compiled(pattern).isinstance_python(text[:MAX_TEXT].encode(errors="replace").decode())


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=f"(?i){pattern}", regex_engine="rust-regex"))


def _repetition(pattern: str) -> int:
    """Bound from above how often a part is unrolled: the product of all counts, even of those side by side."""
    product = 1
    for low, high in _COUNT.findall(pattern):
        product *= max([1, *(int(count[:6]) for count in (low, high) if count)])
    return product


def _reason(error: SchemaError) -> str:
    last = str(error).strip().splitlines()[-1]
    return last.strip().removeprefix("SchemaError:").strip().removeprefix("error:").strip().rstrip(".")
