"""Sweeps: what they choose, in which order, and what they ask for."""
