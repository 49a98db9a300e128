"""Messages to the contact when help is asked for or a pressing danger sign is told.

Each is tried until it arrives, and what became of it is written in the diary, so that the voice can say the truth.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from nightvoice.bridge.bookmark import Bookmark
from nightvoice.content.home import HomeWords
from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.diary.errors import DiaryUnavailable
from nightvoice.diary.event import Event
from nightvoice.diary.store import Diary
from nightvoice.system.backoff import pauses
from nightvoice.system.control_socket import Order

LOOK_S: Final = 0.5
"""How often the diary is looked into."""
WAITS_S: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""Pauses between attempts; the last one from then on."""
DOUBT: Final = timedelta(seconds=45)
"""After so long without success the person is told that nobody was reached; it is tried on."""
TOLD: Final = timedelta(minutes=15)
"""So long after asking, the person still waits to hear what became of it."""
WORTH: Final = timedelta(hours=12)
"""A message about something longer ago is not sent any more."""
QUIET: Final = timedelta(minutes=10)
"""After a message that arrived, another one for the same cause is not sent for so long."""

Cause = Literal["help", "danger"]


def cause_of(event: Event) -> Cause | None:
    """Why the contact is to know of ``event``."""
    if event.kind == "heard" and event.data.get("intent") == "help":
        return "help"
    if event.kind == "flag" and event.data.get("action") not in CALM_ACTIONS:
        return "danger"
    return None


class Notifier:
    """``send``: title and text; whether they arrived. ``order``: hands a word on to the running night."""

    def __init__(
        self,
        diary: Diary,
        bookmark: Bookmark,
        send: Callable[[str, str], bool],
        words: HomeWords,
        bed: str,
        causes: frozenset[str],
        order: Callable[[Order], bool],
        tell: Callable[[str], None],
        waits: Sequence[float] = WAITS_S,
        doubt: timedelta = DOUBT,
    ) -> None:
        self._diary, self._bookmark, self._send, self._words = diary, bookmark, send, words
        self._bed, self._causes, self._order, self._tell = bed, causes, order, tell
        self._waits, self._doubt = waits, doubt
        self._arrived: dict[str, datetime] = {}

    async def run(self) -> None:
        """Follow the log until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self._bookmark.check)
                events = await asyncio.to_thread(self._diary.events, self._bookmark.seq, 100)
                for event in events:
                    await self._mind(event)
                    if self._bookmark.seq < event.seq:
                        await asyncio.to_thread(self._bookmark.move, [event])
            except (DiaryUnavailable, OSError) as error:
                self._tell(str(error))
                await asyncio.sleep(self._waits[-1])
            await asyncio.sleep(LOOK_S)

    async def _mind(self, event: Event) -> None:
        cause = cause_of(event)
        if cause is None or cause not in self._causes:
            return
        before = self._arrived.get(cause)
        if before is not None and event.at - before < QUIET:
            await self._result(event, cause, reached=True)  # the contact knows already
            return
        text = self._words.notices[cause].format(time=f"{event.at:%H:%M}", bed=self._bed)
        begun = datetime.now(UTC)
        waits = pauses(self._waits)
        doubted = False
        while datetime.now(UTC) - event.at < WORTH:
            if await asyncio.to_thread(self._send, self._words.title.format(bed=self._bed), text):
                self._arrived[cause] = event.at
                await self._result(event, cause, reached=True)
                return
            if not doubted and datetime.now(UTC) - begun >= self._doubt:
                doubted = True
                await self._result(event, cause, reached=False)
            await asyncio.sleep(next(waits))

    async def _result(self, event: Event, cause: Cause, reached: bool) -> None:
        """Into the diary first; then the person may hear it."""
        data = {"event": event.seq, "cause": cause, "reached": reached}
        await asyncio.to_thread(self._diary.append, "notified", datetime.now().astimezone(), data)
        self._tell(f"message about event {event.seq} ({cause}): {'arrived' if reached else 'did not arrive yet'}")
        if datetime.now(UTC) - event.at < TOLD:
            self._order(Order.CONTACT_REACHED if reached else Order.CONTACT_NOT_REACHED)
