"""What a workflow run's own token says of it: made by GitHub, signed by GitHub, and about nothing but that run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims that matter of a token of GitHub Actions.

    Ids are GitHub's numbers, for names can be given again. `workflow_ref` and `job_workflow_ref` name a file and the
    ref that it was read from; `runner` is `github-hosted` or `self-hosted`. `id` is the token's own, to be used once.

    See https://docs.github.com/actions/reference/security/oidc .
    """

    id: str
    repository_id: int
    repository: str
    run_id: int
    run_attempt: int
    event: str
    ref: str
    workflow_ref: str
    job_workflow_ref: str
    runner: str
