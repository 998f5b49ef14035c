"""Tests of the three stages of generation."""
