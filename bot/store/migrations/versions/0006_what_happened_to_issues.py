"""What happened to each issue, under which settings, what was said of late ones, and how soon they were answered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("subjects", sa.Column("timeline_etags", sa.Text(), nullable=True))
    op.add_column("subjects", sa.Column("timeline_read_at", sa.BigInteger(), nullable=True))
    _happenings()
    _regimes()
    _notices()
    _clocks()


def _happenings() -> None:
    op.create_table(
        "happenings",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "number", "id"),
    )


def _regimes() -> None:
    op.create_table(
        "regimes",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "since"),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "number", "key"),
    )
    op.create_index("notices_recent", "notices", ["repository_id", "at"])


def _clocks() -> None:
    op.create_table(
        "clocks",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("elapsed", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("is_answered", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "number", "target", "started_at"),
    )
    op.create_index("clocks_by_start", "clocks", ["repository_id", "started_at"])
    op.create_index(
        "clocks_running",
        "clocks",
        ["repository_id", "due_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
