"""Triage: what was learnt from each repository's own history, and sketches of its issues."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "fits",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("fitted_at", sa.BigInteger(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("model", sa.LargeBinary(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id"),
    )
    op.create_index("ix_fits_due_at", "fits", ["due_at"])
    op.create_table(
        "sketches",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.Column("similar", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "number"),
    )
    op.create_index("sketches_recent", "sketches", ["repository_id", "at"])
