"""Numbers as people write them in a table: `1,234.5 ms`, `12.3 ± 0.4`, `１２％`, `~3e-4`."""

import math
import re
import unicodedata
from dataclasses import dataclass

_NUMBER = re.compile(
    r"""\s*[~≈=]?\s*
    (?P<number>[+-]?(?:\d{1,3}(?:[,_\u00a0\u202f ]\d{3})+|\d+)(?P<decimals>\.\d+|,\d{1,2}(?![\d,]))?(?:e[+-]?\d{1,3})?)
    (?P<error>\s*(?:±|\+/-|\+-)\s*[\d.,]+\s*%?)?
    \s*(?P<unit>(?:[^\W\d_]|[%‰°])[^()\d]{0,30})?
    \s*(?:\([^()]*\))?\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_GROUPS = re.compile(r"[,_\u00a0\u202f ](?=\d{3})")
_MAX = 100
_DASHES = str.maketrans({"−": "-", "–": "-"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and the unit written behind it, if any."""

    value: float
    unit: str


def quantity(text: str) -> Quantity | None:
    """Return the number in a cell; None where there is none, or more than one."""
    written = unicodedata.normalize("NFKC", text).translate(_DASHES)
    found = _NUMBER.fullmatch(written) if len(written) <= _MAX else None
    if found is None:
        return None
    value = float(_GROUPS.sub("", found["number"]).replace(",", "."))
    return Quantity(value, (found["unit"] or "").strip()) if math.isfinite(value) else None
