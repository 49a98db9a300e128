"""Server-sent events that notify an open page of new content."""

from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from nightvoice.storage.errors import StorageUnavailable
from nightvoice.web.kit.endpoints import is_logged_in

HEARTBEAT_S: Final = 15.0
"""Seconds between events ``alive``, which tell the page, and the server, that the other is still there."""
MAX_STREAMS: Final = 20
"""Most streams open at a time."""


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
        return StreamingResponse(self._stream(request, after), media_type="text/event-stream")

    async def _stream(self, request: Request, after: int) -> AsyncIterator[str]:
        self._open_streams += 1
        try:
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
                    yield "event: alive\ndata: 1\n\n"
                await anyio.sleep(self._poll_s)
                silent_s += self._poll_s
        finally:
            self._open_streams -= 1
