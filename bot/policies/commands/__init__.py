"""Commands in comments: what `/label +bug` means, whether it may run, and what comes of it."""

from bot.policies.commands.decision import Answer, decide_command, decide_comment, received
from bot.policies.commands.grammar import Command, TooMany, Unknown, parse
from bot.policies.commands.guard import ignored, who_may
from bot.policies.commands.pages import docs_page
from bot.policies.commands.registry import VERBS, Verb, Who
from bot.policies.commands.situation import Head, Situation

__all__ = [
    "VERBS",
    "Answer",
    "Command",
    "Head",
    "Situation",
    "TooMany",
    "Unknown",
    "Verb",
    "Who",
    "decide_command",
    "decide_comment",
    "docs_page",
    "ignored",
    "parse",
    "received",
    "who_may",
]
