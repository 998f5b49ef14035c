"""Reeve: a GitHub App that governs open-source model repositories."""

__version__ = "0.1.0"
