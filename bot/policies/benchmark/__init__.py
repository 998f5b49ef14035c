"""Performance data for every pull request, and a verdict where it was measured: rule, claim, comparison, decision."""
