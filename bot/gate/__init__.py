"""The gates on this machine: the same policies as on GitHub, asked before a push."""
