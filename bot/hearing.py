"""What people ask of Reeve in comments: gather what a command is judged by, judge it, and say what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.config import Config
from bot.model.decisions import Answered, Override, Push
from bot.model.effects import Effect, SetLabels, StickyComment
from bot.model.errors import Gone, Refused
from bot.model.events import CommentGiven
from bot.model.facts import Comment, Facts, PullRequest
from bot.model.roles import Role, Who
from bot.model.subjects import Repository, Subject
from bot.model.trains import Asked
from bot.model.verdicts import Message, Verdict
from bot.policies import commands, language
from bot.policies.commands import OWN, Answer, Command, Head, Registry, Situation, TooMany, Unknown, flooded, rate


class Forge(Protocol):
    """What of GitHub a command needs to know, as of now."""

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:
        """Read a comment as it is now; None means that it was deleted."""
        ...

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:
        """Ask for an account's role now; None means that this login is not this account."""
        ...

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        ...


class Store(Protocol):
    """What a command needs remembered."""

    def is_answered(self, comment_id: int) -> bool:
        """Say whether this comment's commands were judged before."""
        ...

    def commands_before(self, repository: Repository, comment: Comment, *, since: datetime) -> Sequence[datetime]:
        """Return when its writer gave commands before, anywhere in the same installation."""
        ...

    def touched_after(self, subject: Subject, comment: Comment) -> frozenset[str]:
        """Return the places that commands written after this comment have touched already."""
        ...

    def pushes(self, subject: Subject) -> Sequence[Push]:
        """Return the heads that a pull request had, oldest first."""
        ...


class Words(Protocol):
    """The sentences for people."""

    def answer(self, messages: Sequence[Message], language: str) -> str:
        """Compose an answer to one comment."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of all commands: the facts as they are after them, and what is to be written down."""

    facts: Facts
    verdicts: tuple[Verdict, ...] = ()
    effects: tuple[Effect, ...] = ()
    comments: tuple[Answered, ...] = ()
    overrides: tuple[Override, ...] = ()
    asked: tuple[Asked, ...] = ()

    def knows(self, comment_id: int) -> bool:
        """Say whether this comment was heard on this very trip."""
        return any(each.comment_id == comment_id for each in self.comments)


