"""The reward of candidates computed on the ranks: the two aspects that need the model, and two that are given.

0.4 semantic relevance (cosine of mean embeddings), 0.3 entity coverage, 0.2 fluency (the inverse of perplexity under
the split vocabulary), 0.1 safety. Coverage and safety come from the text and are computed beforehand.
"""

import torch
from torch import Tensor
from torch.nn import functional

from bot.bench.comm import Group
from bot.bench.layers.vocabulary import cross_entropy

WEIGHTS = (0.4, 0.3, 0.2, 0.1)


@torch.no_grad()
def rewards(prompt: Tensor, candidates: Tensor, table: Tensor, given: Tensor, group: Group) -> Tensor:
    """Return each candidate's reward [C].

    `prompt` are ids [P], `candidates` ids [C, T], `table` this rank's rows [V/N, H], `given` coverage and safety
    [C, 2].
    """
    ids = torch.cat((prompt, candidates.flatten()))
    features = group.all_reduce(_own_rows(ids, table, group))
    of_prompt = features[: len(prompt)].mean(0)
    of_candidates = features[len(prompt) :].unflatten(0, candidates.shape)
    relevance = functional.cosine_similarity(of_candidates.mean(1), of_prompt[None], dim=-1).clamp(0, 1)
    before, after = of_candidates[:, :-1].flatten(0, 1), candidates[:, 1:].flatten()
    losses = cross_entropy(before @ table.t(), after, group).unflatten(0, (len(candidates), -1))
    fluency = (-losses.mean(1)).exp().to(relevance)
    aspects = torch.stack((relevance, given[:, 0].to(relevance), fluency, given[:, 1].to(relevance)), -1)
    return aspects @ torch.tensor(WEIGHTS, dtype=aspects.dtype, device=aspects.device)


def _own_rows(ids: Tensor, table: Tensor, group: Group) -> Tensor:
    """Return the rows of those ids that this rank holds, and zeros for the others."""
    local = ids - group.rank * len(table)
    is_elsewhere = (local < 0) | (local >= len(table))
    return functional.embedding(local.masked_fill(is_elsewhere, 0), table).masked_fill(is_elsewhere.unsqueeze(-1), 0)
