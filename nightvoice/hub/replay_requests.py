"""Asks beds to publish the events again that the ward has not stored."""

from collections.abc import Callable
from itertools import islice
from typing import Final

from nightvoice.hub.store import Store

ASKED_AT_ONCE: Final = 200
"""Most beds asked before the hub sees to the broker again: looking for gaps takes time."""


class ReplayRequests:
    """The beds to ask. ``publish`` is called with the topic and the payload of each request."""

    def __init__(self, store: Store, prefix: str, publish: Callable[[str, str], object]) -> None:
        self._store, self._prefix, self._publish = store, prefix, publish
        self._asked: set[tuple[str, bool]] = set()
        """Beds already asked over this connection, and whether after a retained message."""
        self._waiting: set[tuple[str, bool]] = set()
        """Beds to ask because their bridge is online, and whether a retained message said so."""

    @property
    def waiting(self) -> bool:
        """Whether there are beds to ask."""
        return bool(self._waiting)

    def reconnected(self) -> None:
        """Start again: the broker, which may have lost messages, says again which bridges are online."""
        self._asked.clear()
        self._waiting.clear()

    def note_online(self, bed: str, retained: bool) -> None:
        """Note that the bridge of ``bed`` is online."""
        if (bed, retained) not in self._asked:
            self._waiting.add((bed, retained))

    def ask_some(self) -> None:
        """Ask the next beds for the events after their high-water marks. Raises StorageUnavailable."""
        some = set(islice(self._waiting, ASKED_AT_ONCE))
        if not some:
            return
        beds = {bed for bed, _ in some}
        marks = self._store.high_water_marks(beds)
        for bed in beds:
            log, seq = marks.get(bed, ("", 0))
            self._publish(f"{self._prefix}/{bed}/replay", f"{log} {seq}".strip())
        self._asked |= some
        self._waiting -= some
