"""Suspicion, action, descriptors, border and events get columns of their own; rows cannot be changed any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"
branch_labels = None
depends_on = None

#: Tables whose rows are only ever added.
APPEND_ONLY = ("readings", "audit")


def upgrade() -> None:
    """Add the columns, then the triggers that refuse UPDATE and DELETE."""
    op.add_column("readings", sa.Column("suspicion", sa.Float))
    for name, kind, default in (
        ("action", sa.String(20), ""),
        ("descriptors", sa.Text(), "{}"),
        ("border", sa.Text(), "[]"),
        ("events", sa.Text(), "[]"),
        ("overtime", sa.Integer(), "0"),
    ):
        op.add_column("readings", sa.Column(name, kind, nullable=False, server_default=default))
    for name in ("experience", "display"):
        op.add_column("readers", sa.Column(name, sa.String(200), nullable=False, server_default=""))
    op.add_column("readers", sa.Column("agreed_at", sa.String(40), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are never changed: add a new one', TG_TABLE_NAME; END $$"
        )
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(_trigger(table, verb, op.get_bind().dialect.name))


def _trigger(table: str, verb: str, dialect: str) -> str:
    name = f"{table}_no_{verb.lower()}"
    if dialect == "postgresql":
        return f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()"
    refusal = f"RAISE(ABORT, 'rows of {table} are never changed: add a new one')"
    return f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT {refusal}; END"
