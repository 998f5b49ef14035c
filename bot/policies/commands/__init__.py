"""Commands in comments: what `/label +bug` means, whether it may run, and what comes of it."""

from bot.policies.commands.decision import Answer, decide_command, decide_comment, flooded, is_for_reeve, received
from bot.policies.commands.grammar import Command, TooMany, Unknown, parse
from bot.policies.commands.guard import ignored, who_may
from bot.policies.commands.pages import docs_page
from bot.policies.commands.registry import OWN, VERBS, Registry
from bot.policies.commands.situation import Head, Situation

__all__ = [
    "OWN",
    "VERBS",
    "Answer",
    "Command",
    "Head",
    "Registry",
    "Situation",
    "TooMany",
    "Unknown",
    "decide_command",
    "decide_comment",
    "docs_page",
    "flooded",
    "ignored",
    "is_for_reeve",
    "parse",
    "received",
    "who_may",
]
