"""Messages to the contact when the person asks for help or reports a danger sign that needs somebody.

Each message is tried until it arrives. The result goes into the diary, so that the voice can say what happened.
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
"""After this long without success the person is told that nobody was reached; the attempts go on."""
REPORT_WITHIN: Final = timedelta(minutes=15)
"""The person hears of a result only this soon after the event."""
MAX_AGE: Final = timedelta(hours=12)
"""No message is sent about an event older than this."""
REPEAT_AFTER: Final = timedelta(minutes=10)
"""After a message that arrived, the next one for the same cause is sent no sooner than this."""

Cause = Literal["help", "danger"]


def cause_of(event: Event) -> Cause | None:
    """The reason to tell the contact about ``event``, or None."""
    if event.kind == "heard" and event.data.get("intent") == "help":
        return "help"
    if event.kind == "flag" and event.data.get("action") not in CALM_ACTIONS:
        return "danger"
    return None


class Notifier:
    """Sends a message for each event that the contact should know about.

    ``send``: takes title and text, and returns whether they arrived. ``causes``: the causes that are switched on.
    ``order``: passes an order on to the running night. ``report``: takes one line for whoever runs the bridge.
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
        """When the last event with a message that arrived happened, by cause."""

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
            await self._record(event, cause, reached=True)  # the contact knows already
            return
        text = self._words.notices[cause].format(time=f"{event.at:%H:%M}", bed=self._bed)
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
        """Write the result into the diary first; then the person may hear it."""
        notice = ContactNotice(event=event.seq, cause=cause, reached=reached)
        await asyncio.to_thread(self._diary.append, notice.kind, datetime.now().astimezone(), notice.data())
        self._report(f"message about event {event.seq} ({cause}): {'arrived' if reached else 'did not arrive yet'}")
        if datetime.now(UTC) - event.at < REPORT_WITHIN:
            self._order(Order.CONTACT_REACHED if reached else Order.CONTACT_NOT_REACHED)
