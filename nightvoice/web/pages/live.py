"""Server-sent events: the page hears of each new event in the diary, whichever program wrote it."""

from collections.abc import AsyncIterator
from typing import Final

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from nightvoice.diary.errors import DiaryUnavailable
from nightvoice.web.context import of
from nightvoice.web.endpoints import may_see

LOOK_S: Final = 1.0
"""How often the diary is looked at."""
ALIVE_S: Final = 15.0
"""A sign of life this often, so that a browser that left is noticed."""
MOST: Final = 20
"""Streams at a time."""


class Live:
    """``/live?after=SEQ``: an event whose id is the diary's newest sequence number, whenever that rises."""

    def __init__(self) -> None:
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
        diary = of(request).diary
        self._open += 1
        try:
            yield "retry: 3000\n\n"
            quiet = 0.0
            while True:
                try:
                    newest = await run_in_threadpool(diary.last_seq)
                except DiaryUnavailable:
                    newest = after
                if newest > after:
                    after, quiet = newest, 0.0
                    yield f"id: {newest}\ndata: {newest}\n\n"
                elif quiet >= ALIVE_S:
                    quiet = 0.0
                    yield ": listening\n\n"
                await anyio.sleep(LOOK_S)
                quiet += LOOK_S
        finally:
            self._open -= 1
