"""Tests of what opens the files of strangers."""
