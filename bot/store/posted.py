"""Results that runners posted themselves, kept where what was read of artifacts lies, until a release looks at them."""

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.model.claims import Claims
from bot.model.subjects import Repository
from bot.model.trains import Attempt, Stage
from bot.store.engine import reading
from bot.store.gate_tables import POSTED, evidence
from bot.store.memory import repository_by_id
from bot.store.releases import ReleaseStore, ask


class PostedStore:
    """The side of the database for what is posted; satisfies `bot.releasing.posted.Store`."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine
        self._releases = ReleaseStore(engine)

    def repository(self, repository_id: int) -> Repository | None:
        """Return a repository as last seen."""
        with reading(self._engine) as connection:
            return repository_by_id(connection, repository_id)

    def attempt(self, repository_id: int, nonce: str) -> Attempt | None:
        """Return the run that was asked for with a nonce, for the release under way or on a pull request."""
        train = self._releases.current(repository_id)
        of_train = train.attempts if train is not None and train.stage is Stage.OPEN else ()
        every = (*of_train, *(bench.attempt for bench in self._releases.benches(repository_id)))
        return next((each for each in every if each.nonce == nonce), None)

    def keep_posted(self, repository: Repository, claims: Claims, archive: bytes, *, nonce: str, clock: Clock) -> bool:
        """Keep a result and have releases looked at; False, and nothing kept, where this run or token came before."""
        now = clock()
        values = {
            "repository_id": repository.id,
            "run_id": claims.run_id,
            "attempt": claims.run_attempt,
            "artifact_id": POSTED,
            "name": nonce,
            "content": archive,
            "at": now,
        }
        with self._engine.begin() as connection:
            is_first = ask(connection, repository.id, repository.installation_id, f"posted:{claims.id}", now)
            return is_first and _is_new(connection, values)


def _is_new(connection: Connection, values: dict[str, object]) -> bool:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    written = connection.execute(
        insert(evidence).values(values).on_conflict_do_nothing().returning(evidence.c.artifact_id)
    )
    return written.first() is not None
