"""Runs that wait for leave to deploy: only what passed and was approved goes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.model.effects import AnswerDeployment
from bot.model.subjects import Subject
from bot.model.trains import Deployment, Stage, Train
from bot.model.verdicts import Data, Message
from bot.policies.release.train import Next, Obstacle
from bot.releasing.parts import Place
from bot.releasing.telling import Stand

_GOING_OUT = frozenset({Next.CREATE_TAG, Next.CREATE_RELEASE, Next.CLOSE_ISSUE})

#: What only another commit, another result or somebody's word can change: the run need not wait for that.
_FINAL = frozenset({Obstacle.EVIDENCE, Obstacle.NO_ANSWER, Obstacle.TAG_ELSEWHERE, Obstacle.WRONG_STEP})


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a run that waits is told, and why, in one word and perhaps a detail."""

    state: Literal["approved", "rejected"]
    reason: str
    version: str = ""
    detail: str = ""


def answered(place: Place, stand: Stand | None) -> list[tuple[Deployment, AnswerDeployment]]:
    """Return the answers to all runs that wait and for which the answer is known; the others wait on."""
    waiting = place.desk.store.deployments(place.repository.id)
    if not waiting:
        return []
    published = place.desk.store.published(place.repository.id)
    if place.config.release.shadow_until is not None:
        shadow = Ruling("approved", "shadow")
        return [(each, _answer(each, shadow, place, stand)) for each in waiting]
    ruled = ((each, rule(each, stand, published)) for each in waiting)
    return [(each, _answer(each, ruling, place, stand)) for each, ruling in ruled if ruling is not None]


def rule(asked: Deployment, stand: Stand | None, published: Iterable[Train]) -> Ruling | None:
    """Say whether a run may deploy its commit; None while that is not known yet."""
    out = next((each for each in published if each.sha == asked.sha), None)
    if out is not None:
        return Ruling("approved", "published", out.version)
    if stand is None or stand.train.sha != asked.sha or stand.train.stage is Stage.SUGGESTED:
        is_old = stand is not None and any(each.head == asked.sha for each in stand.train.attempts)
        return Ruling("rejected", "moved" if is_old else "no-candidate", stand.train.version if stand else "")
    if stand.decision.next in _GOING_OUT or stand.train.stage is Stage.PUBLISHED:
        return Ruling("approved", "passed", stand.train.version)
    final = [each for each in stand.decision.blocking if each.obstacle in _FINAL]
    if final:
        return Ruling("rejected", final[0].obstacle.value, stand.train.version, final[0].detail)
    return None


def _answer(asked: Deployment, ruling: Ruling, place: Place, stand: Stand | None) -> AnswerDeployment:
    data: dict[str, Data] = {
        "state": ruling.state,
        "reason": ruling.reason,
        "version": ruling.version,
        "detail": ruling.detail,
        "short": asked.sha[:12],
    }
    language = stand.train.language if stand else place.desk.speech()
    title, body = place.desk.words.headed(Message("release/deployment", data), language)
    comment = f"{title} {body.strip()}".strip()
    subject = Subject(place.repository.id, 0)
    return AnswerDeployment(subject, asked.run_id, asked.environment, ruling.state, comment)
