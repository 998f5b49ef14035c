"""GitHub on PyGithub: deliveries become events, facts are read, effects are applied. `webhooks` does without PyGithub."""
