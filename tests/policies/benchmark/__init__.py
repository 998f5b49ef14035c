"""The benchmark gate: rule, claims, comparison, decision."""
