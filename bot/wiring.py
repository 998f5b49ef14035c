"""Builds the parts from the settings: the only place that knows them all."""

import random
from dataclasses import dataclass, field

from bot.clock import Clock, utc_now
from bot.github.forge import GitHub
from bot.model.subjects import Identity
from bot.pipeline import Road
from bot.policies import triage
from bot.render import Words
from bot.settings import Settings
from bot.store import engine, migrate
from bot.store.database import Database


@dataclass
class Parts:
    """One process's parts, wired together."""

    settings: Settings
    database: Database
    github: GitHub
    road: Road
    clock: Clock
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
    road = Road(forge=github.installation, store=database.memory, words=Words(), policies=(triage.decide,))
    return Parts(settings, database, github, road, clock)
