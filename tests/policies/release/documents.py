"""Results of the tensor-parallel suite, made for tests."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bot.policies.release.suite import Expectation
from bot.reports.tensor_parallel import Case, Counts, Document, Environment, Error, Launch, Side, SideName

HEAD, BASE = "a" * 40, "b" * 40

SIDES: tuple[SideName, SideName] = ("base", "head")

ENVIRONMENT = Environment(torch="2.13.0", python="3.11", os="Linux", cpu="x", cores=2, threads=1)

COUNTS = Counts(flops=1000, operations=20, saved_bytes=4096, collectives={"all_reduce": (2, 8192)})


def side(commit: str, **changes: Any) -> Side:
    return Side(
        engine="reeve", commit=commit, is_dirty=False, environment=msgspec.structs.replace(ENVIRONMENT, **changes)
    )


def launches(base: Sequence[float], head: Sequence[float]) -> tuple[Launch, ...]:
    """Return one launch of each side per pair, each with its median given."""
    return tuple(
        Launch(side=name, pair=pair, samples=(median * 0.99, median, median * 1.01))
        for pair, both in enumerate(zip(base, head, strict=True))
        for name, median in zip(SIDES, both, strict=True)
    )


#: Six launches whose medians vary by a percent or so.
QUIET = (10.0, 10.1, 9.9, 10.05, 9.95, 10.0)
QUIET_TOO = (10.05, 10.0, 9.95, 10.0, 10.0, 9.98)


def case(name: str = "mlp", **changes: Any) -> Case:
    made = Case(
        name=name,
        shape="tiny",
        dtype="float32",
        world=2,
        backend="gloo",
        mode="step",
        tokens=64,
        status="ok",
        correctness=(Error(quantity="y", error=1e-7, limit=2e-7),),
        counts={"base": COUNTS, "head": COUNTS},
        launches=launches(QUIET, QUIET_TOO),
        peak_memory={"base": 2**20, "head": 2**20},
    )
    return msgspec.structs.replace(made, **changes)


def document(*cases: Case, **changes: Any) -> Document:
    made = Document(
        schema_version=1,
        suite_version="1",
        profile="release",
        run_id="1",
        nonce="n",
        started="2026-11-24T10:00:00Z",
        duration=60.0,
        sides={"base": side(BASE), "head": side(HEAD)},
        ceilings=(),
        cases=cases or (case(),),
    )
    return msgspec.structs.replace(made, **changes)


def expectation(**changes: Any) -> Expectation:
    made: dict[str, Any] = {"head": HEAD, "base": BASE, "nonce": "n", "profile": "release"}
    return Expectation(**(made | changes))
