"""Each reader's steps also as rows, so that answers can be counted by case without decoding every reader's steps."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"
branch_labels = None
depends_on = None

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table and fill it."""
    steps = op.create_table(
        "steps",
        sa.Column("reader_id", _Number, sa.ForeignKey("readers.reader_id"), primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column("repeat", sa.Integer, nullable=False),
    )
    readers = sa.table("readers", sa.column("reader_id"), sa.column("steps"))
    connection = op.get_bind()
    for reader_id, text in connection.execute(sa.select(readers.c.reader_id, readers.c.steps)).all():
        rows = [
            {"reader_id": reader_id, "position": position, "item": step[0], "repeat": step[2]}
            for position, step in enumerate(json.loads(text))
        ]
        if rows:
            connection.execute(sa.insert(steps), rows)
