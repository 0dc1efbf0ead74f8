"""The server's own clock of cases with a time limit: when images went out and were hidden, and what it made of that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"
branch_labels = None
depends_on = None

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add table and columns; answers of before were timed by the page alone, so theirs stay empty."""
    op.create_table(
        "looks",
        sa.Column("look_id", _Number, primary_key=True, autoincrement=True),
        sa.Column("reader_id", _Number, sa.ForeignKey("readers.reader_id"), nullable=False, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.add_column("readings", sa.Column("server_seconds", sa.Float))
    op.add_column("readings", sa.Column("late", sa.Integer, nullable=False, server_default="0"))
    dialect = op.get_bind().dialect.name
    for verb in ("UPDATE", "DELETE"):
        refusal = "SELECT RAISE(ABORT, 'rows of looks are never changed: add a new one');"
        body = "FOR EACH ROW EXECUTE FUNCTION append_only()" if dialect == "postgresql" else f"BEGIN {refusal} END"
        op.execute(f"CREATE TRIGGER looks_no_{verb.lower()} BEFORE {verb} ON looks {body}")
