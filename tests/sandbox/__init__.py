"""The sandbox, judged by PyGithub and by GitHub's own description."""
