"""Policy files of other branches; an organisation's is that of its own repository, found by its name."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. The columns that go were never used."""
    op.create_table(
        "policy_files",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "branch"),
    )
    op.create_index("repositories_name", "repositories", ["full_name"])
    for name in ("policy_text", "policy_etag", "policy_checked_at"):
        op.drop_column("installations", name)
