"""The state of the bed as the home sees it, read out of the diary."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from nightvoice.bridge.messages import Message, Topics, of_ears, of_episode, of_night
from nightvoice.diary.event import Event
from nightvoice.diary.night import night_of
from nightvoice.diary.store import Diary
from nightvoice.insight.night import last_night, summarize

SILENT: Final = timedelta(minutes=2, seconds=30)
"""The ear notes every minute that it hears. Two of these notes missing, and it does not."""
REREAD: Final = timedelta(seconds=10)
"""How often it is looked whether it still hears."""


class Home:
    """What is retained at the broker. Every method may raise DiaryUnavailable."""

    def __init__(self, diary: Diary, topics: Topics) -> None:
        self._diary, self._topics = diary, topics
        self._published: dict[str, str] = {}
        self._read_at: datetime | None = None
        self._stopped = False

    def forget(self) -> None:
        """Nobody knows what the broker still has: everything is new."""
        self._published.clear()
        self._read_at = None

    def note(self, events: list[Event]) -> None:
        """They happened."""
        for event in events:
            self._read_at = None
            if event.kind in ("listening_started", "listening_stopped"):
                self._stopped = event.kind == "listening_stopped"

    def changed(self, now: datetime) -> Iterator[Message]:
        """What is to be published anew, if anything."""
        if self._read_at is not None and now - self._read_at < REREAD:
            return
        self._read_at = now
        seq = self._diary.last_seq()
        night = summarize(self._diary.night(last_night(now)))
        for message in (
            of_ears(self._listening(now), self._topics),
            of_episode(self._diary.unfinished(), self._topics),
            of_night(night, seq, self._topics),
        ):
            if self._published.get(message.topic) != message.payload:
                yield message
                self._published[message.topic] = message.payload

    def _listening(self, now: datetime) -> bool:
        tonight = night_of(now)
        spans = [span for night in self._diary.nights(tonight - timedelta(days=1), tonight) for span in night.spans]
        return not self._stopped and bool(spans) and now - spans[-1].end <= SILENT
