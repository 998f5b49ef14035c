"""The App on GitHub, in its own name: who it is, where it is installed, and what GitHub could not deliver to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from msgspec import Struct

from bot.github import wire
from bot.github.client import Client
from bot.github.installation import GitHubForge
from bot.github.paging import PER_PAGE, pages
from bot.github.transport import Request
from bot.model.errors import Gone, RateLimited, Refused
from bot.model.forge import HookConfig, Installed, LoggedDelivery, Registered
from bot.model.subjects import Identity, Repository

__all__ = ["GitHub", "GitHubForge"]


class _Installation(Struct):
    id: wire.Id
    account: wire.Owner | None = None
    suspended_at: str | None = None
    permissions: dict[str, str] = {}
    events: list[str] = []


class _Repositories(Struct):
    repositories: list[wire.RepositoryShape]


class _Delivery(Struct):
    id: wire.Id
    guid: str
    delivered_at: wire.Moment
    status_code: int = 0
    event: str = ""
    action: str | None = None
    repository_id: int | None = None


class _Hook(Struct):
    url: str = ""
    content_type: str = "form"
    secret: str = ""
    insecure_ssl: str | float = "0"


class GitHub:
    """The App on GitHub: hands out one forge per installation, all on the same connections and tokens."""

    def __init__(self, *, app_id: int, private_key: str, base_url: str, clock: Callable[[], datetime]) -> None:
        """Prepare; nothing is sent yet."""
        self._client = Client(app_id=app_id, private_key=private_key, base_url=base_url, clock=clock)

    def installation(self, installation_id: int) -> GitHubForge:
        """Return GitHub as this installation may use it."""
        return GitHubForge(self._client, installation_id)

    def budget_left(self, installation_id: int) -> int | None:
        """Return how many requests this installation has left in its hour, as last heard; None when not known."""
        return self._client.budget_left(installation_id)

    def identity(self) -> Identity:
        """Return Reeve's own account; its user id is 0 where GitHub does not tell it to a stranger."""
        app = self.app()
        login = f"{app.slug}[bot]"
        return Identity(app_id=app.id, login=login, user_id=self._user_id(login))

    def app(self) -> Registered:
        """Read what the App asks of those who install it, and which events it is told."""
        app = self._client.call_as_app(Request("GET", "/app")).read(wire.AppShape)
        return Registered(app.id, app.slug, app.permissions, tuple(app.events))

    def time(self) -> datetime:
        """Return what time it is at GitHub, in whole seconds."""
        return self._client.time()

    def hook_config(self) -> HookConfig:
        """Read where and how GitHub sends the App's deliveries."""
        hook = self._client.call_as_app(Request("GET", "/app/hook/config")).read(_Hook)
        return HookConfig(
            url=hook.url,
            content_type=hook.content_type,
            has_secret=bool(hook.secret),
            checks_certificate=str(hook.insecure_ssl) in {"0", "0.0"},
        )

    def installations(self) -> Iterator[Installed]:
        """Read where the App is installed."""
        request = Request("GET", "/app/installations", parameters={"per_page": PER_PAGE})
        for page in pages(self._client.call_as_app, request):
            yield from map(_installed, page.read(list[_Installation]))

    def repositories(self, installation_id: int) -> Iterator[Repository]:
        """Read which repositories an installation reaches, with their present names and default branches."""
        request = Request("GET", "/installation/repositories", parameters={"per_page": PER_PAGE})
        for page in pages(lambda each: self._client.call_as_installation(installation_id, each), request):
            for shape in page.read(_Repositories).repositories:
                yield wire.repository(shape, installation_id)

    def installed(self, installation_id: int) -> Installed:
        """Read one installation; `Gone` when the App was removed there."""
        shape = self._client.call_as_app(Request("GET", f"/app/installations/{installation_id}")).read(_Installation)
        return _installed(shape)

    def repository(self, full_name: str) -> Repository:
        """Return a repository by its name; `Gone` where the App is not installed on one of that name."""
        path = f"/repos/{quote(full_name)}"
        found = self._client.call_as_app(Request("GET", f"{path}/installation")).read(wire.HasId)
        return self._by_name(full_name, found.id)

    def home_of(self, repository: Repository) -> Repository | None:
        """Return the organisation's own repository, `.github`; None where there is none that the installation sees."""
        if repository.organization is None:
            return None
        try:
            return self._by_name(f"{repository.organization}/.github", repository.installation_id)
        except Gone:
            return None

    def _by_name(self, full_name: str, installation_id: int) -> Repository:
        answer = self._client.call_as_installation(installation_id, Request("GET", f"/repos/{quote(full_name)}"))
        return wire.repository(answer.read(wire.RepositoryShape), installation_id)

    def deliveries(self, since: datetime, *, status: str | None = None) -> Iterator[LoggedDelivery]:
        """Read the log of deliveries back to a moment, newest first; GitHub keeps three days of it.

        With a status (`success`, `failure`) only those are listed, by a server that knows how.
        """
        wish: dict[str, str | int] = {"per_page": PER_PAGE} | ({"status": status} if status else {})
        request = Request("GET", "/app/hook/deliveries", parameters=wish)
        for page in pages(self._client.call_as_app, request):
            for shape in page.read(list[_Delivery]):
                if shape.delivered_at < since:
                    return
                yield _logged(shape)

    def failed_deliveries(self, since: datetime) -> Iterator[LoggedDelivery]:
        """Give the latest attempt of each delivery of which no attempt arrived, newest first.

        A delivery that is on its way again may stand here once more: its GUID is the same, so it is known when it
        comes twice.
        """
        attempts = list(self.deliveries(since))
        arrived = {each.guid for each in attempts if each.is_ok}
        told: set[str] = set()
        for each in attempts:
            if each.guid not in arrived and each.guid not in told:
                told.add(each.guid)
                yield each

    def failures(self, since: datetime) -> Iterator[LoggedDelivery]:
        """Give the latest failed attempt of each delivery, newest first, without reading what arrived at once.

        One that arrived later stands here too: whoever asks knows by its GUID.
        """
        told: set[str] = set()
        for each in self.deliveries(since, status="failure"):
            if not each.is_ok and each.guid not in told:
                told.add(each.guid)
                yield each

    def redeliver(self, delivery_id: int) -> None:
        """Have GitHub send a delivery again, under the same GUID; `Gone` or `Refused` when it is too old."""
        self._client.call_as_app(Request("POST", f"/app/hook/deliveries/{delivery_id}/attempts"))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _user_id(self, login: str) -> int:
        """Ask openly, for the App's JWT opens no user pages; an Enterprise server may refuse that."""
        try:
            return self._client.call_openly(Request("GET", f"/users/{quote(login)}")).read(wire.HasId).id
        except (Gone, Refused, RateLimited):
            return 0


def _installed(shape: _Installation) -> Installed:
    account = shape.account
    return Installed(
        id=shape.id,
        account=wire.clean((account.login if account else None) or ""),
        is_organization=account is not None and account.type == "Organization",
        is_suspended=shape.suspended_at is not None,
        permissions=shape.permissions,
        events=tuple(shape.events),
    )


def _logged(shape: _Delivery) -> LoggedDelivery:
    """Any 2xx has arrived; GitHub's words for the status differ."""
    return LoggedDelivery(
        id=shape.id,
        guid=shape.guid,
        delivered_at=shape.delivered_at.astimezone(UTC),
        is_ok=200 <= shape.status_code < 300,
        event=shape.event,
        action=shape.action or "",
        repository_id=shape.repository_id,
    )
