"""Coverage reports of one model in every format, written here by hand and not by what reads them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st

DATA = Path(__file__).parents[1] / "data" / "coverage"


@dataclass(frozen=True)
class Measured:
    """A file as it was measured: hits by line, and of lines that branch the targets, taken or not."""

    hits: Mapping[int, int]
    branches: Mapping[int, Mapping[int, bool]] = field(default_factory=dict)

    @property
    def covered(self) -> list[int]:
        """Return the lines that were hit."""
        return sorted(line for line, hits in self.hits.items() if hits)

    @property
    def missed(self) -> list[int]:
        """Return the lines that were not."""
        return sorted(line for line, hits in self.hits.items() if not hits)


Model = Mapping[str, Measured]

#: Two files, one with a branch half taken.
SMALL: Model = {
    "bot/a.py": Measured({1: 1, 2: 0, 5: 1}, {5: {6: True, -1: False}}),
    "bot/b.py": Measured({3: 1, 4: 1}),
}


def as_json(model: Model, **changes: Any) -> bytes:
    """Write coverage.py's JSON, format 3; `changes` replace what stands at the top."""
    files = {path: _json_file(file) for path, file in model.items()}
    report = {
        "meta": {"format": 3, "version": "7.13.0", "branch_coverage": True, "show_contexts": False},
        "files": files,
        "totals": _summary(list(model.values())),
    }
    return json.dumps(report | changes).encode()


def _json_file(file: Measured) -> dict[str, Any]:
    pairs = [(line, target, taken) for line, ways in file.branches.items() for target, taken in ways.items()]
    body = {
        "executed_lines": file.covered,
        "summary": _summary([file]),
        "missing_lines": file.missed,
        "excluded_lines": [],
        "executed_branches": [[line, target] for line, target, taken in pairs if taken],
        "missing_branches": [[line, target] for line, target, taken in pairs if not taken],
    }
    return {**body, "functions": {"f{": body, 'g"}': body}, "classes": {"": body}}


def _summary(files: list[Measured]) -> dict[str, Any]:
    covered = sum(len(each.covered) for each in files)
    missed = sum(len(each.missed) for each in files)
    ways = [taken for each in files for targets in each.branches.values() for taken in targets.values()]
    done, whole = covered + sum(ways), covered + missed + len(ways)
    return {
        "covered_lines": covered,
        "num_statements": covered + missed,
        "percent_covered": 100 * done / whole if whole else 100.0,
        "percent_covered_display": "?",
        "missing_lines": missed,
        "excluded_lines": 0,
        "num_branches": len(ways),
        "num_partial_branches": 0,
        "covered_branches": sum(ways),
        "missing_branches": len(ways) - sum(ways),
    }


def as_xml(model: Model, *, source: str = "", prolog: str = '<?xml version="1.0" ?>\n') -> bytes:
    """Write Cobertura as coverage.py does."""
    covered = sum(len(each.covered) for each in model.values())
    total = sum(len(each.hits) for each in model.values())
    classes = "\n".join(_xml_class(path, file) for path, file in model.items())
    rate = f"{covered / total:.4g}" if total else "1"
    return (
        f'{prolog}<coverage version="7.13.0" lines-valid="{total}" lines-covered="{covered}" line-rate="{rate}">\n'
        f"<!-- <lines> in a comment are none -->\n<sources><source>{source}</source></sources>\n"
        f"<packages><package name='p' line-rate='0.5'><classes>\n{classes}\n</classes></package></packages>\n"
        "</coverage>\n"
    ).encode()


def _xml_class(path: str, file: Measured) -> str:
    lines = "\n\t\t".join(
        _xml_line(line, hits, file.branches.get(line, {})) for line, hits in sorted(file.hits.items())
    )
    return (
        f"<class name='c' filename={quoteattr(path)} line-rate='1' branch-rate='0'><methods><method name='m'><lines>"
        f'<line number="999" hits="0"/></lines></method></methods>\n\t<lines>\n\t\t{lines}\n\t</lines>\n</class>'
    )


def _xml_line(line: int, hits: int, ways: Mapping[int, bool]) -> str:
    if not ways:
        return f'<line number="{line}" hits="{hits}"/>'
    taken, missing = sum(ways.values()), [target for target, is_taken in ways.items() if not is_taken]
    said = f'branch="true" condition-coverage="{100 * taken // len(ways)}% ({taken}/{len(ways)})"'
    named = ",".join("exit" if target < 0 else str(target) for target in missing)
    return f'<line number="{line}" hits="{hits}" {said}' + (f' missing-branches="{named}"/>' if missing else "/>")


def as_lcov(model: Model) -> bytes:
    """Write LCOV as coverage.py does."""
    return "".join("".join(_lcov_record(path, file)) for path, file in model.items()).encode()


def _lcov_record(path: str, file: Measured) -> Iterator[str]:
    yield f"SF:{path}\n"
    for line, hits in sorted(file.hits.items()):
        yield f"DA:{line},{hits}\n"
    yield f"LF:{len(file.hits)}\nLH:{len(file.covered)}\nFN:1,2,f, g\nFNF:1\n"
    ways = [(line, target, taken) for line, ways in file.branches.items() for target, taken in ways.items()]
    for line, target, taken in ways:
        name = "exit the module" if target < 0 else f"jump to line {target}"
        yield f"BRDA:{line},0,{name},{int(taken)}\n"
    if ways:
        yield f"BRF:{len(ways)}\nBRH:{sum(taken for *_, taken in ways)}\n"
    yield "end_of_record\n"


_names = st.text(st.sampled_from("abcXYZ09_ é中-+"), min_size=1, max_size=8).map(str.strip).filter(bool)
paths = st.lists(_names, min_size=1, max_size=3).map(lambda steps: "/".join(steps) + ".py")
_ways = st.dictionaries(st.integers(1, 60) | st.just(-1), st.booleans(), min_size=2, max_size=3)


@st.composite
def measured(draw: st.DrawFn) -> Measured:
    """Draw a file that was measured."""
    hits = draw(st.dictionaries(st.integers(1, 60), st.integers(0, 3), max_size=20))
    lines = sorted(hits)
    branching = draw(st.lists(st.sampled_from(lines), unique=True, max_size=4)) if lines else []
    return Measured(hits, {line: draw(_ways) for line in branching if hits[line]})


#: Any report that measures something.
models = st.dictionaries(paths, measured(), min_size=1, max_size=4).filter(
    lambda model: any(file.hits for file in model.values())
)
