"""Commands: what is heard, who is obeyed, and what comes of it."""