@dataclass(frozen=True, slots=True)
class Ear:
    """The parts that hearing needs, wired together for one trip."""

    forge: Forge
    store: Store
    words: Words
    config: Config
    now: datetime
    explain: Callable[[Facts], tuple[Verdict, ...]]
    registry: Registry = OWN

    def hear(self, given: Sequence[CommentGiven], facts: Facts) -> Heard:
        """Judge the commands of these comments in the order in which they were written."""
        heard = Heard(facts)
        for event in sorted(given, key=lambda each: (each.comment.created_at, each.comment.id)):
            if self._is_news(event) and not heard.knows(event.comment.id):
                heard = self._hear_one(event, heard)
        return heard

    def _is_news(self, event: CommentGiven) -> bool:
        """Say whether this is a person's new comment with commands in it that were not judged yet."""
        author = event.comment.author
        is_persons = event.action == "created" and author is not None and not author.is_bot
        return is_persons and bool(self._parsed(event)) and not self.store.is_answered(event.comment.id)

    def _hear_one(self, event: CommentGiven, heard: Heard) -> Heard:
        if not commands.is_for_reeve(self._parsed(event)):
            return replace(heard, comments=(*heard.comments, Answered(event.comment.id, 0, event.comment.created_at)))
        allowed = self._allowance(event, heard)
        if not allowed.is_granted:
            said = () if allowed.was_told else (flooded(event.comment.id, event.subject, allowed.next_at),)
            return self._with(heard, event, said, heard.facts, ())
        situation = self._situation(event, heard.facts)
        answers = commands.decide_comment(situation, self.config, self.now)
        if not answers:
            return heard
        eyes = commands.received(situation)
        return self._with(heard, event, answers, _after(heard.facts, answers), (eyes,) if eyes else ())

    def _with(
        self, heard: Heard, event: CommentGiven, answers: Sequence[Answer], facts: Facts, signs: tuple[Effect, ...]
    ) -> Heard:
        author = event.comment.author
        touched = frozenset(place for each in answers for place in each.touched)
        answered = Answered(event.comment.id, author.id if author else 0, event.comment.created_at, touched)
        return Heard(
            facts=facts,
            verdicts=heard.verdicts + tuple(replace(each.verdict, message=None, remember=None) for each in answers),
            effects=heard.effects + signs + self._answer(event, facts, answers),
            comments=(*heard.comments, answered),
            overrides=heard.overrides + tuple(each.override for each in answers if each.override),
            asked=heard.asked + tuple(each.asked for each in answers if each.asked),
        )

    def _parsed(self, event: CommentGiven) -> tuple[Command | Unknown, ...] | TooMany:
        return commands.parse(event.comment.body, self.registry)

    def _allowance(self, event: CommentGiven, heard: Heard) -> rate.Allowance:
        """Say whether its writer may give commands again, counting those of this very trip."""
        author, at = event.comment.author, event.comment.created_at
        now = [each.written_at for each in heard.comments if author and each.actor_id == author.id]
        before = self.store.commands_before(event.repository, event.comment, since=at - rate.WINDOW)
        return rate.allowance((*before, *now), at)

    def _situation(self, event: CommentGiven, facts: Facts) -> Situation:
        return Situation(
            action=event.action,
            comment=event.comment,
            comment_now=self.forge.comment(event.repository, event.comment.id),
            facts=facts,
            role=self._role(event),
            head=self._head(event) if event.is_pull_request else None,
            verdicts=self.explain(facts),
            since=facts.memory.seen_at,
            registry=self.registry,
            overtaken=self.store.touched_after(event.subject, event.comment),
        )

    def _role(self, event: CommentGiven) -> Role | None:
        """Ask for the writer's role where a command needs one; no answer is no permission."""
        author, parsed = event.comment.author, self._parsed(event)
        if author is None or isinstance(parsed, TooMany):
            return None
        asked = (commands.who_may(each, self.registry) for each in parsed if isinstance(each, Command))
        if all(who is Who.ANYONE for who in asked):
            return None
        try:
            return self.forge.permission(event.repository, author.login, author.id)
        except (Refused, Gone):
            return None

    def _head(self, event: CommentGiven) -> Head:
        """Say which commit the writer saw, which is the head now, and whether there was a push between."""
        now = self.forge.pull(event.repository, event.subject.number).head_sha
        pushes, written_at = self.store.pushes(event.subject), event.comment.created_at
        seen = [push.head_sha for push in pushes if push.at <= written_at]
        is_pushed = any(push.at > written_at for push in pushes)
        return Head(seen=seen[-1] if seen else None, now=now, has_been_pushed=is_pushed)

    def _answer(self, event: CommentGiven, facts: Facts, answers: Sequence[Answer]) -> tuple[Effect, ...]:
        """Return the effects, and one comment for all that has to be said; what went well is a sign and no words."""
        effects = tuple(effect for each in answers for effect in each.verdict.effects)
        messages = [m for each in answers for m in (each.verdict.message, *each.quoted) if m is not None]
        if not messages:
            return effects
        body = self.words.answer(messages, language.choose(self.config, facts.issue))
        return (*effects, StickyComment(event.subject, body, key=f"answer-{event.comment.id}"))


def _after(facts: Facts, answers: Sequence[Answer]) -> Facts:
    """Return the facts as they will be once the commands are carried out."""
    for each in answers:
        labels = (effect for effect in each.verdict.effects if isinstance(effect, SetLabels))
        facts = replace(facts, issue=facts.issue.after(labels), memory=each.verdict.remember or facts.memory)
    return facts
