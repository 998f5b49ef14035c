"""How long an issue waits for a person: its clock, computed from what happened to it, and what follows from that."""

from bot.policies.sla.clock import Clock, Lap, clock
from bot.policies.sla.decision import deadline, decide
from bot.policies.sla.goals import Goal
from bot.policies.sla.remarks import remark

__all__ = ["Clock", "Goal", "Lap", "clock", "deadline", "decide", "remark"]
