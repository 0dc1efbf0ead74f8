"""How the store's tables came to be: one file per change in `versions`, applied in order by Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_FOLDER = Path(__file__).parent


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring a database to a version, inside the caller's transaction.

    Args:
        connection: of an empty database or one of an earlier version.
        to: name of a version.
    """
    script = ScriptDirectory(str(_FOLDER))
    with EnvironmentContext(Config(), script) as environment:
        environment.configure(
            connection=connection,
            # The way Alembic's cookbook runs migrations without an env.py.
            fn=lambda revision, _: script._upgrade_revs(to, revision),
        )
        environment.run_migrations()


def version(connection: Connection) -> str:
    """The version of a database; empty for one without tables."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def newest() -> str:
    """The version that this code writes."""
    return ScriptDirectory(str(_FOLDER)).get_current_head() or ""
