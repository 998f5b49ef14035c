"""Tests of `bot.releasing`: a release from a command to the end, in a yard where GitHub is a few lists."""
