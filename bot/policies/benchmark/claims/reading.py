"""A description in Markdown -> the claim in it: tables with a before and an after, and what stands beside them.

What holds for all rows may stand once: as a line (`Hardware: 8 x H200`), under a heading, or in a table of two columns.
Tables in quotes, comments and code are none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.policies.benchmark.claims.quantities import quantity
from bot.policies.benchmark.claims.vocabulary import Column, column, is_nothing, unit_of

#: GitHub stores no longer description; and nobody needs more rows, or longer cells.
MAX_BODY = 65_536
MAX_ROWS = 200
MAX_CELL = 500

_COMMIT = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{7,64}(?![0-9a-zA-Z])")
_STATED = re.compile(r"\s*(?:[-*+]\s+)?(?P<name>[^:\uff1a]{1,40})[:\uff1a]\s*(?P<value>.*)")
_MARKUP = re.compile(
    r"<[^<>]{0,200}>|!?\[(?P<text>[^\[\]]*)\]\([^()\s]*\)|\*\*|__|~~|`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)"
)

#: What may stand once for all rows.
_SHARED = (Column.UNIT, Column.HARDWARE, Column.COMMAND, Column.COMMIT)


@dataclass(frozen=True, slots=True)
class Row:
    """One metric before and after; what the description does not say is empty."""

    metric: str
    unit: str
    before: float
    after: float
    hardware: str
    command: str
    commits: tuple[str, ...]

    @property
    def missing(self) -> tuple[Column, ...]:
        """What the row does not say."""
        said = {Column.UNIT: self.unit, Column.HARDWARE: self.hardware, Column.COMMAND: self.command}
        said[Column.COMMIT] = " ".join(self.commits)
        return tuple(each for each in _SHARED if not said[each])

    def is_of(self, head_sha: str) -> bool:
        """Say whether one of the commits that it names is this one."""
        return any(head_sha.startswith(each) for each in self.commits)


@dataclass(frozen=True, slots=True)
class Claim:
    """The rows that can be read, and the names of those whose numbers cannot."""

    rows: tuple[Row, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Column, ...]:
        """What is to be added before the claim is complete, in the order of a table's columns."""
        if not self.rows:
            return () if self.unreadable else tuple(Column)
        return tuple(each for each in Column if any(each in row.missing for row in self.rows))


Table = list[list[str]]


@dataclass(slots=True)
class _Found:
    """What the walk through a description has come upon."""

    tables: list[Table] = field(default_factory=list)
    shared: dict[Column, str] = field(default_factory=dict)
    asked: Column | None = None

    def state(self, name: Column, value: str) -> None:
        """Keep the first answer to what may stand once."""
        if name in _SHARED and not is_nothing(value):
            self.shared.setdefault(name, value)


def read(body: str) -> Claim:
    """Return what the description claims; one without a table claims nothing."""
    found = _walk(_PARSER.parse(body[:MAX_BODY]))
    rows: list[Row] = []
    unreadable: list[str] = []
    for table in found.tables:
        for row in _rows(table, found.shared):
            rows.append(row) if isinstance(row, Row) else unreadable.append(row)
    return Claim(tuple(rows[:MAX_ROWS]), tuple(unreadable[:MAX_ROWS]))


def _parser() -> MarkdownIt:
    """Read blocks and tables only: what is inside a line is nobody's business until it is a cell."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable("inline")
    return parser


_PARSER = _parser()


def _walk(tokens: Iterable[Token]) -> _Found:
    found = _Found()
    table: Table = []
    within: list[str] = []
    for token in tokens:
        if token.nesting:
            within.append(token.tag) if token.nesting > 0 else within.pop()
        if "blockquote" in within:
            continue
        match token.type:
            case "tr_open":
                table.append([])
            case "table_close":
                _keep(table, found)
                table = []
            case "fence" | "code_block":
                _answer(token.content, found)
            case "inline" if table:
                table[-1].append(_bare(token.content))
            case "inline":
                _read_text(token.content, found, is_heading=within[-1].startswith("h"))
    return found


def _keep(table: Table, found: _Found) -> None:
    """Keep a table of measurements; one of names and values states what holds for all of them."""
    columns = [column(each) for each in table[0]]
    if Column.BEFORE in columns and Column.AFTER in columns:
        found.tables.append(table)
    elif len(columns) == 2:
        for name, value in table:
            if meant := column(name):
                found.state(meant, value)


def _read_text(text: str, found: _Found, *, is_heading: bool) -> None:
    if is_heading:
        found.asked = column(_bare(text))
        return
    for line in text.splitlines():
        stated = _STATED.fullmatch(_bare(line))
        name = column(stated["name"]) if stated else None
        if stated and name in _SHARED:
            found.state(name, stated["value"])
            found.asked = name if is_nothing(stated["value"]) else None
        else:
            _answer(line, found)


def _answer(text: str, found: _Found) -> None:
    """Take a line or a block of code as what was asked for by a heading or by a name with nothing behind it."""
    if found.asked is not None:
        found.state(found.asked, _bare(" ".join(text.split())))
        found.asked = None


def _rows(table: Table, shared: Mapping[Column, str]) -> Iterator[Row | str]:
    """Yield each row, or its name where a number is missing; rows without any number are the template's."""
    columns = [column(each) for each in table[0]]
    if Column.METRIC not in columns and columns[0] is None:
        columns[0] = Column.METRIC
    units = [
        unit_of(each) for each, name in zip(table[0], columns, strict=True) if name in {Column.BEFORE, Column.AFTER}
    ]
    for cells in table[1:]:
        said = _by_column(columns, cells)
        numbers = [quantity(said[each]) for each in (Column.BEFORE, Column.AFTER)]
        if all(is_nothing(said[each]) for each in (Column.BEFORE, Column.AFTER)):
            continue
        row = _row(said | {each: said[each] or shared.get(each, "") for each in _SHARED}, units)
        is_readable = None not in numbers and not is_nothing(said[Column.METRIC])
        yield row if is_readable and row else said[Column.METRIC] or "?"


def _by_column(columns: Iterable[Column | None], cells: Iterable[str]) -> dict[Column, str]:
    said = dict.fromkeys(Column, "")
    for name, cell in zip(columns, cells, strict=True):
        if name is not None and not said[name] and (name in {Column.BEFORE, Column.AFTER} or not is_nothing(cell)):
            said[name] = cell
    return said


def _row(said: Mapping[Column, str], units: Sequence[str]) -> Row | None:
    """Put a row together; None where its two numbers are no positive ones of one unit."""
    before, after = quantity(said[Column.BEFORE]), quantity(said[Column.AFTER])
    if before is None or after is None or min(before.value, after.value) <= 0:
        return None
    written = {each for each in (before.unit or units[0], after.unit or units[1]) if each}
    if len(written) > 1:
        return None
    unit = said[Column.UNIT] or "".join(written) or unit_of(said[Column.METRIC])
    return Row(
        metric=said[Column.METRIC],
        unit=unit,
        before=before.value,
        after=after.value,
        hardware=said[Column.HARDWARE],
        command=said[Column.COMMAND],
        commits=tuple(_COMMIT.findall(said[Column.COMMIT].lower())),
    )


def _bare(text: str) -> str:
    """Return a cell or line without emphasis, code marks, links and tags, shortened."""
    return _MARKUP.sub(lambda found: found["text"] or "", text[:MAX_CELL]).strip()
