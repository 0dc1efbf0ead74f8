"""No event of a page is lost between two that follow each other closely.

A page gets the results of its queued events from one stream (server-sent events). Gradio closes it as soon as no event
of the page is pending. An event that joins in this instant is lost: the page still takes the stream for open, opens no
other, and its results wait on the server until the page asks for something else. It happened to about one of 300
pairs of clicks on a busy machine.

`hold_streams` keeps a page's stream open for some seconds after its last event, and lets an event that comes while the
stream is being closed wait until the page has seen the end of it.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import gradio as gr
from fastapi import Request
from gradio.queueing import Queue
from gradio.server_messages import ProcessCompletedMessage

#: Seconds without an event after which a stream is closed. A browser opens six connections to a server at most, so
#: that a stream held for good would stop the third tab of the app.
REST_S = 5.0
#: Seconds in which a page sees the end of its stream.
CLOSING_S = 0.5
#: The event that is always pending while a stream is held.
HELD = "held"


def hold_streams(page: gr.Blocks) -> None:
    """Hold the event streams of a page's visitors; call after `page.queue()`, before `page.launch()`."""
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


class _Streams:
    """Which streams are held, and which are being closed."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.closing: dict[str, float] = {}
        self.waiting: dict[str, asyncio.Task[None]] = {}

    async def closed(self, session: str) -> None:
        """Wait while the stream of a session is being closed."""
        while (left := self.closing.get(session, 0.0) - time.monotonic()) > 0:
            await asyncio.sleep(left)
        self.closing.pop(session, None)

    def hold(self, session: str) -> None:
        """Hold the stream of a session from now on until it has rested."""
        if (pending := self.queue.pending_event_ids_session.get(session)) is None:  # the event was refused
            return
        pending.add(HELD)
        if (before := self.waiting.get(session)) is not None:
            before.cancel()
        self.waiting[session] = asyncio.create_task(self._close(session))

    async def _close(self, session: str) -> None:
        """Close the stream of a session once nothing but `HELD` is pending."""
        pending = self.queue.pending_event_ids_session
        await asyncio.sleep(REST_S)
        while not pending.get(session, set()) <= {HELD}:
            await asyncio.sleep(REST_S)
        self.closing[session] = time.monotonic() + CLOSING_S
        if (messages := self.queue.pending_messages_per_session.get(session)) is not None:
            messages.put_nowait(ProcessCompletedMessage(output={}, success=True, event_id=HELD))
        await asyncio.sleep(CLOSING_S)
        if not pending.get(session, set()) - {HELD}:  # also of a page that went away and reads no more
            pending.pop(session, None)
        self.closing.pop(session, None)
        if self.waiting.get(session) is asyncio.current_task():
            del self.waiting[session]
