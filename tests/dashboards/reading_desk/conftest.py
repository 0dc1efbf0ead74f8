import pytest

from dashboards import reading_store
from lesion_core.reading.database import Database
from lesion_core.reading.store import Store
from tests.dashboards.reading_desk.rooms import room
from tests.reading.conftest import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    """The store that the endpoints work with."""
    made = Store(Database(f"sqlite:///{tmp_path}/readings.db"), clock=clock)
    reading_store.use(made)
    yield made
    reading_store.use(None)
    made.database.close()


@pytest.fixture
def client(store):
    return room()
