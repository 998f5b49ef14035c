"""The tables, once, for SQLite and PostgreSQL. Times are whole milliseconds since 1970, UTC."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    text,
)

from bot.model.states import State as State  # noqa: PLC0414  said again: who reads the tables reads the states

metadata = MetaData()

#: SQLite numbers rows by itself only for a column that is literally INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


def to_millis(moment: datetime) -> int:
    """Return a moment as the tables keep it."""
    return round(moment.timestamp() * 1000)


def from_millis(millis: int) -> datetime:
    """Return the moment that `to_millis` wrote."""
    return datetime.fromtimestamp(millis / 1000, tz=UTC)


class Moment(TypeDecorator[datetime]):
    """A point in time, UTC, kept as milliseconds so that both databases compare and index it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002  SQLAlchemy's signature
        """Python to database."""
        return None if value is None else to_millis(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Database to Python."""
        return None if value is None else from_millis(value)


#: Deliveries, as they came. `body` is zstd-compressed and exactly what was signed.
inbox = Table(
    "inbox",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=True),
    Column("delivery", Text, nullable=False, unique=True),
    Column("event", Text, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("subject", Text, nullable=False),
    Column("installation_id", BigInteger, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("not_before", Moment, nullable=False),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("decision", BigInteger),
    Column("reason", Text),
    Column("finished_at", Moment),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
#: Only unfinished rows are indexed, so that a long history costs the queue nothing.
Index("inbox_waiting", inbox.c.lane, inbox.c.seq, sqlite_where=inbox.c.state <= 1, postgresql_where=inbox.c.state <= 1)
Index("inbox_subject", inbox.c.subject, sqlite_where=inbox.c.state <= 1, postgresql_where=inbox.c.state <= 1)
Index("inbox_leased", inbox.c.subject, sqlite_where=inbox.c.state == 1, postgresql_where=inbox.c.state == 1)
Index("inbox_decision", inbox.c.decision, sqlite_where=inbox.c.state == 2, postgresql_where=inbox.c.state == 2)
Index(
    "inbox_finished",
    inbox.c.finished_at,
    sqlite_where=inbox.c.finished_at.is_not(None),
    postgresql_where=inbox.c.finished_at.is_not(None),
)

#: What should become true on GitHub, written in the same transaction as the decision that wants it.
outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("decision", BigInteger, nullable=False),
    Column("installation_id", BigInteger, nullable=False),
    Column("repository_id", BigInteger, nullable=False),
    Column("target", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("not_before", Moment, nullable=False),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("written_at", Moment),
    Column("finished_at", Moment),
    Column("reason", Text),
)
Index(
    "outbox_waiting",
    outbox.c.installation_id,
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=outbox.c.state <= 1,
    postgresql_where=outbox.c.state <= 1,
)
Index("outbox_target", outbox.c.target, sqlite_where=outbox.c.state <= 1, postgresql_where=outbox.c.state <= 1)
Index("outbox_decision", outbox.c.decision)
Index(
    "outbox_finished",
    outbox.c.finished_at,
    sqlite_where=outbox.c.finished_at.is_not(None),
    postgresql_where=outbox.c.finished_at.is_not(None),
)
Index(
    "outbox_written",
    outbox.c.installation_id,
    outbox.c.written_at,
    sqlite_where=outbox.c.written_at.is_not(None),
    postgresql_where=outbox.c.written_at.is_not(None),
)

#: What GitHub confirmed, one row per place written to: an unchanged wish is recognised here and costs no call.
applied = Table(
    "applied",
    metadata,
    Column("target", Text, primary_key=True),
    Column("repository_id", BigInteger, nullable=False, index=True),
    Column("digest", Text, nullable=False),
    Column("remote_id", BigInteger),
    Column("applied_at", Moment, nullable=False),
)

#: Reeve's memory of each issue or pull request.
subjects = Table(
    "subjects",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("label", Text),
    Column("type", Text),
    Column("seen_at", Moment),
    Column("digest", Text, nullable=False, server_default=""),
    Column("checked_head", Text, nullable=False, server_default=""),
    Column("timeline_etags", Text),
    Column("timeline_read_at", Moment),
)

repositories = Table(
    "repositories",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("installation_id", BigInteger, nullable=False, index=True),
    Column("full_name", Text, nullable=False),
    Column("default_branch", Text, nullable=False),
    Column("organization", Text),
    Column("config_text", Text),
    Column("config_etag", Text),
    Column("config_checked_at", Moment),
    Column("issue_types", Text),
    Column("issue_types_checked_at", Moment),
    Column("swept_from", Moment),
    Column("swept_until", Moment),
    Column("etags", Text),
)

#: How a repository is found by its name: the one of an organisation in which its policy file lies.
Index("repositories_name", repositories.c.full_name)

#: Policy files on other branches than the default one: gates go by the branch into which something is to be merged.
policy_files = Table(
    "policy_files",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("branch", Text, primary_key=True),
    Column("text", Text),
    Column("etag", Text),
    Column("checked_at", Moment),
)

#: One row per installation: whether it is active, who may write for it now, and until when GitHub asked for a pause.
installations = Table(
    "installations",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("state", Text, nullable=False, server_default="active"),
    Column("blocked_until", Moment),
    Column("writes_after", Moment),
    Column("backlog_after", Moment),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("budget_left", Integer),
)

#: When to look again. A deadline is a row here, never a delayed task.
timers = Table(
    "timers",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("installation_id", BigInteger, nullable=False),
    Column("due_at", Moment, nullable=False),
)
Index("timers_due", timers.c.due_at)

#: The chained log. `entry` is hashed into the chain; `detail` may be removed later, only its digest is chained.
audit = Table(
    "audit",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("entry", Text, nullable=False),
    Column("detail", Text),
    Column("hash", Text, nullable=False),
)

#: Comments whose commands were judged: the same comment, however it comes again, runs nothing twice. `touched` lists in
#: JSON what its commands changed, so that a command found late never undoes a later one.
answered = Table(
    "answered",
    metadata,
    Column("comment_id", BigInteger, primary_key=True),
    Column("repository_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False, server_default="0"),
    Column("actor_id", BigInteger, nullable=False, server_default="0"),
    Column("written_at", Moment, nullable=False, server_default="0"),
    Column("touched", Text, nullable=False, server_default="[]"),
    Column("at", Moment, nullable=False),
)
Index("answered_subject", answered.c.repository_id, answered.c.number)
Index("answered_actor", answered.c.actor_id, answered.c.written_at)

#: The heads that a pull request had: which commit somebody saw who wrote at a given time.
pushes = Table(
    "pushes",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("head_sha", Text, nullable=False),
)

#: Gates that a person answers for, each on one commit.
overrides = Table(
    "overrides",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("repository_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("gate", Text, nullable=False),
    Column("head_sha", Text),
    Column("reason", Text, nullable=False),
    Column("until", Text),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("overrides_subject", overrides.c.repository_id, overrides.c.number)

#: What happened to each issue, one row an entry; no word that anybody wrote is in here.
happenings = Table(
    "happenings",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("entry", Text, nullable=False),
)

#: The settings that a repository's clocks run by, from each change on.
regimes = Table(
    "regimes",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("since", Moment, primary_key=True),
    Column("settings", Text, nullable=False),
)

#: The comments in which people were called to a late issue, by their keys, and when each was first wanted.
notices = Table(
    "notices",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)
Index("notices_recent", notices.c.repository_id, notices.c.at)

#: How each clock of each issue stands, for digests and reports. `allowed` and `elapsed` are milliseconds of its time.
clocks = Table(
    "clocks",
    metadata,
    Column("repository_id", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("started_at", Moment, primary_key=True),
    Column("kind", Text),
    Column("stage", Text, nullable=False),
    Column("allowed", BigInteger, nullable=False),
    Column("elapsed", BigInteger, nullable=False),
    Column("due_at", Moment),
    Column("ended_at", Moment),
    Column("is_answered", SmallInteger, nullable=False),
)
Index("clocks_by_start", clocks.c.repository_id, clocks.c.started_at)
Index(
    "clocks_running",
    clocks.c.repository_id,
    clocks.c.due_at,
    sqlite_where=clocks.c.ended_at.is_(None),
    postgresql_where=clocks.c.ended_at.is_(None),
)

#: Small things to remember about the process's world, such as the App's own name.
notes = Table(
    "notes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
