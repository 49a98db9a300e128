"""Retained MQTT messages with the state of the bed, read from the diary."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from nightvoice.bridge.messages import Message, Topics, episode_message, listening_message, night_message
from nightvoice.diary.event import Event
from nightvoice.diary.night import night_of
from nightvoice.diary.store import Diary
from nightvoice.insight.night import last_night, summarize

HEARTBEAT_TIMEOUT: Final = timedelta(minutes=2, seconds=30)
"""Time without a heartbeat after which the assistant counts as not listening: two of its one-minute heartbeats."""
REREAD_INTERVAL: Final = timedelta(seconds=10)
"""How often the diary is reread when there are no new events."""


class RetainedState:
    """Tracks which retained messages have changed. Its methods may raise StorageUnavailable."""

    def __init__(self, diary: Diary, topics: Topics) -> None:
        self._diary, self._topics = diary, topics
        self._published: dict[str, str] = {}
        self._read_at: datetime | None = None
        self._stopped = False

    def forget(self) -> None:
        """Treat every message as changed, since the broker may have lost them."""
        self._published.clear()
        self._read_at = None

    def note(self, events: list[Event]) -> None:
        """Take into account events that were just delivered."""
        for event in events:
            self._read_at = None
            if event.kind in ("listening_started", "listening_stopped"):
                self._stopped = event.kind == "listening_stopped"

    def changed(self, now: datetime) -> Iterator[Message]:
        """Yield the messages that have changed."""
        if self._read_at is not None and now - self._read_at < REREAD_INTERVAL:
            return
        self._read_at = now
        seq = self._diary.last_seq()
        night = summarize(self._diary.night(last_night(now)))
        for message in (
            listening_message(self._listening(now), self._topics),
            episode_message(self._diary.unfinished(), self._topics),
            night_message(night, seq, self._topics),
        ):
            if self._published.get(message.topic) != message.payload:
                yield message
                self._published[message.topic] = message.payload

    def _listening(self, now: datetime) -> bool:
        tonight = night_of(now)
        spans = [span for night in self._diary.nights(tonight - timedelta(days=1), tonight) for span in night.spans]
        return not self._stopped and bool(spans) and now - spans[-1].end <= HEARTBEAT_TIMEOUT
