"""The first version: studies, readers, sittings, readings, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None
branch_labels = None
depends_on = None

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "studies",
        sa.Column("study_id", sa.String(32), primary_key=True),
        sa.Column("made_at", sa.String(40), nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("join_hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "images",
        sa.Column("study_id", sa.String(32), sa.ForeignKey("studies.study_id"), primary_key=True),
        sa.Column("item", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("view", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "readers",
        sa.Column("reader_id", _Number, primary_key=True, autoincrement=True),
        sa.Column("study_id", sa.String(32), sa.ForeignKey("studies.study_id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("steps", sa.Text, nullable=False),
        sa.Column("enrolled_at", sa.String(40), nullable=False),
        sa.UniqueConstraint("study_id", "name"),
    )
    op.create_table(
        "sittings",
        sa.Column("sitting_id", _Number, primary_key=True, autoincrement=True),
        sa.Column("reader_id", _Number, sa.ForeignKey("readers.reader_id"), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("begun_at", sa.String(40), nullable=False),
        sa.Column("screen", sa.String(200), nullable=False),
    )
    op.create_table(
        "readings",
        sa.Column("reading_id", _Number, primary_key=True, autoincrement=True),
        sa.Column("reader_id", _Number, sa.ForeignKey("readers.reader_id"), nullable=False),
        sa.Column("sitting_id", _Number, sa.ForeignKey("sittings.sitting_id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("answer_key", sa.String(64), nullable=False),
        sa.Column("assessed", sa.Integer, nullable=False),
        sa.Column("call", sa.Integer),
        sa.Column("rating", sa.String(20), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("read_at", sa.String(40), nullable=False),
        sa.UniqueConstraint("reader_id", "position", "revision"),
        sa.UniqueConstraint("reader_id", "answer_key"),
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", _Number, primary_key=True, autoincrement=True),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=False, index=True),
        sa.Column("reader", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
