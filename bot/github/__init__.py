"""GitHub on PyGithub: deliveries become events, facts are read, effects applied. `webhooks` does without PyGithub."""
