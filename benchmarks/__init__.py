"""Reeve's own speed, side by side with its peers in one run. Ratios of one run count, never absolute figures."""
