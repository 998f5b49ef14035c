"""What is wrong with this installation of Reeve, and how to put it right: settings, App, webhook, clock, database."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.config import FILE, Mistake
from bot.gating.together import CHECK
from bot.github import git
from bot.github.forge import GitHub
from bot.github.installation import GitHubForge
from bot.github.tokens import PERMISSIONS
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused, StoreDown
from bot.model.forge import Installed, RequiredCheck
from bot.model.subjects import Repository
from bot.policyfile import Examined, inspection, is_home
from bot.policyfile.ground import Ground
from bot.render import Words
from bot.settings import Settings
from bot.store import revision

#: The events that an App has to subscribe to; those about its installations come without being asked for.
EVENTS = (
    "check_run",
    "check_suite",
    "deployment_protection_rule",
    "issue_comment",
    "issues",
    "merge_group",
    "pull_request",
    "push",
    "repository",
    "workflow_run",
)

#: From here on a signature may be refused any moment, and deadlines are told wrong.
SKEW_WARNING = timedelta(seconds=30)
SKEW_ERROR = timedelta(seconds=300)

LOG_REACHES_BACK = timedelta(days=3)

_RANKS = ("none", "read", "write", "admin")


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it; nothing where all is well."""

    check: str
    level: Level
    message: str
    fix: str = ""


def examine(settings: Settings, github: GitHub, clock: Clock) -> Iterator[Finding]:
    """Make every check, one after the other: each says what is wrong, or once that all is well."""
    checks: Mapping[str, Callable[[], Iterator[Finding]]] = {
        "database": lambda: _database(settings.database_url),
        "broker": lambda: _broker(settings.broker_url),
        "git": _git,
        "clock": lambda: _clock(github, clock),
        "app": lambda: _app(github),
        "webhook": lambda: _webhook(github),
        "deliveries": lambda: _deliveries(github, clock()),
        "installations": lambda: _installations(github),
    }
    for name, check in checks.items():
        try:
            yield from list(check()) or [Finding(name, Level.OK, "all is well")]
        except (GitHubDown, RateLimited) as error:
            fix = "check REEVE_GITHUB_API_URL and the network, or try again later"
            yield Finding(name, Level.ERROR, f"GitHub does not answer: {error}", fix)
        except (Refused, Gone) as error:
            fix = "check that REEVE_APP_ID and the private key belong to the same App, and make a new key if in doubt"
            yield Finding(name, Level.ERROR, f"GitHub refuses the App: {error}", fix)


def _database(url: str) -> Iterator[Finding]:
    try:
        is_current = revision.is_current(url)
    except StoreDown as error:
        yield Finding("database", Level.ERROR, str(error), "check REEVE_DATABASE_URL, and that the server runs")
    else:
        if not is_current:
            yield Finding("database", Level.ERROR, "it is not at the newest migration", "run `reeve migrate`")


def _broker(url: str | None) -> Iterator[Finding]:
    if url is None:
        return
    import redis  # noqa: PLC0415  only where there is a broker

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        message = f"it does not answer: {type(error).__name__}"
        yield Finding("broker", Level.ERROR, message, "check REEVE_BROKER_URL, and that Redis runs")


def _git() -> Iterator[Finding]:
    """Look for the program that says what a pull request changes."""
    found, needed = git.version(), ".".join(map(str, git.NEEDED))
    if found < git.NEEDED:
        message = f"it is version {'.'.join(map(str, found))}" if found else "it is not there"
        yield Finding("git", Level.ERROR, message, f"install git {needed} or newer: pull requests are compared by it")


def _clock(github: GitHub, clock: Clock) -> Iterator[Finding]:
    skew = clock() - github.time()
    seconds = round(abs(skew).total_seconds())
    if abs(skew) > SKEW_WARNING:
        level = Level.ERROR if abs(skew) > SKEW_ERROR else Level.WARNING
        where = "ahead of" if skew > timedelta() else "behind"
        yield Finding("clock", level, f"it is {seconds} s {where} GitHub's", "set the clock by NTP")


def _app(github: GitHub) -> Iterator[Finding]:
    """Ask with the key who we are: that GitHub answers proves that App and key belong together."""
    app = github.app()
    place = f"on the App's page of permissions and events ({app.slug})"
    for lack in _lacking(app.permissions):
        yield Finding("app", Level.ERROR, f"it does not ask for {lack}", f"grant it {place}")
    for event in EVENTS:
        if event not in app.events:
            yield Finding("app", Level.ERROR, f"it is not subscribed to the event {event}", f"tick it {place}")


def _webhook(github: GitHub) -> Iterator[Finding]:
    hook = github.hook_config()
    place = "on the App's page, under Webhook"
    address = urlsplit(hook.url)
    if not address.hostname:
        yield Finding("webhook", Level.ERROR, "it has no address", f"set the URL of /webhooks/github {place}")
    elif address.scheme != "https" and address.hostname not in {"127.0.0.1", "localhost"}:
        yield Finding("webhook", Level.WARNING, "deliveries travel without TLS", f"set an https:// URL {place}")
    if not hook.has_secret:
        fix = f"set the secret of REEVE_WEBHOOK_SECRET {place}: Reeve refuses what is not signed"
        yield Finding("webhook", Level.ERROR, "it has no secret", fix)
    if hook.content_type != "json":
        fix = f"choose application/json {place}; the other form works too, but is larger"
        yield Finding("webhook", Level.WARNING, f"its content type is {hook.content_type}", fix)
    if not hook.checks_certificate:
        fix = f"enable SSL verification {place}"
        yield Finding("webhook", Level.ERROR, "GitHub does not check the certificate", fix)


