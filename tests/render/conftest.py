"""Hypothesis without its stopwatch: these tests share their cores, and time is checked where it matters."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
