"""Writes a night's events to the diary, and shows them to whoever watches."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from nightvoice.diary.kinds import DiaryEventData, Gap
from nightvoice.diary.marks import EventData
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.night import events as night_events
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system.clock import NightClock


class NightRecorder:
    """Everything is dated with ``t``, the present second of the night, which the assistant moves on."""

    def __init__(self, diary: WriteBehindDiary, clock: NightClock, sink: Callable[[dict[str, Any]], None]) -> None:
        self._diary, self._clock, self._sink = diary, clock, sink
        self.t = 0.0

    @property
    def now(self) -> datetime:
        """The wall clock at ``t``, aware."""
        return self._clock.at(self.t)

    def write(self, event: DiaryEventData) -> None:
        """Write ``event`` to the diary."""
        self._diary.write(event.kind, self.now, event.data())

    def write_gap(self, start: datetime, reason: str) -> None:
        """Write to the diary that nothing was heard from ``start`` until now."""
        self.write(Gap(start=start.isoformat(), end=self.now.isoformat(), reason=reason))

    def show(self, event: EventData) -> None:
        """Show ``event`` to the sink."""
        self._show(event.kind, event.data())

    def record(self, kind: str, data: Mapping[str, Any]) -> None:
        """Write an event of the guide's to the diary, and show it."""
        self._diary.write(kind, self.now, data)
        self._show(kind, data)

    def heartbeat(self) -> None:
        """Write that the night is still being listened to."""
        self._diary.heard_until(self.now)

    def show_diary_notices(self) -> None:
        """Show what the diary has to report about itself."""
        for line in self._diary.notices():
            notice = night_events.DiaryUnavailableEvent if self._diary.failure else night_events.DiaryNoticeEvent
            self.show(notice(why=line))

    def show_unavailable(self, error: StorageUnavailable) -> None:
        """Show that the diary could not be read."""
        self.show(night_events.DiaryUnavailableEvent(why=str(error)))

    def _show(self, kind: str, data: Mapping[str, Any]) -> None:
        self._sink({"t": round(self.t, 3), "event": kind, **data})
