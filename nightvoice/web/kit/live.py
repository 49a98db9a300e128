"""Server-sent events that notify an open page of new content."""

from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from nightvoice.storage.errors import StorageUnavailable
from nightvoice.web.kit.endpoints import is_logged_in

HEARTBEAT_S: Final = 15.0
"""Seconds between events ``alive``, which tell the page, and the server, that the other is still there."""
MAX_STREAMS: Final = 20
"""Most streams open at a time."""


class _CountedResponse(StreamingResponse):
    """Stream that calls ``on_end`` when it has ended, even if its client was gone before it began."""

    def __init__(self, content: AsyncIterator[str], on_end: Callable[[], None]) -> None:
        super().__init__(content, media_type="text/event-stream")
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._on_end()


class LiveUpdates:
    """Endpoint ``/live?after=NUMBER``, which sends an event whenever ``latest`` exceeds the last number sent.

    ``latest`` is called every ``poll_s`` seconds, in a worker thread.
    """

    def __init__(self, latest: Callable[[Request], int], poll_s: float) -> None:
        self._latest, self._poll_s = latest, poll_s
        self._open_streams = 0

    def route(self) -> Route:
        return Route("/live", self._respond, methods=["GET"])

    async def _respond(self, request: Request) -> Response:
        if not is_logged_in(request):
            return Response(status_code=401)
        if self._open_streams >= MAX_STREAMS:
            return Response(status_code=503, headers={"Retry-After": "60"})
        given = request.headers.get("last-event-id") or request.query_params.get("after", "")
        after = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
        # Counted here: many requests may arrive before the first stream begins.
        self._open_streams += 1
        return _CountedResponse(self._stream(request, after), self._end)

    def _end(self) -> None:
        self._open_streams -= 1

    async def _stream(self, request: Request, after: int) -> AsyncIterator[str]:
        yield "retry: 3000\n\n"
        silent_s = 0.0
        while True:
            try:
                latest = await run_in_threadpool(self._latest, request)
            except StorageUnavailable:
                latest = after
            if latest > after:
                after, silent_s = latest, 0.0
                yield f"id: {latest}\ndata: {latest}\n\n"
            elif silent_s >= HEARTBEAT_S:
                silent_s = 0.0
                if not is_logged_in(request):
                    return
                yield "event: alive\ndata: 1\n\n"
            await anyio.sleep(self._poll_s)
            silent_s += self._poll_s
