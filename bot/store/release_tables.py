"""The tables of releases: each release as it stands, every result that was accepted, and what waits for an answer."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from bot.store.tables import Moment, metadata

#: Releases by their versions; `body` is everything about one as JSON.
trains = Table(
    "trains",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("sha", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("trains_stage", trains.c.repository_id, trains.c.stage)

#: Runs of the suite that were asked for on pull requests and are not over.
benches = Table(
    "benches",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("body", Text, nullable=False),
)

#: Every result that was accepted; rows are only ever added. `version` is empty for one of a pull request.
results = Table(
    "results",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("attempt", BigInteger, nullable=False),
    Column("environment", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("results_digest", results.c.repository_id, results.c.digest)
Index("results_environment", results.c.repository_id, results.c.environment, results.c.at)

#: Runs that wait for leave to deploy.
deployments = Table(
    "deployments",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("run_id", BigInteger, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("sha", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

#: What is forgotten with a repository.
RELEASE_TABLES = (trains, benches, results, deployments)
