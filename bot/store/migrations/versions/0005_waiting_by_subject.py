"""Find what waits for a subject without reading all that waits."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply: an index only."""
    waiting = sa.text("state <= 1")
    op.create_index("inbox_subject", "inbox", ["subject"], sqlite_where=waiting, postgresql_where=waiting)
