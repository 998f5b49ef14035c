"""What a benchmark says in the end: one table on the screen and in `results/`, the rows as JSON beside it."""

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import aims

#: The contestant that the others are compared with, round by round.
PEER = "probot middleware"

#: The usual design.
USUAL = "FastAPI, apply_async"

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
    """Print the table with the aims; keep it and the rows."""
    rounds = len({row["round"] for row in rows})
    note = f"Medians of {rounds} shuffled rounds; ratios to {PEER} in the same round, above 1 is better."
    aims.keep(name, text=f"{table(rows)}\n\n{note}", aims=_aims(rows), rows=rows, about=about)


def _aims(rows: Sequence[Row]) -> list[aims.Aim]:
    """Compare Reeve with the aims; none where the peers did not take part."""
    if not {PEER, USUAL} <= {row["name"] for row in rows}:
        return []
    found = []
    for name in ("Reeve, SQLite", "Reeve, PostgreSQL"):
        over = [
            aims.at_least(f"{name}: CPU, {PEER} / ours", _ratio(rows, name, PEER, _deliveries_a_cpu_second), 1.3),
            aims.at_least(f"{name}: rate, ours / {PEER}", _ratio(rows, name, PEER, _rate), 1.0),
            aims.at_least(f"{name}: rate, ours / {USUAL}", _ratio(rows, name, USUAL, _rate), 5.0, digits=1),
            aims.at_most(f"{name}: memory", _median(rows, name, lambda row: row["rss_mib"]), 70, " MiB", 0),
            aims.at_most(f"{name}: memory, ours / {PEER}", _of(rows, name, lambda row: row["rss_mib"]), 0.8, digits=2),
            aims.at_most(
                f"{name}: cold start, ours / {PEER}", _of(rows, name, lambda row: row["cold_s"]), 1.0, digits=2
            ),
            aims.at_most(f"{name}: p99 at 800/s", _median(rows, name, lambda row: row["open"]["p99_ms"]), 25, " ms"),
        ]
        found += over
    lost = sum(row["lost"] for row in rows)
    return [*found, aims.at_most("acknowledged deliveries lost, all rounds", lost, 0, digits=0)]


def _median(rows: Sequence[Row], name: str, value: Callable[[Row], float]) -> float:
    return statistics.median(value(row) for row in rows if row["name"] == name)


def _ratio(rows: Sequence[Row], name: str, peer: str, value: Callable[[Row], float]) -> float:
    """Return the median over the rounds of this one's value over the peer's."""
    others = {row["round"]: value(row) for row in rows if row["name"] == peer}
    return statistics.median(value(row) / others[row["round"]] for row in rows if row["name"] == name)


def _of(rows: Sequence[Row], name: str, value: Callable[[Row], float]) -> float:
    return _ratio(rows, name, PEER, value)
