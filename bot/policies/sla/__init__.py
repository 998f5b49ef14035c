"""How long an issue waits for a person: its clock, computed from what happened to it, and what follows from that."""
