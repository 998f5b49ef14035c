"""Real processes, killed in mid-work: what was acknowledged happens once."""
