"""The result of the tensor-parallel suite: one JSON document with raw numbers and no verdict of its own.

Whoever reads it works the verdict out again; a field that said "pass" could be written by anybody. Times are
milliseconds, sizes bytes. The JSON Schema stands in `docs/schemas/tensor-parallel.json`.
"""

import hashlib
import math
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

SCHEMA_VERSION = 1

#: A document is a few hundred kilobytes; what is larger than this is none.
LARGEST = 16 * 1024 * 1024

Status = Literal["ok", "incorrect", "skipped", "unstable", "error"]
SideName = Literal["base", "head"]


class Unreadable(Exception):
    """The bytes are no result of the suite; the text says what is wrong, and where."""


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts share: nothing unknown is let in."""


class Gpu(_Strict, frozen=True):
    """One graphics processor."""

    name: str
    uuid: str
    memory: int
    capability: str


class Environment(_Strict, frozen=True):
    """The machine and what runs on it, as far as it matters for speed; unknown is an empty text, or nothing."""

    torch: str
    python: str
    os: str
    cpu: str
    cores: int
    threads: int
    gpus: tuple[Gpu, ...] = ()
    driver: str = ""
    cuda: str = ""
    cudnn: str = ""
    nccl: str = ""
    topology: str = ""
    mig: str = ""
    power_limit: str = ""
    container: str = ""
    variables: dict[str, str] = {}


class Side(_Strict, frozen=True):
    """What was built: the engine's commit, whether its tree had other changes, and where it ran."""

    engine: str
    commit: str
    is_dirty: bool
    environment: Environment


class Error(_Strict, frozen=True):
    """How far one quantity was off from the float64 reference, and how far it may be."""

    quantity: str
    error: float | None
    limit: float


class Counts(_Strict, frozen=True):
    """What one rank did in one step: operations, and calls and bytes of each kind of collective."""

    flops: int
    operations: int
    saved_bytes: int
    collectives: dict[str, tuple[int, int]] = {}


class Launch(_Strict, frozen=True):
    """One start of one side: the samples of its timed steps in milliseconds, each the slowest rank's.

    `alone` are samples of the same step unsplit, done by all ranks at once: what strong scaling is measured against.
    """

    side: SideName
    pair: int
    samples: tuple[float, ...]
    alone: tuple[float, ...] = ()


class Case(_Strict, frozen=True):
    """One case of the suite on one number of ranks; `reason` says why the status is not `ok`.

    `tokens` is how much one step handles: tokens, candidates, bytes of a collective or a copy, rows of a square matrix.
    `rates` follow from the rest (`bot.reports.rates`).
    """

    name: str
    shape: str
    dtype: str
    world: int
    backend: str
    mode: str
    tokens: int
    status: Status
    reason: str = ""
    correctness: tuple[Error, ...] = ()
    counts: dict[SideName, Counts] = {}
    launches: tuple[Launch, ...] = ()
    peak_memory: dict[SideName, int] = {}
    rates: dict[str, float] = {}

    @property
    def id(self) -> str:
        """What tells it from every other case: name, shape, dtype, ranks and mode."""
        return f"{self.name}/{self.shape}/{self.dtype}/{self.world}/{self.mode}"


class Ceiling(_Strict, frozen=True):
    """What this machine can do at most, measured at the start and at the end: GB/s of copies, TFLOP/s of products."""

    name: str
    unit: str
    start: float
    end: float


class Document(_Strict, frozen=True):
    """A whole result. `nonce` is what the dispatch asked to be repeated; `digest` covers everything else."""

    schema_version: int
    suite_version: str
    profile: str
    run_id: str
    nonce: str
    started: str
    duration: float
    sides: dict[SideName, Side]
    ceilings: tuple[Ceiling, ...]
    cases: tuple[Case, ...]
    digest: str = ""


def parse(data: bytes) -> Document:
    """Read a result and check that it is whole; raise `Unreadable`."""
    if len(data) > LARGEST:
        raise Unreadable(f"larger than {LARGEST} bytes")
    try:
        document = msgspec.json.decode(data, type=Document)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from None
    if fault := next(_faults(document), None):
        raise Unreadable(fault)
    return document


def encode(document: Document) -> bytes:
    """Return the document as JSON with its digest in it, always the same bytes for the same content."""
    sealed = msgspec.structs.replace(document, digest=digest(document))
    return msgspec.json.format(msgspec.json.encode(sealed, order="deterministic"), indent=1)


def digest(document: Document) -> str:
    """Return the SHA-256 of the document without its digest, in canonical JSON."""
    bare = msgspec.structs.replace(document, digest="")
    return hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()


def json_schema() -> dict[str, object]:
    """Return the document's JSON Schema, the same in every process."""
    found: dict[str, object] = _in_order(msgspec.json.schema(Document))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found


def _in_order(schema: Any) -> Any:  # noqa: ANN401  JSON
    """Sort what is a set in Python and comes in another order in every process."""
    if isinstance(schema, list):
        return [_in_order(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: sorted(value) if key == "enum" else _in_order(value) for key, value in schema.items()}


def _faults(document: Document) -> Iterator[str]:
    """Yield what a reader must not accept although every field has the right type."""
    if document.schema_version != SCHEMA_VERSION:
        yield f"schema_version is {document.schema_version}; this reads {SCHEMA_VERSION}"
    if document.digest and document.digest != digest(document):
        yield "the digest does not fit the content"
    if any(not (_is_time(each.start) and _is_time(each.end)) for each in document.ceilings):
        yield "ceilings: a number that is none"
    if "head" not in document.sides:
        yield "sides: there is no head"
    seen: set[str] = set()
    for case in document.cases:
        if case.id in seen:
            yield f"cases: {case.id} is there twice"
        seen.add(case.id)
        yield from _case_faults(case)


def _case_faults(case: Case) -> Iterator[str]:
    if case.world < 1 or case.tokens < 0:
        yield f"cases: {case.id}: world and tokens must be positive"
    places = [(launch.side, launch.pair) for launch in case.launches]
    if len(set(places)) < len(places):
        yield f"cases: {case.id}: a launch is there twice"
    if any(not launch.samples or launch.pair < 0 for launch in case.launches):
        yield f"cases: {case.id}: a launch without samples, or with a negative pair"
    if any(not _is_time(sample) for launch in case.launches for sample in launch.samples + launch.alone):
        yield f"cases: {case.id}: a sample that is no time"
    if case.status != "ok" and case.launches:
        yield f"cases: {case.id}: a case that is {case.status} has no timing"


def _is_time(sample: float) -> bool:
    return math.isfinite(sample) and sample > 0
