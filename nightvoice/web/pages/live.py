"""Server-sent events: the page hears of each new event in the diary, whichever program wrote it."""

from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from nightvoice.storage.errors import StorageUnavailable
from nightvoice.web.context import of
from nightvoice.web.endpoints import may_see

LOOK_S: Final = 1.0
"""How often the diary is looked at."""
ALIVE_S: Final = 15.0
"""A sign of life this often, so that a browser that left is noticed."""
MOST: Final = 20
"""Streams at a time."""


def _newest_event(request: Request) -> int:
    return of(request).diary.last_seq()


class Live:
    """``/live?after=SEQ``: an event whose id is the ``newest`` number (the diary's), whenever that rises."""

    def __init__(self, newest: Callable[[Request], int] = _newest_event, look_s: float = LOOK_S) -> None:
        self._newest, self._look_s = newest, look_s
        self._open = 0

    async def __call__(self, request: Request) -> Response:
        if not may_see(request):
            return Response(status_code=401)
        if self._open >= MOST:
            return Response(status_code=503, headers={"Retry-After": "60"})
        given = request.headers.get("last-event-id") or request.query_params.get("after", "")
        after = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
        return StreamingResponse(self._stream(request, after), media_type="text/event-stream")

    async def _stream(self, request: Request, after: int) -> AsyncIterator[str]:
        self._open += 1
        try:
            yield "retry: 3000\n\n"
            quiet = 0.0
            while True:
                try:
                    newest = await run_in_threadpool(self._newest, request)
                except StorageUnavailable:
                    newest = after
                if newest > after:
                    after, quiet = newest, 0.0
                    yield f"id: {newest}\ndata: {newest}\n\n"
                elif quiet >= ALIVE_S:
                    quiet = 0.0
                    yield ": listening\n\n"
                await anyio.sleep(self._look_s)
                quiet += self._look_s
        finally:
            self._open -= 1
