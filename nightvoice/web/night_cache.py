"""Caches past nights in memory, and the figures made from them: some pages need years, which seldom change."""

from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Final, TypeVar

from nightvoice.diary.night import Night
from nightvoice.diary.store import Diary

MIN_AGE: Final = timedelta(days=2)
"""Age from which a night is cached; heartbeats change younger ones without an event."""
MAX_EVENTS: Final = 1000
"""Number of new events at which the whole cache is cleared."""
MAX_FIGURES: Final = 12
"""Figures that are kept; the oldest go first."""

T = TypeVar("T")


class NightCache:
    """Cache of the past nights of one diary. Thread-safe."""

    def __init__(self, diary: Diary, now: Callable[[], datetime]) -> None:
        self._diary, self._now = diary, now
        self._lock = Lock()
        self._nights: dict[date, Night] = {}
        self._figures: dict[Hashable, tuple[list[Night], object]] = {}
        self._seq = 0
        """Number of the newest event that the cache reflects."""

    def nights(self, since: date, until: date) -> list[Night]:
        """Return the same as ``Diary.nights``, including changes by other programs. Raises StorageUnavailable."""
        with self._lock:
            self._drop_changed_nights()
            dates = [since + timedelta(days=day) for day in range((until - since).days + 1)]
            missing = [day for day in dates if day not in self._nights]
            read = self._diary.nights(missing[0], missing[-1]) if missing else []
            fresh = {night.date: night for night in read}
            self._nights |= {day: night for day, night in fresh.items() if day < self._now().date() - MIN_AGE}
            return [fresh.get(day) or self._nights[day] for day in dates]

    def figures(self, key: Hashable, nights: Sequence[Night], compute: Callable[[Sequence[Night]], T]) -> T:
        """Return ``compute(nights)``, which is kept under ``key`` until one of the nights changes."""
        with self._lock:
            known = self._figures.get(key)
        # Nights from the cache are the same objects, so this is quick.
        if known is not None and known[0] == nights:
            return known[1]  # type: ignore[return-value]
        computed = compute(nights)
        with self._lock:
            self._figures.pop(key, None)
            self._figures[key] = (list(nights), computed)
            if len(self._figures) > MAX_FIGURES:
                del self._figures[next(iter(self._figures))]
        return computed

    def _drop_changed_nights(self) -> None:
        seq = self._diary.last_seq()
        events = self._diary.events(self._seq, MAX_EVENTS) if self._nights and seq > self._seq else []
        # These events do not name the nights that they change.
        unnamed = any(event.kind in ("episode_deleted", "clock_set", "night_end_set") for event in events)
        if seq < self._seq or len(events) == MAX_EVENTS or unnamed:
            self._nights.clear()
        for event in events:
            self._nights.pop(event.night, None)
        self._seq = seq
