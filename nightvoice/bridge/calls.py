"""Calls for help, and the addresses of the contact that receive them.

Ages are measured in elapsed time since the bridge saw the event: the clock may be set in between.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.diary.event import Event

REPEAT_AFTER: Final = timedelta(minutes=10)
"""Shortest time between two messages to an address for the same cause."""
OLD: Final = timedelta(hours=12)
"""Age from which an event is old: of several old ones, only one causes a message."""

Cause = Literal["help", "danger"]
Send = Callable[[str, str], bool]
"""Sends a title and a text, and returns whether they arrived."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An event that warrants a message."""

    event: Event
    cause: Cause
    title: str
    wording: str
    """The text, with {time} and {bed}."""
    bed: str
    age: timedelta
    """Age of the event when the bridge saw it."""
    seen: float
    """When the bridge saw it, in elapsed seconds."""
    failure_told: bool
    """Whether the person has heard that nobody was reached."""

    def age_at(self, elapsed: float) -> timedelta:
        """Return the age of the event at ``elapsed`` seconds."""
        return self.age + timedelta(seconds=elapsed - self.seen)

    def repeats(self, other: "Call") -> bool:
        """Return whether somebody who knows of ``other`` needs no message about this one."""
        apart = abs(self.event.at - other.event.at) < REPEAT_AFTER or min(self.age, other.age) >= OLD
        return apart and abs(self.seen - other.seen) < REPEAT_AFTER.total_seconds()

    def text(self, now: datetime, elapsed: float) -> str:
        """Return the text with the time of the event by the present clock, and its date if that is not today."""
        at = (now - self.age_at(elapsed)).astimezone(self.event.at.tzinfo)
        if abs(at - self.event.at) < timedelta(minutes=1):
            at = self.event.at
        today = at.date() == now.astimezone(at.tzinfo).date()
        return self.wording.format(time=f"{at:%H:%M}" if today else f"{at:%Y-%m-%d %H:%M}", bed=self.bed)


class Recipient:
    """One address of the contact. A cause does not wait for another one, nor for another address."""

    def __init__(self, number: int, send: Send, pool: Executor) -> None:
        self.number = number
        self._send, self._pool = send, pool
        self._in_turn: dict[Cause, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._arrived: dict[Cause, Call] = {}
        """The latest call whose message arrived, by cause."""

    async def knows(self, call: Call, now: Callable[[], datetime], elapsed: Callable[[], float]) -> bool:
        """Send the message unless one like it has just arrived; return whether the address knows of ``call``."""
        async with self._in_turn[call.cause]:
            before = self._arrived.get(call.cause)
            if before is not None and call.repeats(before):
                return True
            text = call.text(now(), elapsed())
            try:
                arrived = await asyncio.get_running_loop().run_in_executor(self._pool, self._send, call.title, text)
            except Exception:  # a fault in one service must not stop the attempts, nor other messages
                arrived = False
            if arrived:
                self._arrived[call.cause] = call
            return arrived
