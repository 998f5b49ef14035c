"""What every delivery about a repository has, read strictly. Imported on the request path."""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from bot.github import wire
from bot.github.glance import one_line
from bot.model.errors import Malformed
from bot.model.subjects import Identity, Repository

Shape = TypeVar("Shape")


class Delivery(Struct):
    """A whole delivery about a repository."""

    action: str = ""
    installation: wire.HasId | None = None
    repository: wire.RepositoryShape | None = None
    organization: wire.Owner | None = None
    sender: wire.Account | None = None

    def place(self) -> Repository | None:
        """Return the repository as the installation sees it; None when either is not named."""
        if self.installation is None or self.repository is None:
            return None
        organization = self.organization.login if self.organization else None
        return wire.repository(self.repository, self.installation.id, organization=organization)


def read(data: dict[str, Any], shape: type[Shape]) -> Shape:
    """Return the delivery as this type; raise `Malformed` with a one-line reason."""
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise Malformed(one_line(error)) from None


def is_me(sender: wire.Account | None, me: Identity) -> bool:
    """Say whether Reeve itself did it."""
    return sender is not None and (sender.id == me.user_id or sender.login.casefold() == me.login.casefold())
