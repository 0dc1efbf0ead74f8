"""A page of the app and what went wrong in it; and the browser that shows it."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page

from dashboards.event_stream import NOTHING

SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"
OWN_HOSTS = {"localhost", "127.0.0.1"}
#: What Gradio logs as a page with an open event stream is left or loaded anew: the stream is cut off, as it should be,
#: and one that a last event still asks for has nothing to say.
LEFT = ("BodyStreamBuffer was aborted", "Unexpected error Connection errored out", f"Unexpected error {NOTHING}")
#: Gradio's page asks how an upload goes and is answered 404 where the upload starts over 3 s later, on a busy machine;
#: the upload goes on, and the page logs "Response".
PROGRESS = "/upload_progress"


@dataclass
class Visit:
    """A page and what went wrong in it.

    Attributes:
        console_errors: texts of the console's errors.
        page_errors: uncaught exceptions.
        outside_requests: URLs asked for on any other machine.
        untold_uploads: uploads whose progress was asked for too early, and not logged by the page yet.
    """

    page: Page
    console_errors: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    outside_requests: list[str] = field(default_factory=list)
    untold_uploads: int = 0

    def screenshot(self, name: str, **options) -> Path:
        """Save what the page shows as tests/screenshots/<name>.png (git ignores it)."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, **options)
        return path

    def faults(self) -> list[str]:
        """All of it in words; empty for a good page."""
        return [
            *(f"uncaught: {text}" for text in self.page_errors),
            *(f"console: {text}" for text in self.console_errors),
            *(f"asked another host: {url}" for url in self.outside_requests),
        ]

    def watch(self) -> None:
        self.page.on("console", lambda message: self._logged(message) if message.type == "error" else None)
        self.page.on("framenavigated", self._left)
        self.page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", lambda connection: self._note(connection.url))

    def _logged(self, message: ConsoleMessage) -> None:
        if PROGRESS in message.location["url"]:
            self.untold_uploads += 1
        elif self.untold_uploads and message.text == "Response":
            self.untold_uploads -= 1
        else:
            self.console_errors.append(message.text)

    def _left(self, frame: Frame) -> None:
        """Forget what leaving the page before logged; the same words from a page that stays are a fault."""
        if frame == self.page.main_frame:
            self.console_errors = [text for text in self.console_errors if not any(each in text for each in LEFT)]

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in OWN_HOSTS:
            self.outside_requests.append(url)


def find_chromium(environ: Mapping[str, str]) -> str:
    """LESION_CHROMIUM, or a browser on the PATH; without one the test is skipped, on CI it fails."""
    wanted = [environ.get("LESION_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    for name in filter(None, wanted):
        if path := shutil.which(name, path=environ.get("PATH", "")):
            return path
    reason = "no browser: install chromium (apt-get install chromium) or set LESION_CHROMIUM to its path"
    if environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def visiting(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Give a function that opens pages; at the end all are closed and checked for what went wrong in them."""
    visits: list[Visit] = []

    def open_page(url: str, **options) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(60_000)
        made = Visit(context.new_page())
        made.watch()
        visits.append(made)
        made.page.goto(url)
        return made

    try:
        yield open_page
    finally:
        for made in visits:
            made.page.context.close()
    faults = [fault for made in visits for fault in made.faults()]
    if faults:
        raise AssertionError("\n".join(faults))
