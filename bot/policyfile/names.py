"""Do the labels, teams, workflows and environments that a policy file names exist? GitHub is asked, only where one is.

Asked when a file changes, in a pull request or on the default branch, and by `reeve doctor`; never for an issue.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from bot.config import FILE, Config, ConfigError, Mistake
from bot.config.mistakes import Filling, quote
from bot.config.names import Name, Thing
from bot.config.strict import Document, name
from bot.model.forge import Fetched
from bot.model.subjects import Repository
from bot.policyfile.ground import Ground

#: The labels in this section are made by Reeve itself.
_OWN = "labels"

WORKFLOWS = ".github/workflows"


class Forge(Protocol):
    """What of GitHub is asked here; None where the App may not know."""

    def file(self, repository: Repository, path: str, *, etag: str | None, ref: str | None = None) -> Fetched | None:
        """Read a file at a commit, or on the default branch."""
        ...

    def labels(self, repository: Repository) -> frozenset[str]:
        """Name the repository's labels."""
        ...

    def has_team(self, repository: Repository, organization: str, slug: str) -> bool | None:
        """Say whether an organisation has this team."""
        ...

    def environments(self, repository: Repository) -> frozenset[str] | None:
        """Name the repository's deployment environments."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A name that stands for nothing, or of which that is not known. A fatal one makes the file not do what it says."""

    mistake: Mistake
    is_fatal: bool


@dataclass(slots=True)
class Registrar:
    """Looks names up in one repository; `ref` is the commit whose workflows count, the default branch without one."""

    forge: Forge
    repository: Repository
    ref: str | None = None
    _labels: frozenset[str] | None = field(default=None, init=False)

    def missing(self, text: str, ground: Ground) -> tuple[Named, ...]:
        """Return the names in a file that stand for nothing; none for a file with mistakes, which come first.

        Of an organisation's file only teams are looked up: the rest is each repository's own.
        """
        try:
            own, config = ground.layer(text), ground.lay(text).config
        except ConfigError:
            return ()
        wanted = (each for each in own.names if each.thing is Thing.TEAM or not ground.is_home)
        return tuple(found for each in wanted for found in self._missing(each, config, own.document))

    def _missing(self, each: Name, config: Config, document: Document) -> Iterator[Named]:
        match each.thing:
            case Thing.LABEL:
                yield from self._label(each, config, document)
            case Thing.TEAM:
                yield from self._team(each, document)
            case Thing.WORKFLOW:
                yield from self._workflow(each, document)
            case Thing.ENVIRONMENT:
                yield from self._environment(each, document)

    def _label(self, each: Name, config: Config, document: Document) -> Iterator[Named]:
        """A label that is not there is a warning: GitHub makes it when it is first set, though seldom as meant."""
        made = {str(label).casefold() for _, label in config.labels}
        if each.path[0] == _OWN or each.value.casefold() in made:
            return
        if self._labels is None:
            self._labels = self.forge.labels(self.repository)
        if each.value.casefold() not in {label.casefold() for label in self._labels}:
            near = difflib.get_close_matches(each.value, sorted(self._labels), n=1)
            yield (
                _named(each, document, "no-label-near", label=quote(each.value), near=quote(near[0]))
                if near
                else (_named(each, document, "no-label", label=quote(each.value)))
            )

    def _team(self, each: Name, document: Document) -> Iterator[Named]:
        """A person has no slash in the name, and is not looked up."""
        organization, slash, slug = each.value.partition("/")
        exists = self.forge.has_team(self.repository, organization, slug) if slash else True
        if exists is None:
            yield _named(each, document, "team-unknown", team=quote(each.value))
        elif not exists:
            yield _named(each, document, "no-team", fatal=True, team=quote(each.value))

    def _workflow(self, each: Name, document: Document) -> Iterator[Named]:
        read = self.forge.file(self.repository, f"{WORKFLOWS}/{each.value}", etag=None, ref=self.ref)
        if read is None or read.value is None:
            yield _named(each, document, "no-workflow", fatal=True, path=quote(f"{WORKFLOWS}/{each.value}"))

    def _environment(self, each: Name, document: Document) -> Iterator[Named]:
        """An environment that is not there is fatal: GitHub would make it on the way, without any protection."""
        known = self.forge.environments(self.repository)
        if known is None:
            yield _named(each, document, "environment-unknown", environment=quote(each.value))
        elif each.value.casefold() not in {environment.casefold() for environment in known}:
            yield _named(each, document, "no-environment", fatal=True, environment=quote(each.value))


def _named(each: Name, document: Document, code: str, *, fatal: bool = False, **data: Filling) -> Named:
    place = document.places[each.path]
    return Named(Mistake(FILE, *place, name(each.path), code, data), is_fatal=fatal)
