"""Collects events for one message, since a ward stores few large messages several times as fast as many small ones."""

from collections.abc import Callable, Sequence
from typing import Final

from nightvoice.diary.event import Event
from nightvoice.system.clock import elapsed_seconds

MAX_EVENTS: Final = 100
"""Most events in one message."""
MAX_WAIT_S: Final = 300.0
"""How long an event waits for others. The page of the ward does not show events, so it is not late."""
_SENT_AT_ONCE: Final = frozenset({"episode_closed", "episode_deleted", "listening_stopped"})
"""Kinds after which nothing more is to be expected, or that must not wait."""


class Batching:
    """Decides when the events that are not published yet are worth a message."""

    def __init__(self, elapsed: Callable[[], float] = elapsed_seconds) -> None:
        """``elapsed``: elapsed seconds."""
        self._elapsed = elapsed
        self._since: float | None = None
        """When the first of the waiting events was seen."""

    def waits(self, events: Sequence[Event]) -> bool:
        """Return whether ``events``, all those not published yet, should wait for more."""
        now = self._elapsed()
        since = now if self._since is None else self._since
        full = len(events) >= MAX_EVENTS or any(event.kind in _SENT_AT_ONCE for event in events)
        waits = bool(events) and not full and now - since < MAX_WAIT_S
        self._since = since if waits else None
        return waits
