"""From verdicts to one decision: what is to be true, what is said, what is remembered, and what goes out first."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import msgspec

from bot.config import Config
from bot.hearing import Heard
from bot.model.decisions import Decision
from bot.model.effects import AFTER_ALL_COMMENTS, SetLabels, StickyComment
from bot.model.facts import Facts
from bot.model.past import Learnt
from bot.model.timeline import Placed
from bot.model.verdicts import Message, Outcome, Verdict
from bot.policies import language
from bot.policies.sla import digest as digests
from bot.recall import own_changes, pulse


class Words(Protocol):
    """The sentences for people."""

    def comment(self, messages: Sequence[Message], language: str) -> str:
        """Compose the one comment that a subject carries."""
        ...

    def answer(self, messages: Sequence[Message], language: str) -> str:
        """Compose an answer to one comment."""
        ...


def facts_digest(facts: Facts, config: Config) -> str:
    """Return a fingerprint of all that a decision rests on: the same fingerprint needs no second decision."""
    issue = facts.issue
    known = [issue.title, issue.body, sorted(issue.labels), issue.type, issue.is_open, sorted(facts.issue_types)]
    return hashlib.sha256(msgspec.json.encode([known, config.digest])).hexdigest()


def fingerprint(facts: Facts, config: Config, now: datetime) -> str:
    """Return the fingerprint of the facts, followed by that of the issue's clock."""
    return facts_digest(facts, config) + pulse(facts.timeline, config, now)


def compose(
    heard: Heard, verdicts: tuple[Verdict, ...], config: Config, words: Words, *, digest: str, now: datetime
) -> Decision:
    """Return what follows from what was heard and from all verdicts; `digest` is the fingerprint of the facts."""
    facts = heard.facts
    wakes = [v.wake_at for v in verdicts if v.wake_at is not None and v.wake_at > now]
    remembered = [v.remember for v in verdicts if v.remember is not None]
    memory = remembered[-1] if remembered else facts.memory
    effects = tuple(effect for verdict in verdicts for effect in verdict.effects)
    wanted = facts.issue.after(effect for effect in effects if isinstance(effect, SetLabels))
    own = tuple(own_changes((*heard.effects, *effects), facts.issue.subject, now)) if facts.timeline else ()
    timeline = replace(facts.timeline, happenings=(*facts.timeline.happenings, *own)) if facts.timeline else None
    after = replace(facts, issue=wanted, timeline=timeline)
    said = _sticky(facts, config, verdicts, words) + _calls(facts, config, verdicts, words)
    standings = tuple(standing for verdict in verdicts for standing in verdict.standings)
    placed = [Placed(facts.issue.subject, each) for each in standings]
    return Decision(
        repository=facts.repository,
        subject=facts.issue.subject,
        verdicts=heard.verdicts + verdicts,
        effects=heard.effects + effects + said,
        memory=replace(memory, seen_at=facts.issue.updated_at, digest=fingerprint(after, config, now)),
        config_digest=config.digest,
        facts_digest=digest,
        wake_at=min(wakes, default=None),
        comments=heard.comments,
        overrides=heard.overrides,
        asked=heard.asked,
        learnt=Learnt(happenings=own),
        standings=standings,
        digest_at=digests.due_at(placed, config, now),
    )


def _sticky(facts: Facts, config: Config, verdicts: tuple[Verdict, ...], words: Words) -> tuple[StickyComment, ...]:
    """Fold what all policies have to say into the subject's one comment; silence when there is nothing."""
    messages = [v.message for v in verdicts if v.message is not None]
    if not messages:
        return ()
    body = words.comment(messages, language.choose(config, facts.issue))
    return (StickyComment(facts.issue.subject, body, may_exist=facts.issue.comments > 0 and not facts.memory.digest),)


def _calls(facts: Facts, config: Config, verdicts: tuple[Verdict, ...], words: Words) -> tuple[StickyComment, ...]:
    """Give people the comments of their own in which they are called: only a new comment reaches them."""
    spoken = language.choose(config, facts.issue)
    return tuple(
        StickyComment(facts.issue.subject, words.answer([call.message], spoken), key=call.key)
        for verdict in verdicts
        for call in verdict.calls
    )


def rank_of(decision: Decision) -> int:
    """Say what goes before the effects of a clock that rang: all that people wait for, and breaches before the rest."""
    is_breached = any(each.standings and each.outcome is Outcome.FAIL for each in decision.verdicts)
    return AFTER_ALL_COMMENTS if is_breached else AFTER_ALL_COMMENTS + 1
