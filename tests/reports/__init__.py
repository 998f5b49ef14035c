"""Readers of what tools wrote."""
