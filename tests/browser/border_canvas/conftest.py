"""One app and one page for all tests of the border canvas: each begins with a new, empty image."""

import pytest

from tests.browser.border_canvas.desk import PLAIN, SIZE, Bench, Desk, answer, speckle
from tests.browser.visits import visiting


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser/border_canvas" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def bench():
    return Bench()


@pytest.fixture(scope="package")
def url(bench, serve):
    return serve(bench.blocks())


@pytest.fixture(scope="package")
def open_shared(browser):
    with visiting(browser) as open_page:
        yield open_page


@pytest.fixture(scope="package")
def shared_page(url, open_shared):
    visited = open_shared(url)
    visited.page.wait_for_selector("#first .bc-overlay")
    return visited


@pytest.fixture(scope="package")
def phone_page(url, open_shared):
    visited = open_shared(
        url, viewport={"width": 375, "height": 700}, device_scale_factor=2, has_touch=True, is_mobile=True
    )
    visited.page.wait_for_selector("#first .bc-overlay")
    return visited


def sit_down(bench, visited, pixels=PLAIN):
    bench.reply = answer
    bench.to_send = {}
    bench.seen.clear()
    made = Desk(visited, bench)
    made.show(pixels)
    return made


@pytest.fixture
def desk(bench, shared_page):
    """The first canvas of the shared page with an empty drawing of 1024 x 768 pixels."""
    shared_page.page.mouse.move(2, 2)
    return sit_down(bench, shared_page)


@pytest.fixture
def phone(bench, phone_page):
    """The same on a phone's page, with a disc in the middle."""
    made = sit_down(bench, phone_page, speckle(SIZE, [(512.5, 384.5)]))
    made.find(".bc-overlay").scroll_into_view_if_needed()
    return made


@pytest.fixture
def open_desk(bench, url, visit):
    """`open_desk(**context_options)`: the same on a page of its own."""

    def opened(**options) -> Desk:
        visited = visit(url, **options)
        visited.page.wait_for_selector("#first .bc-overlay")
        return sit_down(bench, visited)

    return opened


@pytest.fixture
def window(desk):
    """`window(width, height)` gives the shared page another size for the rest of the test."""

    def resize(width, height):
        desk.page.set_viewport_size({"width": width, "height": height})
        desk.page.wait_for_timeout(250)

    yield resize
    resize(1280, 900)
