"""The gates on this machine."""
