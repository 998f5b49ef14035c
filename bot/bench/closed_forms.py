"""What every case must cost, worked out on paper: floating-point operations and collectives of one rank.

Per rank, with T tokens, H hidden and F feed-forward features, A = heads * D attention features, V vocabulary entries
and N ranks. Steps are forward and backward; decoding and reranking are forward only. A product [m, k] x [k, n] is 2mkn
operations and costs twice that again backward, once per input. Attention is counted whole, not halved for causality,
and without what a kernel chooses to compute twice: 2 products forward, 4 backward. What is no product of matrices
counts as none: norms, the choice of a token, the weighing of a reward, the optimiser. Nothing here needs PyTorch.
"""

from dataclasses import dataclass, field

from bot.bench.cases import CANDIDATE, CONTEXT, GEMM_SIZE, TOP_K, Case, Work
from bot.bench.pieces import Piece
from bot.bench.shapes import Shape

#: Bytes of one number in which partial gradients and cross entropy are added up.
WIDE = 4

#: Bytes of one token id beside its logit.
TOKEN_ID = 4


@dataclass(frozen=True, slots=True)
class Setting:
    """What is run: a piece of a shape on T tokens over N ranks, with numbers of `width` bytes, K micro-batches."""

    piece: Piece
    shape: Shape
    tokens: int
    world: int
    width: int
    is_sequence_parallel: bool = False
    micro_batches: int = 1

    @property
    def wide(self) -> int:
        """Bytes of one number where sums are kept: float32, or float64 where everything is."""
        return max(WIDE, self.width)


@dataclass(slots=True)
class Cost:
    """Floating-point operations, and calls and bytes of each kind of collective."""

    flops: int = 0
    collectives: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, kind: str, calls: int, size: int) -> None:
        """Count `calls` collectives of `size` bytes each."""
        if calls:
            before = self.collectives.get(kind, (0, 0))
            self.collectives[kind] = (before[0] + calls, before[1] + calls * size)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is run: a shape over N ranks, numbers of `width` bytes, tokens of a step, and `cpu` or `cuda`."""

    shape: Shape
    world: int
    width: int
    tokens: int
    kind: str

    @property
    def wide(self) -> int:
        """Bytes of one number where sums are kept and logits sent."""
        return max(WIDE, self.width)


def of_case(case: Case, place: Place) -> Cost:  # noqa: PLR0911  one return per kind of work
    """Return what one timed step of a case costs at a place."""
    match case.work:
        case Work.GEMM:
            return Cost(2 * GEMM_SIZE[place.kind] ** 3)
        case Work.COPY:
            return Cost()
        case Work.STEP:
            return micro_batches(_setting(case, place))
        case Work.TRAIN:
            return step(_setting(case, place))
        case Work.COLLECTIVE:
            return Cost(collectives={case.collective: (1, case.tokens or 0)})
        case Work.DECODE_GREEDY:
            return _decode(case, place, 1)
        case Work.DECODE_TOP_K:
            return _decode(case, place, TOP_K)
        case Work.RERANK:
            return _rerank(case, place)


def _setting(case: Case, place: Place) -> Setting:
    at = (place.shape, place.tokens, place.world, place.width)
    return Setting(case.piece, *at, is_sequence_parallel=case.is_sequence_parallel, micro_batches=case.micro_batches)


def _decode(case: Case, place: Place, k: int) -> Cost:
    """One token of each of B sequences through a layer and the vocabulary: 2 all-reduces, 1 gather of the best.

    The newest token attends to the context and to itself. Each rank sends the k best of its logits, with their ids.
    """
    shape, world, batch = place.shape, place.world, case.tokens or 1
    own_keys, own_vocab = shape.kv_heads_of_rank(world) * shape.head_dim, shape.vocab // world
    features = (2 * shape.attention_width + 3 * shape.ffn) // world + 2 * own_keys + own_vocab
    attended = 4 * batch * (CONTEXT[place.kind] + 1) * shape.attention_width // world
    cost = Cost(2 * batch * shape.hidden * features + attended)
    if world > 1:
        cost.add("all_reduce", 2, batch * shape.hidden * place.width)
        cost.add("all_gather", 1, world * batch * min(k, own_vocab) * (place.wide + TOKEN_ID))
    return cost


def _rerank(case: Case, place: Place) -> Cost:
    """The features of a prompt and C candidates of L tokens, and the loss of all but each candidate's first token.

    1 all-reduce of the features, 3 of one number per predicted token.
    """
    shape, world, count, length = place.shape, place.world, case.tokens or 1, CANDIDATE[place.kind]
    predicted = count * (length - 1)
    cost = Cost(2 * predicted * shape.hidden * shape.vocab // world)
    if world > 1:
        cost.add("all_reduce", 1, (1 + count) * length * shape.hidden * place.width)
        cost.add("all_reduce", 3, predicted * place.wide)
    return cost


def step(setting: Setting) -> Cost:
    """Return what K micro-batches forward and backward cost, and the one sum of partial gradients after them."""
    cost = micro_batches(setting)
    if setting.world > 1:
        cost.add("all_reduce", *_partial(setting))
    return cost


def micro_batches(setting: Setting) -> Cost:
    """Return what K micro-batches forward and backward cost; no collective is for a split weight's gradient."""
    cost = Cost(setting.micro_batches * flops(setting))
    if setting.world == 1:
        return cost
    blocks, activation = _blocks(setting.piece), setting.tokens * setting.shape.hidden * setting.width
    for kind, calls in _boundary(setting, blocks).items():
        cost.add(kind, setting.micro_batches * calls, activation)
    if setting.piece is Piece.LOSS:
        cost.add("all_reduce", 3 * setting.micro_batches, setting.tokens * setting.wide)
    return cost


