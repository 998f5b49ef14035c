"""A GitHub on your desk: keeps state, answers over real HTTP, sends signed webhooks, and fails when asked to."""
