"""Who gave which command when and what it touched; from when on sweeps saw everything; a pause for what can wait."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("answered", sa.Column("number", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("answered", sa.Column("actor_id", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("answered", sa.Column("written_at", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("answered", sa.Column("touched", sa.Text(), server_default="[]", nullable=False))
    op.drop_index(op.f("ix_answered_repository_id"), table_name="answered")
    op.create_index("answered_subject", "answered", ["repository_id", "number"], unique=False)
    op.create_index("answered_actor", "answered", ["actor_id", "written_at"], unique=False)
    op.add_column("repositories", sa.Column("swept_from", sa.BigInteger(), nullable=True))
    op.add_column("repositories", sa.Column("etags", sa.Text(), nullable=True))
    op.add_column("installations", sa.Column("backlog_after", sa.BigInteger(), nullable=True))
