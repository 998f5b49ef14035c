"""The policy file while it is read and changed."""
