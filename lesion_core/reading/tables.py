"""The tables of the newest version, as the code reads and writes them; `migrations` makes them.

Times are ISO 8601 in UTC. `readings`, `looks` and `audit` are append-only: the database itself refuses to change
their rows.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")

studies = sa.Table(
    "studies",
    metadata,
    sa.Column("study_id", sa.String(32), primary_key=True),
    sa.Column("made_at", sa.String(40), nullable=False),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("key_hash", sa.String(64), nullable=False),
    sa.Column("join_hash", sa.String(64), nullable=False),
)
images = sa.Table(
    "images",
    metadata,
    sa.Column("study_id", sa.String(32), sa.ForeignKey("studies.study_id"), primary_key=True),
    sa.Column("item", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("view", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("png", sa.LargeBinary, nullable=False),
)
readers = sa.Table(
    "readers",
    metadata,
    sa.Column("reader_id", _Number, primary_key=True, autoincrement=True),
    sa.Column("study_id", sa.String(32), sa.ForeignKey("studies.study_id"), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("code_hash", sa.String(64), nullable=False),
    sa.Column("steps", sa.Text, nullable=False),
    sa.Column("enrolled_at", sa.String(40), nullable=False),
    sa.Column("experience", sa.String(200), nullable=False, server_default=""),
    sa.Column("display", sa.String(200), nullable=False, server_default=""),
    sa.Column("agreed_at", sa.String(40), nullable=False, server_default=""),
    # "named" by who set the study up and not here yet, then by "code" or "account"; "imported" ones never enter.
    sa.Column("identified", sa.String(20), nullable=False, server_default="named"),
    sa.Column("account", sa.String(80), nullable=False, server_default=""),
    sa.UniqueConstraint("study_id", "name"),
)
#: What `readers.steps` holds, as far as answers are counted by it.
steps = sa.Table(
    "steps",
    metadata,
    sa.Column("reader_id", _Number, sa.ForeignKey("readers.reader_id"), primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("item", sa.Integer, nullable=False),
    sa.Column("repeat", sa.Integer, nullable=False),
)
sittings = sa.Table(
    "sittings",
    metadata,
    sa.Column("sitting_id", _Number, primary_key=True, autoincrement=True),
    sa.Column("reader_id", _Number, sa.ForeignKey("readers.reader_id"), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("begun_at", sa.String(40), nullable=False),
    sa.Column("screen", sa.String(200), nullable=False),
)
readings = sa.Table(
    "readings",
    metadata,
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
    sa.Column("suspicion", sa.Float),
    sa.Column("action", sa.String(20), nullable=False, server_default=""),
    sa.Column("descriptors", sa.Text, nullable=False, server_default="{}"),
    sa.Column("border", sa.Text, nullable=False, server_default="[]"),
    sa.Column("events", sa.Text, nullable=False, server_default="[]"),
    sa.Column("overtime", sa.Integer, nullable=False, server_default="0"),
    # By the server's clock in a study with a time limit, all looks at the place; empty elsewhere.
    sa.Column("server_seconds", sa.Float),
    sa.Column("late", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("reader_id", "position", "revision"),
    sa.UniqueConstraint("reader_id", "answer_key"),
)
#: What starts and stops the server's clock of a place, in a study with a time limit.
looks = sa.Table(
    "looks",
    metadata,
    sa.Column("look_id", _Number, primary_key=True, autoincrement=True),
    sa.Column("reader_id", _Number, sa.ForeignKey("readers.reader_id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("what", sa.String(20), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("audit_id", _Number, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("study_id", sa.String(32), nullable=False, index=True),
    sa.Column("reader", sa.String(80), nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)
