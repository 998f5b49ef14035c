"""Policy files of pull requests, and of organisations."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("subjects", sa.Column("checked_head", sa.Text(), server_default="", nullable=False))
    op.add_column("installations", sa.Column("policy_text", sa.Text(), nullable=True))
    op.add_column("installations", sa.Column("policy_etag", sa.Text(), nullable=True))
    op.add_column("installations", sa.Column("policy_checked_at", sa.BigInteger(), nullable=True))
