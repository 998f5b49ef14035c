"""The tables of triage: what was learnt from each repository's own history, and which issues read alike."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, Table, Text

from bot.store.tables import Moment, metadata

#: What was learnt of a repository; `model` is empty where the shipped one is as good. `about` is JSON, for people.
fits = Table(
    "fits",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("due_at", Moment, nullable=False, index=True),
    Column("fitted_at", Moment),
    Column("mode", Text, nullable=False),
    Column("model", LargeBinary),
    Column("about", Text, nullable=False),
)

#: Issues as sketches, from which no text can be read; `similar` is JSON: the issues that read alike, as last looked up.
sketches = Table(
    "sketches",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("is_open", SmallInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sketch", LargeBinary, nullable=False),
    Column("similar", Text),
)
Index("sketches_recent", sketches.c.repository_id, sketches.c.at)

TRIAGE_TABLES = (fits, sketches)
