"""What strangers' workflows hand over, opened under limits, in a process of its own that may only compute."""
