"""What an account may do in a repository, from least to most."""

from enum import IntEnum


class Role(IntEnum):
    """A repository role: whoever has one may do all that the lower ones may.

    Source: https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories
    """

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5
