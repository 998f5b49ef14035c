"""What triage remembers: what was learnt from each repository's own history, and which of its issues read alike."""

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, bindparam, delete, insert, or_, select, update

from bot.classifier.fitting import Fit
from bot.classifier.likeness import alike, sketch
from bot.classifier.own import Own
from bot.model.facts import Issue
from bot.model.scores import Similar
from bot.model.subjects import Repository
from bot.sorting import Fitted
from bot.store.engine import CLAIM_LOCK, lock, passing, reading
from bot.store.tables import Moment, installations, repositories, subjects
from bot.store.triage_tables import TRIAGE_TABLES, fits, sketches
from bot.store.upsert import upsert

#: How often a repository's history is learnt from anew.
EVERY = timedelta(days=7)

#: One that fails is tried again after this.
AGAIN_AFTER = timedelta(hours=1)

#: A closed issue is no duplicate any more after this; so many issues at most are compared.
RECENT, COMPARED = timedelta(days=90), 500

#: So many repositories' models are kept in memory.
KEPT = 8


class TriageStore:
    """Triage's side of the database; satisfies `bot.sorting.Store`."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine
        self._models: OrderedDict[int, tuple[datetime, Fitted]] = OrderedDict()

    def fitted(self, repository: Repository) -> Fitted | None:
        """Return what was learnt from a repository's history; read anew only where it was learnt anew."""
        is_this, known = fits.c.repository_id == repository.id, self._models.get(repository.id)
        with reading(self._engine) as connection:
            at = connection.execute(_FITTED_AT, {"repository": repository.id}).scalar()
            if at is None:
                return None
            if known is not None and known[0] == at:
                return known[1]
            row = connection.execute(select(fits.c.mode, fits.c.model, fits.c.fitted_at).where(is_this)).one()
        found = Fitted(Own.from_bytes(row.model) if row.model else None, row.mode)
        self._models[repository.id] = (row.fitted_at, found)
        while len(self._models) > KEPT:
            self._models.popitem(last=False)
        return found

    def similar(self, repository: Repository, issue: Issue) -> tuple[Similar, ...]:
        """Return the issues that read like this one, looked up once for each state of its text, and remember it."""
        drawn = sketch(issue.title, issue.body)
        asked = {"repository": repository.id, "issue": issue.subject.number}
        with reading(self._engine) as connection:
            row = connection.execute(_SKETCH, asked).first()
        is_same = row is not None and row.sketch == drawn and row.similar is not None
        if row is not None and is_same and bool(row.is_open) == issue.is_open:
            return _similar(row)
        found = _similar(row) if row is not None and is_same else self._look_up(issue, drawn)
        told = json.dumps([[each.number, each.likeness] for each in found])
        with passing(self._engine) as connection:
            _keep(connection, issue, {"sketch": drawn, "similar": told})
        return found

    def _look_up(self, issue: Issue, drawn: bytes) -> tuple[Similar, ...]:
        asked = {"repository": issue.subject.repository_id, "issue": issue.subject.number}
        with reading(self._engine) as connection:
            rows = connection.execute(_EARLIER, {**asked, "since": issue.updated_at - RECENT}).all()
        found = alike(drawn, {row.number: row.sketch for row in rows})
        return tuple(Similar(each.number, int(each.likeness * 100)) for each in found)

    def keep_sketches(self, repository: Repository, issues: Iterable[Issue]) -> None:
        """Remember issues that were there before Reeve was; those that it has met stay as they are."""
        c = sketches.c
        with reading(self._engine) as connection:
            known = set(connection.execute(select(c.number).where(c.repository_id == repository.id)).scalars())
        drawn = [(each, sketch(each.title, each.body)) for each in issues if each.subject.number not in known]
        with self._engine.begin() as connection:
            for issue, each in drawn:
                _keep(connection, issue, {"sketch": each})

    def claim_fit(self, now: datetime) -> Repository | None:
        """Take the repository whose history is to be learnt from next, if any is due; two takers do no harm."""
        c, r = fits.c, repositories.c
        columns = (r.id, r.full_name, r.installation_id, r.default_branch, r.organization)
        joined = repositories.outerjoin(fits, c.repository_id == r.id).outerjoin(
            installations, installations.c.id == r.installation_id
        )
        is_active = or_(installations.c.state.is_(None), installations.c.state == "active")
        is_due = or_(c.due_at.is_(None), c.due_at <= now)
        wanted = select(*columns).select_from(joined).where(is_active, is_due, r.config_text.is_not(None))
        with self._engine.begin() as connection:
            lock(connection, CLAIM_LOCK)
            row = connection.execute(wanted.order_by(c.due_at.is_not(None), c.due_at, r.id).limit(1)).first()
            if row is None:
                return None
            _keep_fit(connection, row.id, {"due_at": now + AGAIN_AFTER})
            return Repository(*row)

    def keep_fit(self, repository: Repository, fit: Fit, *, now: datetime) -> None:
        """Remember what was learnt, and when to learn again."""
        about = {name: value for name, value in asdict(fit).items() if name != "own"}
        values: dict[str, object] = {
            "due_at": now + EVERY,
            "fitted_at": now,
            "mode": fit.mode,
            "model": fit.own.to_bytes() if fit.own else None,
            "about": json.dumps(about),
        }
        with self._engine.begin() as connection:
            _keep_fit(connection, repository.id, values)

    def own_labels(self, repository: Repository) -> dict[int, str]:
        """Return the label that Reeve itself decided on for each issue."""
        c = subjects.c
        wanted = select(c.number, c.label).where(c.repository_id == repository.id, c.label.is_not(None))
        with reading(self._engine) as connection:
            return {row.number: row.label for row in connection.execute(wanted)}

    def repository(self, full_name: str) -> Repository | None:
        """Return a repository by its name, if Reeve knows it."""
        c = repositories.c
        wanted = select(c.id, c.full_name, c.installation_id, c.default_branch, c.organization)
        with reading(self._engine) as connection:
            row = connection.execute(wanted.where(c.full_name == full_name)).first()
        return None if row is None else Repository(*row)


