"""Where things live: every URL in an answer or a payload begins with the sandbox's own address."""

import base64
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from bot.sandbox.state import Account, Issue, Repository


@dataclass(frozen=True, slots=True)
class Urls:
    """The roots of the API and of the pages for people."""

    api: str
    html: str

    @classmethod
    def at(cls, root: str, *, prefix: str = "") -> Self:
        """Return the roots for a sandbox at `root`, the API under `prefix` (`/api/v3` on GitHub Enterprise)."""
        return cls(api=root + prefix, html=root)

    def user(self, account: Account) -> str:
        """Return the API address of an account."""
        return f"{self.api}/users/{quote(account.login)}"

    def repository(self, repository: Repository) -> str:
        """Return the API address of a repository."""
        return f"{self.api}/repos/{repository.full_name}"

    def issue(self, repository: Repository, issue: Issue) -> str:
        """Return the API address of an issue or pull request, seen as an issue."""
        return f"{self.repository(repository)}/issues/{issue.number}"

    def issue_page(self, repository: Repository, issue: Issue) -> str:
        """Return the page of an issue or pull request."""
        return f"{self.html}/{repository.full_name}/{'pull' if issue.pull else 'issues'}/{issue.number}"


def node_id(kind: str, number: int) -> str:
    """Return an opaque global id in the style of GitHub's."""
    return f"{kind}_{base64.urlsafe_b64encode(number.to_bytes(6, 'big')).decode().rstrip('=')}"
