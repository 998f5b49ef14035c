"""The aims: what a benchmark was to reach, what it reached, and one table of all of them in the end."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import __version__

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim in words, what was measured, and whether that is good enough."""

    aim: str
    measured: str
    is_met: bool


def at_most(what: str, value: float, limit: float, unit: str = "", digits: int = 1) -> Aim:
    """Return an aim that is met up to a limit."""
    return Aim(f"{what} <= {limit:g}{unit}", f"{value:.{digits}f}{unit}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str = "", digits: int = 2) -> Aim:
    """Return an aim that is met from a limit on."""
    return Aim(f"{what} >= {limit:g}{unit}", f"{value:.{digits}f}{unit}", value >= limit)


def table(aims: Sequence[Aim]) -> str:
    """Return the aims as a Markdown table."""
    lines = [f"| {a.aim} | {a.measured} | {'met' if a.is_met else '**not met**'} |" for a in aims]
    return "\n".join(["| aim | measured | |", "|---|---|---|", *lines])


def keep(name: str, *, text: str, aims: Sequence[Aim], rows: Any, about: Mapping[str, str]) -> None:  # noqa: ANN401  JSON
    """Print a benchmark's report; keep it in `results/`, its rows and aims as JSON beside it."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    facts = {"reeve": __version__, **about, "load average after": ", ".join(f"{x:.1f}" for x in os.getloadavg())}
    listed = "\n".join(f"- {key}: {value}" for key, value in facts.items())
    whole = f"# {name}, {now:%Y-%m-%d %H:%M} UTC\n\n{table(aims)}\n\n{text}\n\n{listed}\n"
    (RESULTS / f"{name}.md").write_text(whole)
    kept = {"at": now.isoformat(), "about": facts, "aims": [asdict(aim) for aim in aims], "rows": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")
    print(whole, flush=True)


def summary() -> str:
    """Return one table of the aims in all results that are kept, with the time of each."""
    lines = ["| benchmark | aim | measured | |", "|---|---|---|---|"]
    for path in sorted(RESULTS.glob("*.json")):
        for aim in json.loads(path.read_text()).get("aims", []):
            word = "met" if aim["is_met"] else "**not met**"
            lines.append(f"| {path.stem} | {aim['aim']} | {aim['measured']} | {word} |")
    return "\n".join(lines)
