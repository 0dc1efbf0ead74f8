"""From the first released version to the newest, on both databases."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from lesion_core.errors import StoreError
from lesion_core.reading import migrations, tables
from lesion_core.reading.codes import hashed
from lesion_core.reading.database import Database
from lesion_core.reading.desk import Desk
from lesion_core.reading.order import draw_steps, steps_to_json
from lesion_core.reading.store import Store
from lesion_core.reading.study import study_to_json
from tests.reading.studies import answer, study


def first_version(url):
    """A database as version 1 left it, with a study, a reader and two answers."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        migrations.upgrade(connection, "1")
        assert migrations.version(connection) == "1"
        rows = {
            "studies": {
                "study_id": "s",
                "made_at": "t",
                "definition": study_to_json(study()),
                "key_hash": hashed("KEY"),
                "join_hash": "",
            },
            "readers": {
                "study_id": "s",
                "name": "Ann",
                "code_hash": hashed("CODE"),
                "steps": steps_to_json(draw_steps(study(), "Ann")),
                "enrolled_at": "t",
            },
            "sittings": {"reader_id": 1, "token_hash": hashed("token"), "begun_at": "t", "screen": ""},
        }
        for table, row in rows.items():
            _insert(connection, table, row)
        imported = {"study_id": "s", "name": "Zoe", "code_hash": "", "steps": "[]", "enrolled_at": "t"}
        _insert(connection, "readers", imported)
        _insert(connection, "audit", {"at": "t", "study_id": "s", "reader": "Zoe", "what": "imported", "detail": "{}"})
        for position in (0, 1):
            row = {"reader_id": 1, "sitting_id": 1, "position": position, "revision": 0, "assessed": 1, "rating": "4a"}
            _insert(
                connection,
                "readings",
                row | {"answer_key": f"k{position}", "call": 1, "seconds": 2.5, "read_at": "2026-01-01T00:00:00+00:00"},
            )
    engine.dispose()


def _insert(connection, table, row):
    names = ", ".join(f'"{name}"' for name in row)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + n for n in row)})"), row)


def check(url):
    database = Database(url)
    store, desk = Store(database), Desk(Store(database))
    assert [each.answer.rating for each in store.answers("s")] == ["4a", "4a"]
    first = store.answers("s")[0]
    assert (first.answer.suspicion, first.server_seconds, first.late) == (None, None, False)
    with database.reading() as connection:
        rows = connection.execute(sa.select(tables.steps).order_by(tables.steps.c.position)).all()
        assert connection.execute(
            sa.select(tables.readers.c.name, tables.readers.c.identified).order_by(tables.readers.c.reader_id)
        ).all() == [("Ann", "named"), ("Zoe", "imported")]
    steps = store.steps(1)
    assert [tuple(row) for row in rows] == [(1, at, step.item, step.repeat) for at, step in enumerate(steps)]
    assert {item: calls.count for item, calls in store.calls_of_others("s", 0).items()} == {
        step.item: 1 for step in steps[:2]
    }
    sitting = desk.sitting(desk.enter("s", "Ann", "CODE").token)
    desk.agree(sitting, experience="", display="")
    sitting = desk.sitting(desk.enter("s", "Ann", "CODE").token)
    assert desk.record(sitting, answer(2)).answered == 3
    row = {"reader_id": 1, "position": 0, "what": "images", "at": "t"}
    with database.writing() as connection:
        connection.execute(sa.insert(tables.looks).values(row))
    for change in ("DELETE FROM readings", "DELETE FROM looks", "UPDATE looks SET what = 'pause'"):
        with (
            pytest.raises((sa.exc.IntegrityError, StoreError), match="never changed"),
            database.writing() as connection,
        ):
            connection.execute(sa.text(change))
    with database.reading() as connection:
        assert migrations.version(connection) == migrations.newest()
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    database.close()


def test_sqlite(tmp_path):
    url = f"sqlite:///{tmp_path}/old.db"
    first_version(url)
    check(url)


def test_postgresql(postgres_url):
    admin = Database(postgres_url)
    with admin._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CREATE DATABASE old"))
    admin.close()
    url = postgres_url.replace("postgresql:", "postgresql+psycopg:").replace("/postgres?", "/old?")
    first_version(url)
    check(url)


def test_a_database_of_a_newer_version_is_left_alone(tmp_path):
    url = f"sqlite:///{tmp_path}/new.db"
    Database(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '99'"))
    with pytest.raises(StoreError, match="written by a newer version"):
        Database(url)
    engine.dispose()
