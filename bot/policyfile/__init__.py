"""The policy file: which one is in force, and what people are told while they change it."""

from bot.policyfile.decision import CHECK, ISSUE, Found, Words, check, report
from bot.policyfile.reading import FRESH_FOR, Reader

__all__ = ["CHECK", "FRESH_FOR", "ISSUE", "Found", "Reader", "Words", "check", "report"]