def forget(connection: Connection, repository_id: int) -> None:
    """Forget a repository that is no longer ours."""
    for table in TRIAGE_TABLES:
        connection.execute(delete(table).where(table.c.repository_id == repository_id))


# Built once: putting such a statement together costs as much as running it.
_FITTED_AT = select(fits.c.fitted_at).where(fits.c.repository_id == bindparam("repository"))
_SKETCH = select(sketches.c.sketch, sketches.c.similar, sketches.c.is_open).where(
    sketches.c.repository_id == bindparam("repository"), sketches.c.number == bindparam("issue")
)
_EARLIER = (
    select(sketches.c.number, sketches.c.sketch)
    .where(
        sketches.c.repository_id == bindparam("repository"),
        sketches.c.number < bindparam("issue"),
        or_(sketches.c.is_open == 1, sketches.c.at >= bindparam("since", type_=Moment())),
    )
    .order_by(sketches.c.number.desc())
    .limit(COMPARED)
)


def _keep_fit(connection: Connection, repository_id: int, values: Mapping[str, object]) -> None:
    is_this = fits.c.repository_id == repository_id
    if connection.execute(update(fits).where(is_this).values(**values)).rowcount == 0:
        whole = {"mode": "label", "about": "{}", **values}
        connection.execute(insert(fits).values(repository_id=repository_id, **whole))


def _keep(connection: Connection, issue: Issue, values: Mapping[str, object]) -> None:
    key = {"repository_id": issue.subject.repository_id, "number": issue.subject.number}
    upsert(connection, sketches, key, {**values, "is_open": int(issue.is_open), "at": issue.updated_at})


def _similar(row: Row[*tuple[object, ...]]) -> tuple[Similar, ...]:
    return tuple(Similar(number, likeness) for number, likeness in json.loads(row.similar))
