"""The policy files as last read: a repository's on its branches, and which repository holds the organisation's."""

from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Select, Text, cast, literal, select, update

from bot.model.forge import Fetched
from bot.model.subjects import Repository, Subject
from bot.store.engine import passing, reading
from bot.store.tables import policy_files, repositories, timers
from bot.store.timers import arm
from bot.store.upsert import upsert, upsert_all

#: Where an organisation keeps what holds for all its repositories.
HOME = ".github"

#: The timer by which a repository's policy file is looked at again.
TIMER = "policy"

Known = tuple[Fetched | None, datetime | None]


class PolicyStore:
    """What is remembered of policy files; satisfies `bot.policyfile.Store` as far as it goes."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def policy_file(self, repository: Repository, branch: str | None = None) -> Known:
        """Return the policy file as last read, and when this installation read it (another's is no proof).

        That of the default branch, unless another is named.
        """
        with reading(self._engine) as connection:
            row = connection.execute(_read(repository, branch)).first()
        if row is None:
            return None, None
        is_known = row.text is not None or row.etag is not None
        checked_at = row.checked_at if row.installation_id == repository.installation_id else None
        return (Fetched(row.text, row.etag) if is_known else None), checked_at

    def keep_policy_file(
        self, repository: Repository, file: Fetched | None, *, now: datetime, branch: str | None = None
    ) -> None:
        """Remember the policy file, or only that it was found unchanged."""
        values: dict[str, object] = {"checked_at": now}
        if file is not None:
            values |= {"text": file.value, "etag": file.etag}
        self._keep(repository, values, branch)

    def doubt_policy_file(self, repository: Repository, branch: str | None = None) -> None:
        """Have the policy file read again before the next decision."""
        self._keep(repository, {"checked_at": None}, branch)

    def organization_home(self, repository: Repository) -> Repository | None:
        """Return the organisation's own repository, `.github`; None where there is none that this installation reaches.

        It is told by what is remembered of the installation, so that asking costs no call.
        """
        if repository.organization is None:
            return None
        c = repositories.c
        with reading(self._engine) as connection:
            row = connection.execute(
                select(c.id, c.full_name, c.installation_id, c.default_branch, c.organization).where(
                    c.full_name == f"{repository.organization}/{HOME}",
                    c.installation_id == repository.installation_id,
                )
            ).first()
        return None if row is None else Repository(*row)

    def look_again(self, repository: Repository, now: datetime) -> None:
        """Have the repository itself looked at with the next tick."""
        with self._engine.begin() as connection:
            arm(connection, Subject(repository.id, 0), repository.installation_id, now, kind=TIMER)

    def look_everywhere(self, home: Repository, now: datetime) -> None:
        """Have every governed repository of the organisation looked at with the next tick, its home left out."""
        c = repositories.c
        subject = cast(c.id, Text).concat("#0")
        governed = (c.installation_id == home.installation_id) & c.config_text.is_not(None) & (c.id != home.id)
        due = select(subject, literal(TIMER), c.installation_id, literal(now, timers.c.due_at.type)).where(governed)
        with self._engine.begin() as connection:
            upsert_all(connection, timers, ("subject", "kind"), ("installation_id", "due_at"), due)

    def _keep(self, repository: Repository, values: dict[str, object], branch: str | None) -> None:
        with passing(self._engine) as connection:
            if branch is not None:
                upsert(connection, policy_files, {"repository_id": repository.id, "branch": branch}, values)
                return
            named = {f"config_{name}": value for name, value in values.items()}
            connection.execute(update(repositories).where(repositories.c.id == repository.id).values(named))


def _read(repository: Repository, branch: str | None) -> Select[tuple[str, str, datetime, int]]:
    c = repositories.c
    ours: ColumnElement[bool] = c.id == repository.id
    if branch is None:
        columns = (c.config_text.label("text"), c.config_etag.label("etag"), c.config_checked_at.label("checked_at"))
        return select(*columns, c.installation_id).where(ours)
    f = policy_files.c
    joined = policy_files.join(repositories, c.id == f.repository_id)
    return select(f.text, f.etag, f.checked_at, c.installation_id).select_from(joined).where(ours, f.branch == branch)
