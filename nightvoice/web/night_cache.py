"""Nights long past, kept in memory: years of them are looked at on one page, and they seldom change."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Final

from nightvoice.diary.night import Night
from nightvoice.diary.store import Diary

FRESH: Final = timedelta(days=2)
"""Younger nights are always read anew: a heartbeat leaves no event."""
MOST_EVENTS: Final = 1000
"""After more than this, all is read anew."""


class NightCache:
    """The nights of one diary. May be used by several threads."""

    def __init__(self, diary: Diary, now: Callable[[], datetime]) -> None:
        self._diary, self._now = diary, now
        self._lock = Lock()
        self._nights: dict[date, Night] = {}
        self._seq = 0

    def nights(self, since: date, until: date) -> list[Night]:
        """As ``Diary.nights``; what other programs wrote meanwhile is in it. Raises StorageUnavailable."""
        with self._lock:
            self._forget_what_changed()
            dates = [since + timedelta(days=day) for day in range((until - since).days + 1)]
            unknown = [day for day in dates if day not in self._nights]
            read = self._diary.nights(unknown[0], unknown[-1]) if unknown else []
            fresh = {night.date: night for night in read}
            self._nights |= {day: night for day, night in fresh.items() if day < self._now().date() - FRESH}
            return [fresh.get(day) or self._nights[day] for day in dates]

    def _forget_what_changed(self) -> None:
        seq = self._diary.last_seq()
        events = self._diary.events(self._seq, MOST_EVENTS) if self._nights and seq > self._seq else []
        # What was deleted tells no longer of which night it was.
        if seq < self._seq or len(events) == MOST_EVENTS or any(event.kind == "episode_deleted" for event in events):
            self._nights.clear()
        for event in events:
            self._nights.pop(event.night, None)
        self._seq = seq
