"""Remember up to what time a repository was swept."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply: an older Reeve does not know the column and is not troubled by it."""
    op.add_column("repositories", sa.Column("swept_until", sa.BigInteger(), nullable=True))
