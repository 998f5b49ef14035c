"""The tests mirror `bot/`; `stories/` walk the whole road."""
