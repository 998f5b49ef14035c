"""Which cases there are and which of them each profile runs. Nothing here needs PyTorch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.bench.pieces import Piece


class Work(StrEnum):
    """What one timed step does."""

    GEMM = "gemm"
    COPY = "copy"
    STEP = "step"
    COLLECTIVE = "collective"
    DECODE_GREEDY = "decode_greedy"
    DECODE_TOP_K = "decode_top_k"
    RERANK = "rerank"
    TRAIN = "train"


#: Rows and columns of the matrices whose product shows what a device can do at most, by kind of device.
GEMM_SIZE = {"cpu": 512, "cuda": 8192}

#: Bytes that are copied to show how fast memory is: more than caches hold.
COPY_BYTES = {"cpu": 2**25, "cuda": 2**30}

#: Tokens that a sequence has before a decoding step is timed; on a CPU fewer make the same point.
CONTEXT = {"cpu": 128, "cuda": 2048}

#: Tokens of the prompt, and of each candidate that is ranked.
CANDIDATE = {"cpu": 32, "cuda": 256}

#: How many of the best tokens one is drawn from.
TOP_K = 30


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is timed. `tokens` are those of a step, the batch of a decode, or the bytes of a collective."""

    name: str
    work: Work
    piece: Piece = Piece.LAYER
    is_sequence_parallel: bool = False
    micro_batches: int = 1
    collective: str = ""
    tokens: int | None = None
    least_world: int = 1

    @property
    def mode(self) -> str:
        """What tells two cases of one name apart: `step`, `sp`, `train`."""
        return "sp" if self.is_sequence_parallel else self.work.value

    def amount(self, tokens: int, kind: str) -> int:
        """Return how much one step handles: tokens, candidates, bytes, or the size of a square matrix."""
        match self.work:
            case Work.GEMM:
                return GEMM_SIZE[kind]
            case Work.COPY:
                return COPY_BYTES[kind]
            case Work.STEP | Work.TRAIN:
                return tokens * self.micro_batches
            case Work.COLLECTIVE | Work.DECODE_GREEDY | Work.DECODE_TOP_K | Work.RERANK:
                return self.tokens or 1


@dataclass(frozen=True, slots=True)
class Profile:
    """What one run does: which cases on which shapes, dtypes and numbers of ranks, and how long.

    `proofs` are numbers of ranks on which the cases are checked besides, in float64 on the CPU, whatever the device is:
    one rank alone sees hardly any fault, and rounding hides small ones.
    """

    name: str
    shapes: tuple[str, ...]
    dtypes: tuple[str, ...]
    worlds: tuple[int, ...]
    tokens: int
    cases: tuple[str, ...]
    pairs: int
    samples: int
    device: str = "cpu"
    proofs: tuple[int, ...] = (2, 4)

    @property
    def kind(self) -> str:
        """What sort of device it runs on: `cpu` or `cuda`."""
        return self.device.partition(":")[0]


def _peaks() -> Iterator[Case]:
    yield Case("gemm_peak", Work.GEMM)
    yield Case("copy_peak", Work.COPY)


def _steps() -> Iterator[Case]:
    for piece in (Piece.COLUMN, Piece.ROW, Piece.MLP, Piece.ATTENTION, Piece.LAYER):
        yield Case(piece.value, Work.STEP, piece)
    for piece in (Piece.MLP, Piece.LAYER):
        yield Case(f"{piece.value}_sp", Work.STEP, piece, is_sequence_parallel=True, least_world=2)
    yield Case("embedding", Work.STEP, Piece.EMBEDDING)
    yield Case("cross_entropy", Work.STEP, Piece.LOSS)


def _collectives(powers: Sequence[int]) -> Iterator[Case]:
    for kind in ("all_reduce", "all_gather", "reduce_scatter"):
        for power in powers:
            name = f"{kind}_{2**power}"
            yield Case(name, Work.COLLECTIVE, collective=kind, tokens=2**power, least_world=2)


def _on_gpus() -> Iterator[Case]:
    """Yield what only a graphics processor is large enough for: 4 KiB to 1 GiB, each size four times the last."""
    yield from _collectives([power for power in range(12, 31, 2) if power not in {12, 20}])
    for batch in (1, 64):
        yield Case(f"decode_greedy_{batch}", Work.DECODE_GREEDY, tokens=batch)
        yield Case(f"decode_top_k_{batch}", Work.DECODE_TOP_K, tokens=batch)


def _others() -> Iterator[Case]:
    yield Case("decode_greedy", Work.DECODE_GREEDY, tokens=8)
    yield Case("decode_top_k", Work.DECODE_TOP_K, tokens=8)
    yield Case("rerank", Work.RERANK, tokens=8)
    yield Case("train_1", Work.TRAIN, micro_batches=1)
    yield Case("train_8", Work.TRAIN, micro_batches=8)


_ANYWHERE = (*_peaks(), *_steps(), *_collectives((12, 20)), *_others())

CASES: dict[str, Case] = {case.name: case for case in (*_ANYWHERE, *_on_gpus())}

ALL = tuple(CASES)

#: What a CPU can do in a minute.
SMALL = tuple(case.name for case in _ANYWHERE)

#: What is timed first and last in every run: the ceilings that the others are held against.
PEAKS = tuple(case.name for case in _peaks())

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("smoke", ("small",), ("float32",), (1, 2), 64, SMALL, pairs=6, samples=3),
        Profile("pr", ("llama-3-8b",), ("bfloat16",), (1,), 4096, ALL, pairs=6, samples=10, device="cuda"),
        Profile(
            "release",
            ("llama-3-8b", "qwen3-8b"),
            ("bfloat16",),
            (1, 2, 4, 8),
            4096,
            ALL,
            pairs=6,
            samples=10,
            device="cuda",
        ),
        Profile(
            "nightly",
            ("llama-3-8b", "llama-3-70b", "qwen3-8b", "qwen3-32b", "llama-2-7b", "llama-2-13b", "qwen2.5-7b"),
            ("bfloat16", "float32"),
            (1, 2, 4, 8),
            4096,
            ALL,
            pairs=12,
            samples=10,
            device="cuda",
        ),
    )
}
