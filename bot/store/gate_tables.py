"""The tables of the gates: which pull request has which head, what ran on it, and what was read of that."""

from datetime import timedelta

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, Table, Text

from bot.store.tables import Moment, metadata

#: The head of each pull request: where it is, so that a run on that commit finds its way. `judged` is how its gates
#: came out last, as JSON, for the commit that is named in it.
heads = Table(
    "heads",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("head_repository_id", BigInteger),
    Column("head_ref", Text, nullable=False),
    Column("head_sha", Text, nullable=False),
    Column("base_ref", Text, nullable=False),
    Column("is_open", SmallInteger, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("judged", Text),
)
Index("heads_commit", heads.c.repository_id, heads.c.head_sha)

#: What merge queues have put together.
groups = Table(
    "groups",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("head_sha", Text, primary_key=True),
    Column("head_ref", Text, nullable=False),
    Column("base_sha", Text, nullable=False),
    Column("base_ref", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

#: Attempts of workflow runs; `conclusion` is empty until one is over.
runs = Table(
    "runs",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("run_id", BigInteger, primary_key=True),
    Column("attempt", BigInteger, primary_key=True),
    Column("path", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("head_sha", Text, nullable=False),
    Column("head_ref", Text, nullable=False),
    Column("head_repository_id", BigInteger),
    Column("conclusion", Text),
    Column("started_at", Moment, nullable=False),
    Column("url", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
Index("runs_commit", runs.c.repository_id, runs.c.head_sha)

#: What was read out of an artifact of an attempt, or why nothing was; compressed.
evidence = Table(
    "evidence",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("run_id", BigInteger, primary_key=True),
    Column("attempt", BigInteger, primary_key=True),
    Column("artifact_id", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

#: The id of what a run posted by itself; no artifact of GitHub's has it.
POSTED = 0

#: What git said of the changes of a head as one commit tested it, and what its sources hold; compressed.
comparisons = Table(
    "comparisons",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("head_sha", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

#: What was read is read again after this; the pull request may be older.
KEPT = timedelta(days=30)

#: What goes by itself when it is older than that.
PASSING = (groups, runs, evidence, comparisons)

#: What is forgotten with a repository.
GATE_TABLES = (heads, groups, runs, evidence, comparisons)
