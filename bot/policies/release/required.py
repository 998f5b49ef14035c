"""The cases of the suite that a result must hold: what leaves one out proves nothing, however good the rest is."""

#: Those that run on any number of ranks.
_ANYWHERE = (
    *("column", "row", "mlp", "attention", "layer", "embedding", "cross_entropy"),
    *("decode_greedy", "decode_top_k", "rerank", "train_1", "train_8", "gemm_peak", "copy_peak"),
)

#: Those that need two ranks or more.
_TOGETHER = (
    *("mlp_sp", "layer_sp"),
    *("all_reduce_4096", "all_reduce_1048576", "all_gather_4096", "all_gather_1048576"),
    *("reduce_scatter_4096", "reduce_scatter_1048576"),
)

#: Those that only a graphics processor is large enough for.
_ANYWHERE_LARGE = ("decode_greedy_1", "decode_greedy_64", "decode_top_k_1", "decode_top_k_64")
_TOGETHER_LARGE = tuple(
    f"{kind}_{2**power}"
    for kind in ("all_reduce", "all_gather", "reduce_scatter")
    for power in (14, 16, 18, 22, 24, 26, 28, 30)
)

#: The profile of CPUs.
_SMALL = frozenset({"smoke"})

#: The profile of one GPU.
_ALONE = frozenset({"pr"})


def required(profile: str, degrees: tuple[int, ...] = ()) -> frozenset[str]:
    """Name the cases that a profile runs, on these numbers of ranks where not on its own."""
    is_alone = max(degrees) < 2 if degrees else profile in _ALONE
    is_small = profile in _SMALL
    anywhere = frozenset(_ANYWHERE if is_small else (*_ANYWHERE, *_ANYWHERE_LARGE))
    together = frozenset(_TOGETHER if is_small else (*_TOGETHER, *_TOGETHER_LARGE))
    return anywhere if is_alone else anywhere | together
