"""What the broker says of every bed just now. No database: the broker keeps each bed's last word, and its last will."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from time import time_ns
from typing import Any, Final

from nightvoice.bridge.messages import ANNOUNCE_INTERVAL
from nightvoice.hub.messages import LONGEST, bed_of

TOPICS: Final = ("bridge", "ears", "episode", "night", "moment")
"""Of each bed: PREFIX/BED/…"""
SILENT: Final = 2.5 * ANNOUNCE_INTERVAL
"""A bridge that has not said for so long that it is there, is not."""
HELP: Final = timedelta(minutes=30)
"""So long it is shown that somebody asked for help."""
_RECHECK: Final = timedelta(seconds=5)


@dataclass(slots=True)
class Bed:
    """The last word about each thing; None: none yet."""

    name: str
    online: bool = False
    heard_of: datetime | None = None
    """When its bridge last said that it is there."""
    listening: bool = False
    changed: datetime | None = None
    """When it stopped hearing, or its bridge went, where that was seen."""
    cramp: datetime | None = None
    """Since when somebody has a cramp."""
    site: str | None = None
    side: str | None = None
    help: datetime | None = None
    """When somebody asked for help."""
    night: dict[str, Any] = field(default_factory=dict)

    def gone(self, now: datetime) -> bool:
        """Nobody knows how it is: its bridge, or the way to it, is down."""
        return not self.online or self.heard_of is None or now - self.heard_of > SILENT

    def deaf(self, now: datetime) -> bool:
        """Its bridge is there, and says that it does not hear."""
        return not self.gone(now) and not self.listening

    def last_night(self, date: date) -> dict[str, Any] | None:
        """What is known of the night that began on ``date``; None: nothing, which is not the same as no cramp."""
        return self.night if self.night.get("night") == date.isoformat() and self.night["listened_h"] else None


class LiveState:
    """All of them. Methods may be called from several threads; times are aware."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._beds: dict[str, Bed] = {}
        self._version = time_ns() // 1000
        """Beyond any of a process before this one."""
        self._gone: frozenset[str] = frozenset()
        self._checked = datetime.min.replace(tzinfo=UTC)

    def take(self, topic: str, payload: bytes | bytearray, retained: bool, now: datetime) -> None:
        """What came on ``topic``; what makes no sense changes nothing. ``retained``: it was said before now."""
        with suppress(ValueError, KeyError, TypeError), self._lock:
            name = bed_of(topic)
            if len(payload) > LONGEST:
                return
            bed = self._beds.get(name) or Bed(name)
            _note(bed, topic.rsplit("/", 1)[1], payload.decode(), now, None if retained else now)
            self._beds[name] = bed
            self._version += 1

    def know(self, names: Iterable[str]) -> None:
        """These beds exist, also where the broker has no word of them."""
        with self._lock:
            for name in names:
                self._beds.setdefault(name, Bed(name))

    def beds(self) -> list[Bed]:
        """By name."""
        with self._lock:
            return sorted(self._beds.values(), key=lambda bed: bed.name)

    def version(self, now: datetime) -> int:
        """Another number whenever there is something new to see."""
        with self._lock:
            if now - self._checked >= _RECHECK:
                self._checked = now
                gone = frozenset(name for name, bed in self._beds.items() if bed.gone(now))
                self._version += gone != self._gone
                self._gone = gone
            return self._version


def _note(bed: Bed, what: str, text: str, now: datetime, seen: datetime | None) -> None:
    match what:
        case "bridge":
            if bed.online and text != "online":
                bed.changed = seen
            # What the broker has kept is believed until the next word is due.
            bed.online, bed.heard_of = text == "online", now
        case "ears":
            if bed.listening and text != "listening":
                bed.changed = seen
            bed.listening = text == "listening"
        case "episode":
            state = json.loads(text)
            running = state["state"] == "ON"
            bed.cramp = _time(state["since"]) if running else None
            bed.site, bed.side = (_word(state["site"]), _word(state["side"])) if running else (None, None)
        case "night":
            night = json.loads(text)
            date.fromisoformat(night["night"])
            bed.night = {name: night[name] for name in ("night", "listened_h", "coverage", "cramps")}
            bed.night["flags"] = len(night["flags"])
        case "moment":
            moment = json.loads(text)
            if moment["event_type"] == "help_asked" and seen is not None:
                bed.help = _time(moment["at"])


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at