def flops(setting: Setting) -> int:
    """Return the operations of one micro-batch forward and backward on one rank."""
    shape, tokens, world = setting.shape, setting.tokens, setting.world
    match setting.piece:
        case Piece.COLUMN | Piece.ROW:
            return 6 * tokens * shape.hidden * shape.ffn // world
        case Piece.MLP:
            return 18 * tokens * shape.hidden * shape.ffn // world
        case Piece.ATTENTION:
            return _attention(setting)
        case Piece.LAYER:
            return _attention(setting) + 18 * tokens * shape.hidden * shape.ffn // world
        case Piece.EMBEDDING:
            return 0
        case Piece.LOSS:
            return 6 * tokens * shape.hidden * shape.vocab // world


def _attention(setting: Setting) -> int:
    shape, tokens, world = setting.shape, setting.tokens, setting.world
    own_keys = shape.kv_heads_of_rank(world) * shape.head_dim
    products = 6 * tokens * shape.hidden * (2 * shape.attention_width // world + 2 * own_keys)
    return products + 12 * tokens**2 * shape.attention_width // world


def _blocks(piece: Piece) -> tuple[int, int]:
    """Return how many times a piece begins with split work and how many times it ends it."""
    match piece:
        case Piece.COLUMN | Piece.LOSS:
            return (1, 0)
        case Piece.ROW | Piece.EMBEDDING:
            return (0, 1)
        case Piece.MLP | Piece.ATTENTION:
            return (1, 1)
        case Piece.LAYER:
            return (2, 2)


def _boundary(setting: Setting, blocks: tuple[int, int]) -> dict[str, int]:
    """Return the collectives of activations: one each way where split work begins (backward) and ends (forward)."""
    begins, ends = blocks
    if not setting.is_sequence_parallel or setting.piece in {Piece.EMBEDDING, Piece.LOSS}:
        return {"all_reduce": begins + ends}
    return {"all_gather": begins + ends, "reduce_scatter": begins + ends}


def _partial(setting: Setting) -> tuple[int, int]:
    """Return calls and bytes of the sum of partial gradients: norms, row biases, shared key-value heads."""
    shape, is_split = setting.shape, setting.is_sequence_parallel
    has_attention = setting.piece in {Piece.ATTENTION, Piece.LAYER}
    numbers = 2 * shape.hidden if setting.piece is Piece.LAYER and is_split else 0
    numbers += shape.hidden if setting.piece is Piece.ROW and is_split else 0
    if has_attention and shape.kv_copies(setting.world) > 1:
        numbers += 2 * shape.kv_heads * shape.head_dim * shape.hidden
    return (1, numbers * setting.wide) if numbers else (0, 0)
