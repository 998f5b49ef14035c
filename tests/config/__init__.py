"""The policy file: what is read, what is refused and where the mistake is said to be."""
