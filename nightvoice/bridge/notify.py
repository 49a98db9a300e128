"""Sends messages to the contact when the person asks for help or reports an urgent danger sign.

Each message is retried until it arrives. The result is written to the diary, so that the assistant can announce it.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from nightvoice.bridge.bookmark import Bookmark
from nightvoice.content.home import HomeWords
from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import ContactNotice
from nightvoice.diary.store import Diary
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system.backoff import backoff
from nightvoice.system.control_socket import Order

POLL_S: Final = 0.5
"""How often the diary is checked for new events."""
RETRY_DELAYS_S: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""Delays between attempts; the last one repeats."""
REPORT_FAILURE_AFTER: Final = timedelta(seconds=45)
"""Time without success after which the person hears that nobody was reached; the attempts continue."""
REPORT_WITHIN: Final = timedelta(minutes=15)
"""Longest time after the event in which a result is announced to the person."""
MAX_AGE: Final = timedelta(hours=12)
"""Oldest event for which a message is sent."""
REPEAT_AFTER: Final = timedelta(minutes=10)
"""Shortest time between a delivered message and the next one for the same cause."""

Cause = Literal["help", "danger"]


def cause_of(event: Event) -> Cause | None:
    """Return the cause for which to notify the contact about ``event``, or None."""
    if event.kind == "heard" and event.data.get("intent") == "help":
        return "help"
    if event.kind == "flag" and event.data.get("action") not in CALM_ACTIONS:
        # Somebody who isn't sure can speak, hears the number and is asked about help; somebody silent may be unable to.
        # Only a possible emergency is worth waking the contact without a yes.
        unsure = event.data.get("answered") and event.data.get("action") != "emergency"
        return None if event.data.get("status") == "withdrawn" or unsure else "danger"
    return None


class Notifier:
    """Sends the contact a message for each event that warrants one.

    ``send``: send title and text, and return whether they arrived. ``causes``: the causes that are switched on.
    ``order``: pass an order to the running night. ``report``: show a line to the operator.
    """

    def __init__(
        self,
        diary: Diary,
        bookmark: Bookmark,
        send: Callable[[str, str], bool],
        words: HomeWords,
        bed: str,
        causes: frozenset[str],
        order: Callable[[Order], bool],
        report: Callable[[str], None],
        retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
        report_failure_after: timedelta = REPORT_FAILURE_AFTER,
    ) -> None:
        self._diary, self._bookmark, self._send, self._words = diary, bookmark, send, words
        self._bed, self._causes, self._order, self._report = bed, causes, order, report
        self._retry_delays_s, self._report_failure_after = retry_delays_s, report_failure_after
        self._arrived: dict[str, datetime] = {}
        """Time of the last event whose message arrived, by cause."""

    async def run(self) -> None:
        """Follow the log until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self._bookmark.check)
                events = await asyncio.to_thread(self._diary.events, self._bookmark.seq, 100)
                for event in events:
                    await self._handle(event)
                    if self._bookmark.seq < event.seq:
                        await asyncio.to_thread(self._bookmark.move, [event])
            except (StorageUnavailable, OSError) as error:
                self._report(str(error))
                await asyncio.sleep(self._retry_delays_s[-1])
            await asyncio.sleep(POLL_S)

    async def _handle(self, event: Event) -> None:
        cause = cause_of(event)
        if cause is None or cause not in self._causes:
            return
        before = self._arrived.get(cause)
        if before is not None and event.at - before < REPEAT_AFTER:
            await self._record(event, cause, reached=True)  # the contact already knows
            return
        unanswered = event.data.get("status") == "unconfirmed"
        text = self._words.notices["unanswered" if unanswered else cause].format(
            time=f"{event.at:%H:%M}", bed=self._bed
        )
        started = datetime.now(UTC)
        delays = backoff(self._retry_delays_s)
        failure_reported = False
        while datetime.now(UTC) - event.at < MAX_AGE:
            if await asyncio.to_thread(self._send, self._words.title.format(bed=self._bed), text):
                self._arrived[cause] = event.at
                await self._record(event, cause, reached=True)
                return
            if not failure_reported and datetime.now(UTC) - started >= self._report_failure_after:
                failure_reported = True
                await self._record(event, cause, reached=False)
            await asyncio.sleep(next(delays))

    async def _record(self, event: Event, cause: Cause, reached: bool) -> None:
        """Write the result to the diary, then have it announced if it is recent."""
        notice = ContactNotice(event=event.seq, cause=cause, reached=reached)
        await asyncio.to_thread(self._diary.append, notice.kind, datetime.now().astimezone(), notice.data())
        self._report(f"message about event {event.seq} ({cause}): {'arrived' if reached else 'did not arrive yet'}")
        if datetime.now(UTC) - event.at < REPORT_WITHIN:
            self._order(Order.CONTACT_REACHED if reached else Order.CONTACT_NOT_REACHED)
