"""Fixtures for tests that drive the app in a real browser.

`serve` puts a Gradio app on a free port of this machine, `visit` opens pages of it. At the end of a test a visit fails
it when the page logged an error, threw one, or asked anything of another host.
"""

import os
import random
import socket
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from dashboards.event_stream import hold_streams
from tests.browser.visits import Visit, find_chromium, visiting

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser; without one the test is skipped, on CI it fails."""
    return find_chromium(os.environ)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


def free_port() -> int:
    """A port nobody listens on, from a range of this test process's own: two of them never pick the same one."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + 500 * (worker % 20)
    for port in random.sample(range(first, first + 500), 500):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {first} to {first + 499}")


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """`serve(blocks, **launch_options)` launches an app until all tests are done and returns its URL."""
    launched = []

    def start(blocks, **options) -> str:
        port = free_port()
        options = {"server_name": "127.0.0.1", "server_port": port, "quiet": True, "run_history": False, **options}
        kwargs = options.pop("app_kwargs", {})
        options["app_kwargs"] = {**kwargs, "middleware": [hold_streams(blocks)]}  # as app.py does
        blocks.launch(prevent_thread_lock=True, inbrowser=False, share=False, **options)
        launched.append(blocks)
        return f"http://127.0.0.1:{port}/"

    yield start
    for blocks in launched:
        blocks.close(verbose=False)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """`visit(url, **context_options)` opens a page in a browser context of its own."""
    with visiting(browser) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def module_visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """The same for a page that all tests of a module share; its faults fail the last of them."""
    with visiting(browser) as open_page:
        yield open_page
