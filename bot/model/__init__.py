"""The words of the trade: events, facts, verdicts and effects. Pure data, no I/O, no clock."""
