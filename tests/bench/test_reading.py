"""Fifty readers at once, in little: nothing lost, nothing doubled. `bench reading` does it in full."""

import sys

import pytest

from lesion_core.bench.postgres import temporary_cluster
from lesion_core.bench.reading import READERS, measure
from lesion_core.errors import MissingExtraError
from tests.reading.conftest import postgres_url  # noqa: F401 (a fixture)

SERVER = [sys.executable, "-m", "dashboards.reading_desk"]


def test_fifty_readers_on_sqlite(tmp_path):
    check(measure(f"sqlite:///{tmp_path}/readings.db", SERVER, cases=5))


def test_fifty_readers_on_postgresql(postgres_url):  # noqa: F811 (the fixture)
    check(measure(postgres_url, SERVER, cases=5))


def check(load):
    assert (load.answers, load.stored, load.doubled) == (5 * READERS, 5 * READERS, 0)
    assert len(load.answer_ms) == load.answers
    assert "0 lost, 0 doubled" in load.sentence()
    assert load.answer_ms[0] <= load.p95_ms <= load.answer_ms[-1]


def test_a_server_that_does_not_come_up_is_said(tmp_path):
    with pytest.raises(RuntimeError, match="does not serve the reading desk"):
        measure(f"sqlite:///{tmp_path}/readings.db", [sys.executable, "-c", "pass"], readers=1, cases=1)


def test_without_postgresql_the_package_is_named(monkeypatch):
    monkeypatch.setattr("lesion_core.bench.postgres.binaries", lambda: None)
    with pytest.raises(MissingExtraError, match="apt-get install postgresql"), temporary_cluster():
        pass
