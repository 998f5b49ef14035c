"""Builds the parts from the settings: the only place that knows them all."""

import random
import secrets
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata

import structlog
from pluggy import PluginValidationError

from bot import gating, releasing, resources
from bot.clock import Clock, utc_now
from bot.endpoint import asking
from bot.github.forge import GitHub
from bot.model.subjects import Identity
from bot.plugins import GROUP, Entry, NotAllowed, Plugins
from bot.policies import builtin
from bot.policies.commands import OWN, Registry
from bot.render.discreet import Discreet
from bot.road import Road
from bot.settings import Settings
from bot.sorting import Shipped, Sorting
from bot.store import engine, migrate
from bot.store.database import Database
from bot.unpack.opener import Opener

log = structlog.get_logger()


@dataclass
class Parts:
    """One process's parts, wired together."""

    settings: Settings
    database: Database
    github: GitHub
    road: Road
    clock: Clock
    shipped: Shipped = field(default_factory=lambda: Shipped(resources.weights))
    jitter: random.Random = field(default_factory=random.Random)
    _me: Identity | None = None

    def identity(self) -> Identity:
        """Return who Reeve is on GitHub; asked once and then remembered, also across restarts."""
        if self._me is None:
            self._me = self.database.identity()
        if self._me is None:
            self._me = self.github.identity()
            self.database.keep_identity(self._me)
        return self._me

    def close(self) -> None:
        """Let go of the database and of GitHub."""
        self.database.engine.dispose()
        self.github.close()


def build(settings: Settings, *, clock: Clock = utc_now) -> Parts:
    """Connect everything; the database is brought up to date on the way."""
    connected = engine.connect(settings.database_url)
    migrate.upgrade(connected)
    database = Database(connected)
    github = GitHub(
        app_id=settings.app_id, private_key=settings.private_key, base_url=settings.github_api_url, clock=clock
    )
    plugins, shipped = load(metadata.entry_points(group=GROUP)), Shipped(resources.weights)
    road = Road(
        forge=github.installation,
        store=database.memory,
        words=Discreet(plugins.redact),
        policies=plugins.policies(),
        verbs=Registry(plugins.commands(OWN.by_name)),
        gates=gating.Parts(github.installation, database.gates, Opener()),
        releases=releasing.Parts(github.installation, database.releases, Opener(), partial(secrets.token_hex, 16)),
        sorter=Sorting(shipped, database.triage, plugins.classify, asking(settings, plugins.redact, _report)),
        clocks=database.clocks,
    )
    return Parts(settings, database, github, road, clock, shipped)


def load(entries: Iterable[Entry]) -> Plugins:
    """Return Reeve's own parts and those of the installed plugins; what fails is logged under the plugin's name."""
    return Plugins(builtin, entries, _report)


def _report(plugin: str, error: Exception) -> None:
    """Log what went wrong and where; a stranger's exception may quote an issue, so only its kind is told."""
    frames = traceback.extract_tb(error.__traceback__)
    reason = str(error) if isinstance(error, NotAllowed | PluginValidationError) else type(error).__name__
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None
    log.error("plugin failed", plugin=plugin, reason=reason, place=place)