def _deliveries(github: GitHub, now: datetime) -> Iterator[Finding]:
    failed = sum(1 for _ in github.failed_deliveries(now - LOG_REACHES_BACK))
    if failed:
        fix = "look under Advanced on the App's page for what was answered; the sweep asks for them again"
        yield Finding("deliveries", Level.WARNING, f"{failed} did not arrive in the last 3 days", fix)


def _installations(github: GitHub) -> Iterator[Finding]:
    for installed in github.installations():
        yield from _installation(github, installed)


def _installation(github: GitHub, installed: Installed) -> Iterator[Finding]:
    name = f"installation {installed.account}"
    if installed.is_suspended:
        fix = "an owner can resume it in the settings of the account, under Applications"
        yield Finding(name, Level.WARNING, "it is suspended: its repositories are not governed", fix)
        return
    for lack in _lacking(installed.permissions):
        fix = "an owner accepts the new permissions in the settings of the account, under Applications"
        yield Finding(name, Level.ERROR, f"it did not grant {lack}", fix)
    repositories = list(github.repositories(installed.id))
    home = next((each for each in repositories if is_home(each)), None)
    app_id = github.app().id
    for repository in repositories:
        yield from _repository(github, repository, home, app_id)


def _repository(github: GitHub, repository: Repository, home: Repository | None, app_id: int) -> Iterator[Finding]:
    """Look at the policy file, and, where there is one, at what makes its checks count."""
    forge = github.installation(repository.installation_id)
    try:
        ground = inspection.ground(forge, repository, home)
        examined = inspection.inspect(forge, repository, ground)
        required = forge.required_checks(repository) if examined is not None else ()
        published = tuple(_protected(forge, repository, ground, app_id)) if examined and not examined.mistakes else ()
    except (Refused, Gone) as error:
        fix = "check that the installation reaches the repository and has its permissions"
        yield Finding(repository.full_name, Level.ERROR, f"its policy and rules cannot be read: {error}", fix)
        return
    if examined is not None:
        yield from _mistakes(repository, examined)
        if not is_home(repository):
            yield from _required(repository, required, app_id)
            yield from published


def _required(repository: Repository, required: Iterable[RequiredCheck], app_id: int) -> Iterator[Finding]:
    """Say where a check of Reeve's does not count, or where somebody else may report it in Reeve's place."""
    ours = [each for each in required if each.context == CHECK or each.context.startswith(f"{CHECK} / ")]
    place = f"in a ruleset for {repository.default_branch}, under Settings > Rules"
    if not ours:
        message = f"no check of Reeve's is required on {repository.default_branch}: what it finds stops no merge"
        yield Finding(repository.full_name, Level.WARNING, message, f"require the check `{CHECK}` {place}")
    for each in ours:
        fix = f"choose this App as the source of `{each.context}` {place}"
        if each.app_id is None:
            message = f"the required check `{each.context}` may be reported by anybody who can write to the repository"
            yield Finding(repository.full_name, Level.ERROR, message, fix)
        elif each.app_id != app_id:
            message = f"the required check `{each.context}` is awaited from another App ({each.app_id})"
            yield Finding(repository.full_name, Level.ERROR, message, fix)


def _protected(forge: GitHubForge, repository: Repository, ground: Ground, app_id: int) -> Iterator[Finding]:
    """Say where Reeve is not asked before the environment that the policy names is deployed to."""
    text = inspection.look(forge, repository).text
    settled = ground.settle(text) if text is not None else None
    name = settled.config.release.environment if settled is not None else None
    protectors = forge.protectors(repository, name) if name is not None else None
    if name is None or (protectors is not None and app_id in protectors):
        return
    message = f"the environment `{name}` does not ask Reeve: what did not pass can be published from there"
    if protectors is None:
        message = f"the protection rules of the environment `{name}` are not to be seen"
    fix = f"enable this App as a deployment protection rule of `{name}`, under Settings > Environments"
    yield Finding(repository.full_name, Level.WARNING, message, fix)


def _mistakes(repository: Repository, examined: Examined) -> Iterator[Finding]:
    fix = f"correct it on the default branch; `reeve config check {FILE}` names every mistake"
    if examined.mistakes:
        count = len(examined.mistakes) + examined.left_out
        message = f"{_counted(count, 'mistake')} in the policy file, the first: {_told(examined.mistakes[0])}"
        yield Finding(repository.full_name, Level.ERROR, message, fix)
    for each in examined.warnings:
        yield Finding(repository.full_name, Level.WARNING, _told(each), fix)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _told(mistake: Mistake) -> str:
    return mistake.place + Words().mistake(mistake, "en")


def _lacking(granted: Mapping[str, str]) -> list[str]:
    """Name the permissions that are missing or too low."""
    return [
        f"{name}: {level}"
        for name, level in PERMISSIONS.items()
        if _RANKS.index(granted.get(name, "none")) < _RANKS.index(level)
    ]
