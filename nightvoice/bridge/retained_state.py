"""Retained MQTT messages with the state of the bed, read from the diary."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from math import inf
from typing import Final

from nightvoice.bridge.messages import Message, Topics, episode_message, listening_message, night_message
from nightvoice.diary.event import Event
from nightvoice.diary.store import Diary
from nightvoice.insight.last_sleep import last_sleep
from nightvoice.insight.night import summarize
from nightvoice.system.clock import elapsed_seconds

HEARTBEAT_TIMEOUT: Final = timedelta(minutes=2, seconds=30)
"""Time without a heartbeat after which the assistant counts as not listening: two of its one-minute heartbeats."""
REREAD_INTERVAL: Final = timedelta(seconds=10)
"""How often the diary is reread when there are no new events."""


class RetainedState:
    """Tracks which retained messages have changed. Its methods may raise StorageUnavailable."""

    def __init__(self, diary: Diary, topics: Topics, elapsed: Callable[[], float] = elapsed_seconds) -> None:
        """``elapsed``: elapsed seconds, because the clock may be set at any time."""
        self._diary, self._topics, self._elapsed = diary, topics, elapsed
        self._published: dict[str, str] = {}
        self._read_at: float | None = None
        self._stopped = False
        self._heartbeat: datetime | None = None
        """The last heartbeat that was read."""
        self._heartbeat_at = -inf
        """When it was first read, in elapsed seconds."""

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
        elapsed = self._elapsed()
        if self._read_at is not None and elapsed - self._read_at < REREAD_INTERVAL.total_seconds():
            return
        self._read_at = elapsed
        seq = self._diary.last_seq()
        night = summarize(last_sleep(self._diary, now))
        for message in (
            listening_message(self._listening(now), self._topics),
            episode_message(self._diary.unfinished(), self._topics),
            night_message(night, seq, self._topics),
        ):
            if self._published.get(message.topic) != message.payload:
                yield message
                self._published[message.topic] = message.payload

    def _listening(self, now: datetime) -> bool:
        heartbeat = self._diary.last_heard()
        if heartbeat is not None and heartbeat != self._heartbeat:
            # Only at the start is the clock the only witness of the heartbeat's age.
            age = max(timedelta(), now - heartbeat) if self._heartbeat is None else timedelta()
            self._heartbeat, self._heartbeat_at = heartbeat, self._elapsed() - age.total_seconds()
        return not self._stopped and self._elapsed() - self._heartbeat_at <= HEARTBEAT_TIMEOUT.total_seconds()
