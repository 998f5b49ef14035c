"""The gates of a pull request: what counts as evidence, and how the verdicts come together."""
