"""Tests of the release policy."""
