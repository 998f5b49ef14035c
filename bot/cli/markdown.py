"""Markdown of our own making on a terminal: tables keep their figures on one line and fold the names."""

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, TableElement
from rich.table import Table


class _Figures(TableElement):
    """A table whose first column gives way; the others are short."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in super().__rich_console__(console, options):
            if isinstance(part, Table):
                _fit(part)
            yield part


class _Page(Markdown):
    """Markdown with such tables."""

    elements = {**Markdown.elements, "table_open": _Figures}  # noqa: RUF012  as it is declared in rich


def show(text: str) -> None:
    """Print Markdown to the standard output, as wide as the terminal is."""
    Console().print(_Page(text))


def _fit(table: Table) -> None:
    first, *others = table.columns
    first.overflow = "fold"
    for column in others:
        column.no_wrap = True
