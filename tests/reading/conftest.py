"""A store in a file of its own, and a PostgreSQL of its own for the tests that need one."""

import os
from datetime import UTC, datetime

import pytest

from lesion_core.bench.postgres import binaries, temporary_cluster
from lesion_core.reading.database import Database
from lesion_core.reading.desk import Desk
from lesion_core.reading.store import Store


class Clock:
    """A clock that tests move."""

    def __init__(self):
        self.now = datetime(2026, 1, 5, 8, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    database = Database(f"sqlite:///{tmp_path}/readings.db")
    yield Store(database, clock=clock)
    database.close()


@pytest.fixture
def desk(store):
    return Desk(store)


@pytest.fixture(scope="session")
def postgres_url():
    """An empty PostgreSQL; without Debian's package the test is skipped, on CI it fails."""
    if binaries() is None:
        reason = "no PostgreSQL: install it (apt-get install postgresql)"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with temporary_cluster() as url:
        yield url
