"""Sends messages to the contact when the person asks for help or reports an urgent danger sign.

Each message is retried until it arrives, at each address by itself. One address is enough for the contact to count as
reached. The result is announced, and written to the diary.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final

from nightvoice.bridge.bookmark import Bookmark
from nightvoice.bridge.calls import Call, Cause, Recipient, Send, cause_of
from nightvoice.content.home import HomeWords
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import ContactNotice
from nightvoice.diary.runs import ages
from nightvoice.diary.store import Diary
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system.backoff import backoff
from nightvoice.system.clock import elapsed_seconds
from nightvoice.system.control_socket import Order

POLL_S: Final = 0.5
"""How often the diary is checked for new events."""
RETRY_DELAYS_S: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""Delays between attempts; the last one repeats."""
REPORT_FAILURE_AFTER: Final = timedelta(seconds=45)
"""Time without success after which the person hears that nobody was reached; the attempts continue."""
REPORT_WITHIN: Final = timedelta(minutes=15)
"""Longest time after the event in which a result is announced to the person."""
GIVE_UP_AFTER: Final = timedelta(hours=12)
"""Time after which an address is no longer tried for an event."""


class Notifier:
    """Sends the contact a message for each event that warrants one.

    ``sends``: one function per address. ``causes``: the causes that are switched on. ``order``: pass an order to the
    running night. ``report``: show a line to the operator. ``now`` and ``elapsed``: the clock, which may be set at any
    time, and elapsed seconds.
    """

    def __init__(
        self,
        diary: Diary,
        bookmark: Bookmark,
        sends: Sequence[Send],
        words: HomeWords,
        bed: str,
        causes: frozenset[str],
        order: Callable[[Order], bool],
        report: Callable[[str], None],
        retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
        report_failure_after: timedelta = REPORT_FAILURE_AFTER,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        elapsed: Callable[[], float] = elapsed_seconds,
    ) -> None:
        self._diary, self._bookmark, self._words = diary, bookmark, words
        self._bed, self._causes, self._order, self._report = bed, causes, order, report
        self._retry_delays_s, self._report_failure_after = retry_delays_s, report_failure_after
        self._now, self._elapsed = now, elapsed
        # A thread per address and cause, so that an address that hangs delays nothing else.
        pool = ThreadPoolExecutor(2 * len(sends))
        self._addresses = [Recipient(number, send, pool) for number, send in enumerate(sends, 1)]
        self._log, self._read = bookmark.log, bookmark.seq
        self._passed: deque[Event] = deque()
        """Events that were read but are still after the bookmark."""
        self._open: set[Call] = set()
        """Calls that reached nobody yet. The bookmark stays before them, so that a restart tries them again."""
        self._notices: asyncio.Queue[ContactNotice] = asyncio.Queue()

    async def run(self) -> None:
        """Follow the log until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write_notices())
            while True:
                try:
                    for call in await self._new_calls():
                        tasks.create_task(self._deliver(call))
                    await self._move_bookmark()
                except (StorageUnavailable, OSError) as error:
                    self._report(str(error))
                    await asyncio.sleep(self._retry_delays_s[-1])
                await asyncio.sleep(POLL_S)

    async def _new_calls(self) -> list[Call]:
        await asyncio.to_thread(self._bookmark.check)
        if self._bookmark.log != self._log:
            self._log, self._read = self._bookmark.log, self._bookmark.seq
            self._passed, self._open = deque(), set()
        events = await asyncio.to_thread(self._diary.events, self._read)
        if not events:
            return []
        age = await asyncio.to_thread(ages, self._diary.database, events, self._now())
        results = {event.data.get("event"): event.data.get("reached") for event in events if event.kind == "notified"}
        calls = []
        for event in events:
            cause = cause_of(event)
            if cause is not None and cause in self._causes and not results.get(event.seq):
                calls.append(
                    self._call(event, cause, max(timedelta(), age[event.seq]), failure_told=event.seq in results)
                )
        self._passed.extend(events)
        self._open.update(calls)
        self._read = events[-1].seq
        return calls

    def _call(self, event: Event, cause: Cause, age: timedelta, failure_told: bool) -> Call:
        unanswered = event.data.get("status") == "unconfirmed"
        wording = self._words.notices["unanswered" if unanswered else cause]
        title = self._words.title.format(bed=self._bed)
        return Call(event, cause, title, wording, self._bed, age, self._elapsed(), failure_told)

    async def _move_bookmark(self) -> None:
        before = min((call.event.seq for call in self._open), default=self._read + 1)
        passed = [event for event in self._passed if event.seq < before]
        if passed:
            await asyncio.to_thread(self._bookmark.move, passed[-1:])
            for _ in passed:
                self._passed.popleft()

    async def _deliver(self, call: Call) -> None:
        """Try every address; announce the first success, or that there was none so far."""
        async with asyncio.TaskGroup() as tasks:
            trying = {tasks.create_task(self._reach(address, call)) for address in self._addresses}
            told, reached = call.failure_told, False
            while trying and not reached:
                patience = None if told else self._report_failure_after.total_seconds()
                done, trying = await asyncio.wait(trying, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                reached = any(task.result() for task in done)
                if not reached and not told:
                    told = True
                    self._tell(call, reached=False)
            if reached:
                self._tell(call, reached=True)
            self._open.discard(call)

    async def _reach(self, address: Recipient, call: Call) -> bool:
        """Try ``address`` until it knows of ``call``; return False after giving up."""
        where = f"message about event {call.event.seq} ({call.cause}): address {address.number}"
        for attempt, delay in enumerate(backoff(self._retry_delays_s)):
            if await address.knows(call, self._now, self._elapsed):
                return True
            if self._elapsed() - call.seen >= GIVE_UP_AFTER.total_seconds():
                break
            if not attempt:
                self._report(f"{where} did not take it; it is tried again")
            await asyncio.sleep(delay)
        self._report(f"{where} did not take it for {GIVE_UP_AFTER // timedelta(hours=1)} hours; given up")
        return False

    def _tell(self, call: Call, reached: bool) -> None:
        """Have the result announced if the event is recent, show it, and queue it for the diary."""
        if call.age_at(self._elapsed()) < REPORT_WITHIN:
            self._order(Order.CONTACT_REACHED if reached else Order.CONTACT_NOT_REACHED)
        seq, cause = call.event.seq, call.cause
        self._report(f"message about event {seq} ({cause}): {'arrived' if reached else 'did not arrive yet'}")
        self._notices.put_nowait(ContactNotice(event=seq, cause=cause, reached=reached))

    async def _write_notices(self) -> None:
        """Write results to the diary in order. Messages do not wait for a diary that cannot be written."""
        while True:
            notice = await self._notices.get()
            while True:
                try:
                    at = self._now().astimezone()
                    await asyncio.to_thread(self._diary.append, notice.kind, at, notice.data())
                    break
                except (StorageUnavailable, OSError) as error:
                    self._report(str(error))
                    await asyncio.sleep(self._retry_delays_s[-1])
