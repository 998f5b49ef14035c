"""What a benchmark says in the end: one table on the screen and in `results/`, the rows as JSON beside it."""

import json
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import __version__

RESULTS = Path(__file__).parent / "results"

#: The contestant that the others are compared with, round by round.
PEER = "probot middleware"

Row = dict[str, Any]

_COLUMNS: list[tuple[str, Callable[[Row], float], str]] = [
    ("CPU us/delivery", lambda row: row["cpu_us"], ".0f"),
    ("rate/s", lambda row: row["closed"]["rate"], ",.0f"),
    ("p50 ms", lambda row: row["closed"]["p50_ms"], ".1f"),
    ("p99 ms", lambda row: row["closed"]["p99_ms"], ".1f"),
    ("open p50 ms", lambda row: row["open"]["p50_ms"], ".1f"),
    ("open p99 ms", lambda row: row["open"]["p99_ms"], ".1f"),
    ("RSS MiB", lambda row: row["rss_mib"], ".0f"),
    ("cold start s", lambda row: row["cold_s"], ".2f"),
    ("errors", lambda row: row["closed"]["errors"] + row["open"]["errors"], ".0f"),
    ("lost", lambda row: row["lost"], ".0f"),
]


def line(row: Row) -> str:
    """Return one run in one line."""
    return f"{row['name']:28}" + "  ".join(f"{name} {value(row):{form}}" for name, value, form in _COLUMNS)


def table(rows: Sequence[Row]) -> str:
    """Return the medians of all rounds, and the ratios to the peer (above 1 is better than the peer)."""
    names = list(dict.fromkeys(row["name"] for row in sorted(rows, key=lambda row: row["cpu_us"])))
    heads = [*(name for name, _, _ in _COLUMNS), "CPU ratio (range)", "rate ratio (range)"]
    lines = ["| server | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for name in names:
        mine = [row for row in rows if row["name"] == name]
        cells = [format(statistics.median(value(row) for row in mine), form) for _, value, form in _COLUMNS]
        cells += [_ratios(rows, name, value) for value in (_deliveries_a_cpu_second, _rate)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _deliveries_a_cpu_second(row: Row) -> float:
    return float(1e6 / row["cpu_us"])


def _rate(row: Row) -> float:
    return float(row["closed"]["rate"])


def _ratios(rows: Sequence[Row], name: str, value: Callable[[Row], float]) -> str:
    """Return the median and the range of this one's value over the peer's in the same round."""
    peer = {row["round"]: value(row) for row in rows if row["name"] == PEER}
    found = [value(row) / peer[row["round"]] for row in rows if row["name"] == name and row["round"] in peer]
    if not found:
        return "-"
    return f"{statistics.median(found):.2f} ({min(found):.2f}-{max(found):.2f})"


def write(name: str, about: dict[str, str], rows: Sequence[Row]) -> None:
    """Print the table; keep it and the rows."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    shown = table(rows)
    facts = "\n".join(f"- {key}: {value}" for key, value in {"reeve": __version__, **about}.items())
    rounds = len({row["round"] for row in rows})
    note = f"Medians of {rounds} shuffled rounds; ratios to {PEER} in the same round, above 1 is better."
    text = f"# {name}, {now:%Y-%m-%d %H:%M} UTC\n\n{shown}\n\n{note}\n\n{facts}\n"
    (RESULTS / f"{name}.md").write_text(text)
    (RESULTS / f"{name}.json").write_text(json.dumps({"at": now.isoformat(), "about": about, "rows": rows}, indent=1))
    print(text)
