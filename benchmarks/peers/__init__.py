"""The peers that run beside Reeve in a benchmark."""
