"""The simulation: two roads that differ in one file, and the same issues and pull requests walked down both."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from bot import pipeline, wiring
from bot.config import FILE
from bot.github.forge import GitHub
from bot.model.errors import Gone, Refused
from bot.model.events import Event, GatesDue, LookAgain
from bot.model.forge import Fetched, Newest
from bot.model.subjects import Repository, Subject
from bot.policyfile import Ground, inspection, is_home
from bot.road import Road
from bot.settings import Settings
from bot.simulation.comparison import Difference, Judgement, Result, compare, judgements
from bot.simulation.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Case:
    """What is simulated: a file's text for a repository, on so many of its newest issues and pull requests."""

    text: str
    repository: Repository
    home: Repository | None
    last: int
    now: datetime


@dataclass(frozen=True, slots=True)
class _Trial:
    """One policy file in force on a road of its own."""

    road: Road
    now: datetime

    def judge(self, event: Event) -> dict[str, Judgement]:
        """Return what becomes of an issue or pull request; nothing where Reeve is passive."""
        decision = pipeline.handle([event], self.road, self.now).decision
        return judgements(decision.verdicts, decision.effects) if decision else {}


def simulate(case: Case, settings: Settings, github: GitHub) -> Result:
    """Judge the newest issues and pull requests under both files; raise `ConfigError` for a file with mistakes."""
    forge = github.installation(case.repository.installation_id)
    ground = inspection.ground(forge, case.repository, case.home)
    ignored = ground.lay(case.text).ignored
    snapshot = Snapshot(forge)
    present = _present(snapshot, case.repository, ground)
    with ExitStack() as open_ones:
        folder = Path(open_ones.enter_context(tempfile.TemporaryDirectory()))
        trials = []
        for number, text in enumerate((present, case.text)):
            url = f"sqlite:///{folder / f'{number}.db'}"
            parts = wiring.build(replace(settings, database_url=url), clock=lambda: case.now)
            open_ones.callback(parts.close)
            _put_in_force(parts, case, text, ground)
            trials.append(_Trial(_looking_through(parts.road, snapshot), case.now))
        newest = forge.newest(case.repository, case.last)
        return replace(_compared(newest, case.repository, trials[0], trials[1], snapshot), ignored=ignored)


def _present(snapshot: Snapshot, repository: Repository, ground: Ground) -> str | None:
    """Return the file that is in force now; one that cannot be used counts as none."""
    read: Fetched | None = snapshot.file(repository, FILE, etag=None)
    text = None if read is None else read.value
    return text if text is not None and ground.settle(text) is not None else None


def _put_in_force(parts: wiring.Parts, case: Case, text: str | None, ground: Ground) -> None:
    """Have it remembered as read a moment ago, so that it is not read from GitHub."""
    store = parts.database.memory
    store.keep_repository(case.repository)
    store.keep_policy_file(case.repository, Fetched(text, None), now=case.now)
    if case.home is not None and not is_home(case.repository):
        store.keep_repository(case.home)
        store.keep_policy_file(case.home, Fetched(ground.shared, None), now=case.now)


def _looking_through(road: Road, snapshot: Snapshot) -> Road:
    forge = cast("Any", snapshot)
    gates = replace(road.gates, forge=lambda _: forge) if road.gates else None
    return replace(road, forge=lambda _: forge, gates=gates)


def _compared(
    newest: Iterable[Newest], repository: Repository, before: _Trial, after: _Trial, snapshot: Snapshot
) -> Result:
    differences: list[Difference] = []
    skipped: list[tuple[int, str]] = []
    judged = 0
    for each in newest:
        try:
            event = _event(each, repository, snapshot)
            changes = tuple(compare(before.judge(event), after.judge(event)))
        except (Gone, Refused) as error:
            skipped.append((each.number, str(error)))
            continue
        judged += 1
        if changes:
            differences.append(Difference(each.number, each.title, each.is_pull_request, changes))
    return Result(judged, tuple(differences), tuple(skipped))


def _event(each: Newest, repository: Repository, snapshot: Snapshot) -> Event:
    subject = Subject(repository.id, each.number)
    if each.is_pull_request:
        return GatesDue(repository, subject, snapshot.pull(repository, each.number))
    return LookAgain(repository, subject)
