"""Tool output to numbers, one parser per file."""
