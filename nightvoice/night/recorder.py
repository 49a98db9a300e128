"""Writes a night's events to the diary and passes them to the sink."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from nightvoice import __version__
from nightvoice.diary.kinds import DiaryEventData, Gap, ListeningStarted
from nightvoice.diary.marks import ABSENT, EventData
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.night import events as night_events
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system.clock import ClockWatch, NightClock


class NightRecorder:
    """Dates, writes and shows events. The assistant advances ``t``, the current second of the night."""

    def __init__(self, diary: WriteBehindDiary, clock: NightClock, sink: Callable[[dict[str, Any]], None]) -> None:
        self._diary, self._clock, self._sink = diary, clock, sink
        self.t = 0.0

    @property
    def now(self) -> datetime:
        """Wall clock time at ``t``, time zone aware."""
        return self._clock.at(self.t)

    def write(self, event: DiaryEventData) -> None:
        """Write ``event`` to the diary."""
        self._diary.write(event.kind, self.now, event.data())

    def write_start(self, engine: str, voice: str, watch: ClockWatch | None) -> None:
        """Write to the diary that listening starts, and when the computer started."""
        boot = watch.boot if watch else None
        id, at, synced = (boot.id, round(boot.at, 3), boot.synced) if boot else (ABSENT, ABSENT, ABSENT)
        start = ListeningStarted(engine=engine, voice=voice, version=__version__, boot=id, booted=at, synced=synced)
        self.write(start)

    def write_gap(self, start: datetime, reason: str) -> None:
        """Write to the diary that nothing was heard from ``start`` until now."""
        self.write(Gap(start=start.isoformat(), end=self.now.isoformat(), reason=reason))

    def show(self, event: EventData) -> None:
        """Show ``event`` to the sink."""
        self._show(event.kind, event.data())

    def record(self, kind: str, data: Mapping[str, Any]) -> None:
        """Write an event from the guide to the diary, and show it."""
        self._diary.write(kind, self.now, data)
        self._show(kind, data)

    def heartbeat(self) -> None:
        """Record that the assistant is still listening."""
        self._diary.heard_until(self.now)

    def show_diary_notices(self) -> None:
        """Show the diary's new notices."""
        for line in self._diary.notices():
            notice = night_events.DiaryUnavailableEvent if self._diary.failure else night_events.DiaryNoticeEvent
            self.show(notice(why=line))

    def show_unavailable(self, error: StorageUnavailable) -> None:
        """Show that the diary could not be read."""
        self.show(night_events.DiaryUnavailableEvent(why=str(error)))

    def _show(self, kind: str, data: Mapping[str, Any]) -> None:
        self._sink({"t": round(self.t, 3), "event": kind, **data})
