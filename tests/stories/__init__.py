"""Stories: the whole road, from a signed webhook to what GitHub shows."""
