"""How many of the issues that Reeve names as similar are about the same matter, and how many of those it names.

The product's own search runs over real issues: each is held against the 500 before it in its repository. What it names
is looked up among the pairs that were read for this, `similar_pairs.jsonl`: the ids of two issues and whether they are
about the same matter, so that a maintainer would close one as a duplicate of the other or link them. The same error
message counts as the same matter unless any fault may give it, such as `unexpected panic`. A pair that nobody read
counts as wrong. Of the pairs that were alike by a little only a sample was read; each of them stands for several.

The texts are those of the shared data folder (`REEVE_SHARED_DATA`), or of `--data FILE...`. `--list FILE...` measures
nothing: it prints what would be named in other repositories, to be read.
"""

import argparse
import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import aims, machine
from bot.classifier.likeness import LEAST, MOST, alike, sketch

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("REEVE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "triage"
FILES = ("en_train.jsonl", "nlbse24_train.jsonl")
PAIRS = Path(__file__).parent / "similar_pairs.jsonl"

#: The likeness was made on these; an issue of the last one is among them by the first digit of its id.
DEVELOPMENT = ("rust-lang/rust", "vuejs/vue", "twbs/bootstrap, even")

#: Judged apart from them. Half of what is named in the last one is two messages of one tool, filed again and again.
HELD_OUT = (
    "twbs/bootstrap, odd",
    "huggingface/datasets",
    "ohmyzsh/ohmyzsh",
    "tensorflow/tensorflow",
    "microsoft/vscode",
    "bitcoin/bitcoin",
    "opencv/opencv",
    "facebook/react",
)
GROUPS = {
    "development": DEVELOPMENT,
    "held out": HELD_OUT,
    "held out, without facebook/react": HELD_OUT[:-1],
}

#: So many older issues each is held against, as in the product.
COMPARED = 500

_HONESTLY = (
    "The likeness was made on the development half. Its threshold was raised with both halves at hand, after it had"
    " been judged once on the other; see docs/triage.md. So these are not figures of unseen issues."
)

THRESHOLDS = tuple(each / 100 for each in range(36, 65, 2))
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Named:
    """One issue named as similar to a newer one."""

    repository: str
    pair: tuple[str, str]
    likeness: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader said of a pair, and for how many pairs it stands."""

    is_same: bool
    stands_for: float


@dataclass(slots=True)
class Searched:
    """What the search named, where each issue is, and how long each look-up among 500 took, in seconds of CPU."""

    named: list[Named] = field(default_factory=list)
    repositories: dict[str, str] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)


def benchmark(arguments: list[str]) -> int:
    """Measure, and keep the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks similar")
    parser.add_argument("--data", nargs="+", type=Path, default=[SHARED / name for name in FILES])
    parser.add_argument("--list", nargs="+", type=Path, default=[], dest="listed")
    chosen = parser.parse_args(arguments)
    data = chosen.data
    if chosen.listed:
        return _list(chosen.listed)
    if missing := [path.name for path in data if not path.is_file()]:
        print(f"similar: no {', '.join(missing)}; nothing measured", flush=True)
        return 0
    measured = {name: those for name, those in issues(data).items() if name in {*DEVELOPMENT, *HELD_OUT}}
    searched, read = search(measured), verdicts(PAIRS)
    reached = [
        *(
            aims.at_least(f"named that are the same matter, {name}", precision(searched, read, name, LEAST)[0], 0.8)
            for name in GROUPS
        ),
        aims.at_most("a look-up among 500, 95th percentile of CPU", _part(searched.taken, 0.95) * 1e3, 10, " ms"),
    ]
    rows = [
        {"group": name, **_row(searched, read, name, threshold)}
        for name in GROUPS
        for threshold in sorted({*THRESHOLDS, LEAST})
    ]
    about = {
        **machine.describe(),
        "issues": f"{len(searched.repositories)} of {', '.join(path.name for path in data)}",
        "pairs read": f"{len(read)}, {sum(each.is_same for each in read.values())} of the same matter",
        "threshold": f"{LEAST}, at most {MOST} for each issue",
    }
    aims.keep("similar", text=_told(searched, read, rows), aims=reached, rows=rows, about=about)
    return 0 if all(aim.is_met for aim in reached) else 1


def issues(files: Iterable[Path]) -> dict[str, list[Mapping[str, str]]]:
    """Return the issues of each repository, the oldest first; by their ids where no time is known."""
    found: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for path in files:
        for line in path.read_text(encoding="utf-8").split("\n"):  # texts have other ends of lines in them
            issue = json.loads(line or "{}")
            name = issue.get("repo") or path.name
            if name == "twbs/bootstrap":
                name += ", odd" if int(issue["id"][0], 16) % 2 else ", even"
            if issue:
                found[name].append({**issue, "id": issue.get("id") or f"{path.name}:{len(found[name])}"})
    return {name: sorted(each, key=lambda i: (i.get("created_at") or "", i["id"])) for name, each in found.items()}


def _list(files: Iterable[Path]) -> int:
    """Print what would be named where nobody has read it yet."""
    others = {name: those for name, those in issues(files).items() if name not in {*DEVELOPMENT, *HELD_OUT}}
    titles = {issue["id"]: issue["title"] for those in others.values() for issue in those}
    found = [each for each in search(others).named if each.likeness >= LEAST]
    for each in found:
        newer, older = (titles[number] for number in each.pair)
        print(f"{each.repository}\t{each.likeness:.2f}\t{newer}\t{older}")
    print(f"{len(found)} named among {len(titles)} issues", flush=True)
    return 0


def verdicts(path: Path) -> dict[tuple[str, str], Verdict]:
    """Return what was read, by the ids of the newer and the older issue."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {(x["newer"], x["older"]): Verdict(x["same"], x.get("stands_for", 1.0)) for x in lines}


def search(repositories: Mapping[str, Sequence[Mapping[str, str]]]) -> Searched:
    """Hold each issue against those before it."""
    searched = Searched()
    for name, those in repositories.items():
        sketches = [sketch(issue["title"], issue["body"] or "") for issue in those]
        for at, issue in enumerate(those):
            searched.repositories[issue["id"]] = name
            older = {number: sketches[number] for number in range(max(0, at - COMPARED), at)}
            start = time.process_time()
            found = alike(sketches[at], older, least=min(*THRESHOLDS, LEAST))
            if len(older) == COMPARED:
                searched.taken.append(time.process_time() - start)
            searched.named += [Named(name, (issue["id"], those[each.number]["id"]), each.likeness) for each in found]
    return searched


def precision(
    searched: Searched, read: Mapping[tuple[str, str], Verdict], group: str, threshold: float
) -> tuple[float, float, float]:
    """Return the part of what is named that is right, and its 95 % interval by resampling the newer issues."""
    by_issue: dict[str, list[bool]] = defaultdict(list)
    for each in _above(searched, group, threshold):
        by_issue[each.pair[0]].append(_is_right(read, each))
    chosen = list(by_issue.values())
    if not chosen:
        return 0.0, 0.0, 1.0
    luck = random.Random(7)  # the same draws in every run
    drawn = sorted(_share(luck.choices(chosen, k=len(chosen))) for _ in range(RESAMPLES))
    return _share(chosen), drawn[RESAMPLES // 40], drawn[-RESAMPLES // 40]


def _row(
    searched: Searched, read: Mapping[tuple[str, str], Verdict], group: str, threshold: float
) -> dict[str, float | int]:
    named = _above(searched, group, threshold)
    right = [each.pair for each in named if _is_right(read, each)]
    same = {
        pair: each.stands_for
        for pair, each in read.items()
        if each.is_same and searched.repositories.get(pair[0]) in GROUPS[group]
    }
    part, low, high = precision(searched, read, group, threshold)
    return {
        "threshold": threshold,
        "named": len(named),
        "unread": sum(each.pair not in read for each in named),
        "right": len(right),
        "precision": part,
        "low": low,
        "high": high,
        "same": len(same),
        "recall": len(right) / max(len(same), 1),
        "recall of all alike": sum(same[pair] for pair in right) / max(sum(same.values()), 1),
        "issues helped": len({newer for newer, _ in right}) / max(len({newer for newer, _ in same}), 1),
    }


def _told(searched: Searched, read: Mapping[tuple[str, str], Verdict], rows: Sequence[Mapping[str, object]]) -> str:
    lines = [_HONESTLY, ""]
    for group in GROUPS:
        lines += [f"## {group[0].upper()}{group[1:]}", "", *_curve(row for row in rows if row["group"] == group), ""]
    lines += [f"## Repositories, at {LEAST}", "", "| repository | named | right |", "|---|---|---|"]
    named = Counter(each.repository for each in searched.named if each.likeness >= LEAST)
    right = Counter(each.repository for each in searched.named if each.likeness >= LEAST and _is_right(read, each))
    lines += [f"| {name} | {named[name]} | {right[name]} |" for name in (*DEVELOPMENT, *HELD_OUT)]
    middle, slow = _part(searched.taken, 0.5) * 1e3, _part(searched.taken, 0.95) * 1e3
    return "\n".join(
        [*lines, "", f"A look-up among {COMPARED} takes {middle:.1f} ms of CPU, one of twenty {slow:.1f} ms."]
    )


def _curve(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield a table: what each threshold would name, and how much of it is right."""
    yield "| likeness | named | unread | right, 95 % interval | of pairs found | of all alike | issues helped |"
    yield "|---|---|---|---|---|---|---|"
    for r in rows:
        yield (
            f"| {r['threshold']:.2f} | {r['named']} | {r['unread']} | {r['precision']:.2f} ({r['low']:.2f} to"
            f" {r['high']:.2f}) | {r['recall']:.2f} of {r['same']} | {r['recall of all alike']:.2f} |"
            f" {r['issues helped']:.2f} |"
        )


def _above(searched: Searched, group: str, threshold: float) -> list[Named]:
    return [each for each in searched.named if each.likeness >= threshold and each.repository in GROUPS[group]]


def _is_right(read: Mapping[tuple[str, str], Verdict], named: Named) -> bool:
    return named.pair in read and read[named.pair].is_same


def _share(issues_named: Sequence[Sequence[bool]]) -> float:
    return sum(map(sum, issues_named)) / max(sum(map(len, issues_named)), 1)


def _part(taken: Sequence[float], part: float) -> float:
    return sorted(taken)[int(part * (len(taken) - 1))] if taken else 0.0
