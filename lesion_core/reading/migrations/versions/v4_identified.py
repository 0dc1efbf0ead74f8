"""How a reader was identified: a typed name and an account of the same name are two people until one is proven."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Who entered by what was not noted before: the next entry decides."""
    op.add_column("readers", sa.Column("identified", sa.String(20), nullable=False, server_default="named"))
    op.add_column("readers", sa.Column("account", sa.String(80), nullable=False, server_default=""))
    op.execute(
        "UPDATE readers SET identified = 'imported' WHERE EXISTS (SELECT 1 FROM audit WHERE audit.what = 'imported'"
        " AND audit.study_id = readers.study_id AND audit.reader = readers.name)"
    )
