"""One reading desk that can be killed for all tests of it, and pages whose server may be away."""

import pytest

from lesion_core.reading.database import Database
from lesion_core.reading.store import Store
from tests.browser.reading.server import Server

#: No request has this address. The first route of a page turns the holding of requests on, and with the last one it
#: goes off again: on a busy machine what an open page asks in that moment may be neither told nor held, nor answered.
NOTHING = "**/api/nothing"


@pytest.fixture(scope="session")
def database_file(tmp_path_factory):
    return tmp_path_factory.mktemp("reading") / "readings.db"


@pytest.fixture(scope="session")
def store(database_file):
    made = Store(Database(f"sqlite:///{database_file}"))
    yield made
    made.database.close()


@pytest.fixture(scope="session")
def server(database_file, store):
    made = Server(f"sqlite:///{database_file}")
    yield made
    made.close()


@pytest.fixture
def tab(browser):
    """
    `tab(url)` opens a page whose server may be away: its network errors are expected, nothing else is. With
    `routed=False` it takes no routes, and the body of every reply can be read (Chromium gives none of a held image).
    """
    contexts, faults = [], []

    def open_page(url, *, context=None, routed=True, **options):
        if context is None:
            context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
            contexts.append(context)
        page = context.new_page()
        if routed:
            page.route(NOTHING, lambda route: route.continue_())
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
