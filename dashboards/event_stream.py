"""No event of a page is lost between two that follow each other closely, and a page that is gone leaves nothing behind.

A page gets the results of its queued events from one stream (server-sent events). Gradio closes it as soon as no event
of the page is pending. An event that joins in this instant is lost: the page still takes the stream for open, opens no
other, and its results wait on the server until the page asks for something else. It happened to about one of 300
pairs of clicks on a busy machine.

`hold_streams` keeps a page's stream open for some seconds after its last event, and lets an event that comes while the
stream is being closed wait until the page has seen the end of it.

A page that is left closes its stream, and Gradio then drops its results, but not what was pending: that is dropped here
once nothing of it runs any more. A last event of such a page may still open a stream: it is told that there is none.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from fastapi import Request
from gradio.queueing import Queue
from gradio.server_messages import ProcessCompletedMessage, UnexpectedErrorMessage
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: Seconds without an event after which a stream is closed. A browser opens six connections to a server at most, so
#: that a stream held for good would stop the third tab of the app.
REST_S = 5.0
#: Seconds in which a page sees the end of its stream, a busy browser too; an event that comes in them waits so long.
CLOSING_S = 1.5
#: Seconds without a stream after which a page with results that nobody read is gone; a busy browser opens it late.
GONE_S = 60.0
#: The event that is always pending while a stream is held.
HELD = "held"
NOTHING = "no event of this page is pending: load the page again"

log = logging.getLogger(__name__)


def hold_streams(page: gr.Blocks) -> Middleware:
    """Hold the event streams of a page's visitors; call after `page.queue()`.

    Returns:
        What `page.launch(app_kwargs={"middleware": [...]})` takes: it sees who reads a stream.
    """
    queue = page._queue
    streams = _Streams(queue)
    push = queue.push

    async def push_and_hold(body: Any, request: Request, username: str | None) -> Any:
        session = body.session_hash if request.url.path.endswith("/queue/join") else None
        if session is None:  # an endpoint called by hand: its stream ends with its answer
            return await push(body=body, request=request, username=username)
        await streams.closed(session)
        answer = await push(body=body, request=request, username=username)
        streams.hold(session)
        return answer

    queue.push = push_and_hold  # type: ignore[method-assign]
    return Middleware(_Readers, streams)


@dataclass
class _Stream:
    """The stream of one page.

    Attributes:
        readers: requests that read it now.
        seen: when the page last joined an event or read, seconds of `time.monotonic`.
        closing: until when the page may not have seen the end of it.
        waiting: closes it after its rest.
    """

    readers: int = 0
    seen: float = field(default_factory=time.monotonic)
    closing: float = 0.0
    waiting: asyncio.Task[None] | None = None


class _Streams:
    """The streams that are held, read or being closed, by session."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.known: dict[str, _Stream] = {}

    async def closed(self, session: str) -> None:
        """Wait while the stream of a session is being closed."""
        if (stream := self.known.get(session)) is not None:
            while (left := stream.closing - time.monotonic()) > 0:
                await asyncio.sleep(left)

    async def unread(self, session: str) -> None:
        """Wait, not for long, while another request reads the stream of a session: a page that is left ends it."""
        until = time.monotonic() + REST_S
        while (stream := self.known.get(session)) is not None and stream.readers and time.monotonic() < until:
            await asyncio.sleep(0.02)

    def hold(self, session: str) -> None:
        """Hold the stream of a session from now on until it has rested."""
        if (pending := self.queue.pending_event_ids_session.get(session)) is None:  # the event was refused
            return
        pending.add(HELD)
        stream = self.known.setdefault(session, _Stream())
        stream.seen = time.monotonic()
        if stream.waiting is not None:
            stream.waiting.cancel()
        stream.waiting = asyncio.create_task(self._close(session, stream))

    def read(self, session: str) -> None:
        """A request reads the stream of a session."""
        self.known.setdefault(session, _Stream()).readers += 1

    def read_no_more(self, session: str) -> None:
        """A request has ended that read the stream of a session."""
        stream = self.known[session]
        stream.readers -= 1
        stream.seen = time.monotonic()
        self._forget(session, stream)

    async def _close(self, session: str, stream: _Stream) -> None:
        """Close the stream of a session once nothing but `HELD` is pending, or its page is gone; then drop the rest."""
        await asyncio.sleep(REST_S)
        while self._pending(session) and not self._gone(session, stream):
            await asyncio.sleep(REST_S)
        stream.closing = time.monotonic() + CLOSING_S
        if (messages := self.queue.pending_messages_per_session.get(session)) is not None:
            messages.put_nowait(ProcessCompletedMessage(output={}, success=True, event_id=HELD))
        await asyncio.sleep(CLOSING_S)
        while stream.readers:  # a page that reads slowly: what is dropped below would break its stream
            await asyncio.sleep(CLOSING_S)
        if not self._pending(session) or self._gone(session, stream):
            self.queue.pending_event_ids_session.pop(session, None)
            self.queue.pending_messages_per_session.pop(session, None)
        stream.waiting = None
        self._forget(session, stream)

    def _pending(self, session: str) -> set[str]:
        """Events of a session whose results were not read."""
        return self.queue.pending_event_ids_session.get(session, set()) - {HELD}

    def _gone(self, session: str, stream: _Stream) -> bool:
        """Whether nobody reads the results of a session any more, and none is to come."""
        quiet = not stream.readers and time.monotonic() - stream.seen > GONE_S
        return quiet and self._pending(session).isdisjoint(self.queue.event_ids_to_events)

    def _forget(self, session: str, stream: _Stream) -> None:
        if not stream.readers and stream.waiting is None:
            self.known.pop(session, None)


class _Readers:
    """Sees who reads a stream; a page without events is told so, as Gradio does, which then breaks off with an error.

    A page that is still there says that the connection was lost, and loads again.
    """

    def __init__(self, app: ASGIApp, streams: _Streams) -> None:
        self.app = app
        self.streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if (session := _session_of(scope)) is None:
            await self.app(scope, receive, send)
            return
        await self.streams.unread(session)
        if session not in self.streams.queue.pending_messages_per_session:
            log.info("no stream for session %.20s: %s", session, NOTHING)
            told = UnexpectedErrorMessage(message=NOTHING, session_not_found=True)
            answer = PlainTextResponse(f"data: {told.model_dump_json()}\n\n", media_type="text/event-stream")
            await answer(scope, receive, send)
            return
        self.streams.read(session)
        try:
            await self.app(scope, receive, send)
        finally:
            self.streams.read_no_more(session)


def _session_of(scope: Scope) -> str | None:
    """The session whose stream a request reads; None for any other request."""
    if scope["type"] != "http" or not scope["path"].endswith("/queue/data"):
        return None
    asked: bytes = scope["query_string"]
    return next(iter(parse_qs(asked.decode("latin-1")).get("session_hash", [])), None)
