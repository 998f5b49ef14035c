"""The model shapes that are measured, and which of them can be split over how many ranks."""

from dataclasses import dataclass

from bot.bench.pieces import CannotRun


class Indivisible(CannotRun):
    """A shape cannot be split over that many ranks; the text says which number does not divide."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One transformer layer and its vocabulary, in numbers of features, heads and tokens known."""

    name: str
    hidden: int
    ffn: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int

    @property
    def attention_width(self) -> int:
        """Features of all query heads together; not always the hidden size (Qwen3)."""
        return self.heads * self.head_dim

    def kv_heads_of_rank(self, world: int) -> int:
        """Key-value heads that one of `world` ranks holds: its share, or one copy where there are fewer than ranks."""
        return max(1, self.kv_heads // world)

    def kv_copies(self, world: int) -> int:
        """How many ranks hold the same key-value head."""
        return max(1, world // self.kv_heads)


#: From each model's published `config.json`.
SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("tiny", hidden=64, ffn=160, heads=8, kv_heads=4, head_dim=8, vocab=512),
        Shape("small", hidden=256, ffn=704, heads=8, kv_heads=2, head_dim=32, vocab=4096),
        Shape("llama-3-8b", hidden=4096, ffn=14336, heads=32, kv_heads=8, head_dim=128, vocab=128256),
        Shape("llama-3-70b", hidden=8192, ffn=28672, heads=64, kv_heads=8, head_dim=128, vocab=128256),
        Shape("qwen3-8b", hidden=4096, ffn=12288, heads=32, kv_heads=8, head_dim=128, vocab=151936),
        Shape("qwen3-32b", hidden=5120, ffn=25600, heads=64, kv_heads=8, head_dim=128, vocab=151936),
        Shape("llama-2-7b", hidden=4096, ffn=11008, heads=32, kv_heads=32, head_dim=128, vocab=32000),
        Shape("llama-2-13b", hidden=5120, ffn=13824, heads=40, kv_heads=40, head_dim=128, vocab=32000),
        Shape("qwen2.5-7b", hidden=3584, ffn=18944, heads=28, kv_heads=4, head_dim=128, vocab=152064),
    )
}


def check(shape: Shape, world: int) -> None:
    """Raise `Indivisible` where the shape cannot be split evenly over `world` ranks.

    Nothing is padded and nothing dropped: a benchmark of a slightly different model proves nothing about this one.
    """
    for what, count in (
        ("heads", shape.heads),
        ("feed-forward features", shape.ffn),
        ("vocabulary entries", shape.vocab),
    ):
        if count % world:
            raise Indivisible(f"{shape.name}: {count} {what} do not divide over {world} ranks")
    if shape.kv_heads % world and world % shape.kv_heads:
        raise Indivisible(f"{shape.name}: {shape.kv_heads} key-value heads neither divide over nor into {world} ranks")


def share(total: int, world: int, what: str) -> int:
    """Return one rank's even share of `total`; raise `Indivisible` where something would be left over."""
    if total % world:
        raise Indivisible(f"{total} {what} do not divide over {world} ranks")
    return total // world
