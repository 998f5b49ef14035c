"""How a rule came out, in one word. Light to import."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a rule came out. UNKNOWN is not a pass: somebody has to look."""

    PASS = "pass"
    FAIL = "fail"
    PENDING = "pending"
    ACTION_REQUIRED = "action_required"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
