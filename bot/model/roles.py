"""What an account may do in a repository, and who is meant by a rule that names people."""

from enum import IntEnum, StrEnum


class Role(IntEnum):
    """A repository role, from least to most: whoever has one may do all that the lower ones may.

    Source: https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories
    """

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


class Who(StrEnum):
    """Who is meant: anyone, the author of the issue or pull request, or whoever has a role in the repository."""

    ANYONE = "anyone"
    AUTHOR = "author"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def role(self) -> Role | None:
        """The least role of those who are meant by their role; None where anybody is."""
        match self:
            case Who.ANYONE:
                return None
            case Who.AUTHOR | Who.TRIAGE:
                return Role.TRIAGE
            case Who.WRITE | Who.MAINTAIN | Who.ADMIN:
                return Role[self.name]

    def includes(self, role: Role | None, *, is_author: bool) -> bool:
        """Say whether somebody with this role is meant; a role that is not known counts as none."""
        if self.role is None or (self is Who.AUTHOR and is_author):
            return True
        return role is not None and role >= self.role
