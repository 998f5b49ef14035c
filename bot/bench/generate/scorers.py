"""What a candidate is worth, one aspect each, between 0 and 1. They need no model and no download.

A scorer of one's own has the same signature; a plugin offers it under its name.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.bench.generate.repair import repair


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer to a prompt; `log_probabilities` are those of its tokens (natural logarithm), where they are known."""

    text: str
    log_probabilities: Sequence[float] = ()


class Scorer(Protocol):
    """Says how good one candidate is in one respect."""

    def __call__(self, prompt: str, candidate: Candidate) -> float:
        """Return a score from 0 (bad) to 1 (good)."""
        ...


_WORD = re.compile(r"[a-z0-9_]+(?:[.\-][a-z0-9_]+)*|[\u3400-\u9fff]+", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_ENTITY = re.compile(
    r"《([^《》\n]{1,60})》|「([^「」\n]{1,60})」|“([^“”\n]{1,60})”|\"([^\"\n]{1,60})\"|`([^`\n]{1,60})`"
    r"|([0-9]{1,4}年(?:[0-9]{1,2}月(?:[0-9]{1,2}[日号])?)?)"
    r"|([0-9]+(?:[.,:/\-][0-9]+)*(?:%|[a-zA-Z]{1,6}\b)?)"
    r"|\b([A-Z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*)\b"
)

#: What nobody should be shown: keys and tokens as their issuers document them, private key blocks, identity numbers.
_UNSAFE = re.compile(
    r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bsk-[A-Za-z0-9_\-]{20,}|\bAKIA[0-9A-Z]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9])"
)

_REPEATED = 3


def relevance(prompt: str, candidate: Candidate) -> float:
    """Return the cosine of prompt and candidate over words and pairs of Chinese characters, rare repetition damped."""
    one, two = _terms(prompt), _terms(candidate.text)
    shared = sum(weight * two[term] for term, weight in one.items() if term in two)
    size = math.sqrt(sum(each**2 for each in one.values()) * sum(each**2 for each in two.values()))
    return shared / size if size else 0.0


def coverage(prompt: str, candidate: Candidate) -> float:
    """Return the share of the prompt's entities (names, numbers, dates, quoted terms) that the candidate mentions."""
    entities = entities_of(prompt)
    if not entities:
        return 1.0
    said = repair(candidate.text).casefold()
    return sum(entity.casefold() in said for entity in entities) / len(entities)


def fluency(prompt: str, candidate: Candidate) -> float:  # noqa: ARG001  the scorers' one signature
    """Return 1 / perplexity where token probabilities are known, else the share of its three-term runs that are new."""
    if candidate.log_probabilities:
        mean = math.fsum(candidate.log_probabilities) / len(candidate.log_probabilities)
        return min(1.0, math.exp(mean)) if not math.isnan(mean) else 0.0
    terms = _sequence(candidate.text)
    runs = [tuple(terms[at : at + _REPEATED]) for at in range(len(terms) - _REPEATED + 1)]
    if not terms:
        return 0.0
    return len(set(runs)) / len(runs) if runs else 1.0


def safety(prompt: str, candidate: Candidate) -> float:  # noqa: ARG001  the scorers' one signature
    """Return 0 where the candidate shows a secret or an identity number, else 1."""
    return 0.0 if _UNSAFE.search(repair(candidate.text)) else 1.0


def entities_of(text: str) -> tuple[str, ...]:
    """Return what a good answer has to mention: names, numbers, dates and quoted terms, each once, in order."""
    text = repair(text)
    found = [next(part for part in match.groups() if part) for match in _ENTITY.finditer(text)]
    return tuple(dict.fromkeys(each for each in found if not _starts_a_sentence(each, text)))


def _starts_a_sentence(entity: str, text: str) -> bool:
    """Say whether this is an ordinary word that is capitalised only because a sentence begins with it."""
    if not (entity[0].isupper() and entity[1:].islower() and entity.isascii()):
        return False
    starts = [match.start() for match in re.finditer(rf"\b{re.escape(entity)}\b", text)]
    return all(at == 0 or text[:at].rstrip(" ")[-1:] in {".", "!", "?", "\n", ":", "。", "！", "？"} for at in starts)


def _sequence(text: str) -> list[str]:
    terms: list[str] = []
    for word in _WORD.findall(repair(text).casefold()):
        if _HAN.match(word) and len(word) > 1:
            terms += (word[at : at + 2] for at in range(len(word) - 1))
        else:
            terms.append(word)
    return terms


def _terms(text: str) -> dict[str, float]:
    return {term: 1 + math.log(count) for term, count in Counter(_sequence(text)).items()}
