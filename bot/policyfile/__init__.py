"""The policy file: which one is in force, and what people are told while they change it."""

from bot.policyfile.decision import CHECK, ISSUE, Examined, Found, Proposal, Trouble, Words, check, report
from bot.policyfile.ground import Ground, is_home
from bot.policyfile.names import Named, Registrar
from bot.policyfile.reading import FRESH_FOR, Forge, Reader, Store

__all__ = [
    "CHECK",
    "FRESH_FOR",
    "ISSUE",
    "Examined",
    "Forge",
    "Found",
    "Ground",
    "Named",
    "Proposal",
    "Reader",
    "Registrar",
    "Store",
    "Trouble",
    "Words",
    "check",
    "is_home",
    "report",
]
