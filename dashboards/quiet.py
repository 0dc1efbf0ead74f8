"""When nobody is waiting for the server: what only prepares for later waits for such a moment.

Loading torch and the models takes some seconds of both cores of a small server. In the first page's seconds these are
the page's own: it opened in 3.7 s without them, in 4.8 s beside them.

Example:
    .. code-block:: python

        quiet = Quiet()
        serving.warm_up(quiet.wait)
        page.launch(app_kwargs={"middleware": [quiet.middleware()]})
"""

from __future__ import annotations

import time

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Seconds without a request or an answer after which nobody is taken to wait: a page that opens leaves none longer.
QUIET_S = 2.5
#: Seconds after which a busy server is no longer waited for.
LONGEST_S = 60.0
_LOOK_S = 0.1


class Quiet:
    """Since when the server has neither been asked for anything nor answered."""

    def __init__(self) -> None:
        self._heard = self._since = time.monotonic()

    def heard(self) -> None:
        """Somebody asked for something, or is being answered."""
        self._heard = time.monotonic()

    def wait(self) -> None:
        """Return when it has been quiet for `QUIET_S`, at the latest `LONGEST_S` after the start."""
        while (now := time.monotonic()) - self._heard < QUIET_S and now - self._since < LONGEST_S:
            time.sleep(_LOOK_S)

    def middleware(self) -> Middleware:
        """What hears the requests of an app."""
        return Middleware(_Hearing, self)


class _Hearing:
    """Hears every request and every part of an answer, but a page's sign of life."""

    def __init__(self, app: ASGIApp, quiet: Quiet) -> None:
        self.app = app
        self.quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or "/heartbeat/" in scope["path"]:
            await self.app(scope, receive, send)
            return

        async def heard(message: Message) -> None:
            self.quiet.heard()
            await send(message)

        self.quiet.heard()
        await self.app(scope, receive, heard)
