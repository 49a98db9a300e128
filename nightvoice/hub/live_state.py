"""The present state of every bed, from the retained messages and last wills at the broker. No database."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from time import time_ns
from typing import Any, Final

from nightvoice.bridge.messages import ANNOUNCE_INTERVAL
from nightvoice.hub.messages import MAX_MESSAGE_BYTES, bed_of

TOPICS: Final = ("bridge", "ears", "episode", "night", "moment")
"""Relevant topics: the last part of PREFIX/BED/TOPIC."""
BRIDGE_TIMEOUT: Final = 2.5 * ANNOUNCE_INTERVAL
"""Time without a sign of life after which a bridge counts as gone."""
HELP_SHOWN: Final = timedelta(minutes=30)
"""How long the page shows a request for help."""
_RECHECK: Final = timedelta(seconds=5)
"""How often ``version`` looks for bridges that have timed out."""


@dataclass(slots=True)
class Bed:
    """State of one bed. None: no message about it yet."""

    name: str
    online: bool = False
    heard_of: datetime | None = None
    """Time of the bridge's last sign of life."""
    listening: bool = False
    changed: datetime | None = None
    """When the bed stopped listening or its bridge went offline; None if that was before the connection."""
    cramp: datetime | None = None
    """Onset of the cramp under way."""
    site: str | None = None
    side: str | None = None
    help: datetime | None = None
    """Time of the last request for help."""
    night: dict[str, Any] = field(default_factory=dict)

    def gone(self, now: datetime) -> bool:
        """Return whether the bridge or the connection to it is down, so that the state of the bed is unknown."""
        return not self.online or self.heard_of is None or now - self.heard_of > BRIDGE_TIMEOUT

    def deaf(self, now: datetime) -> bool:
        """Return whether the bridge is up and reports that the bed is not listening."""
        return not self.gone(now) and not self.listening

    def last_night(self, date: date) -> dict[str, Any] | None:
        """Return the night of ``date``; None if unknown or not listened to, which does not mean no cramp."""
        return self.night if self.night.get("night") == date.isoformat() and self.night["listened_h"] else None


class LiveState:
    """The state of all beds. Methods are thread-safe; times are aware."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._beds: dict[str, Bed] = {}
        self._version = time_ns() // 1000
        """Version counter; starts above any version of an earlier process."""
        self._gone: frozenset[str] = frozenset()
        self._checked = datetime.min.replace(tzinfo=UTC)

    def update(self, topic: str, payload: bytes | bytearray, retained: bool, now: datetime) -> None:
        """Apply a message; ignore invalid ones. ``retained``: the message is older than the connection."""
        with suppress(ValueError, KeyError, TypeError), self._lock:
            name = bed_of(topic)
            if len(payload) > MAX_MESSAGE_BYTES:
                return
            bed = self._beds.get(name) or Bed(name)
            _apply(bed, topic.rsplit("/", 1)[1], payload.decode(), now, None if retained else now)
            self._beds[name] = bed
            self._version += 1

    def add_beds(self, names: Iterable[str]) -> None:
        """Add existing beds, for which the broker may have no message."""
        with self._lock:
            for name in names:
                self._beds.setdefault(name, Bed(name))

    def beds(self) -> list[Bed]:
        """Return the beds, sorted by name."""
        with self._lock:
            return sorted(self._beds.values(), key=lambda bed: bed.name)

    def version(self, now: datetime) -> int:
        """Return a number that rises with every change to show."""
        with self._lock:
            if now - self._checked >= _RECHECK:
                self._checked = now
                gone = frozenset(name for name, bed in self._beds.items() if bed.gone(now))
                self._version += gone != self._gone
                self._gone = gone
            return self._version


def _apply(bed: Bed, topic: str, text: str, now: datetime, seen: datetime | None) -> None:
    """Update ``bed``. ``seen``: when the change happened; None for a retained message."""
    match topic:
        case "bridge":
            if bed.online and text != "online":
                bed.changed = seen
            # A retained "online" counts as a sign of life until the next one is due.
            bed.online, bed.heard_of = text == "online", now
        case "ears":
            if bed.listening and text != "listening":
                bed.changed = seen
            bed.listening = text == "listening"
        case "episode":
            state = json.loads(text)
            running = state["state"] == "ON"
            bed.cramp = _parse_time(state["since"]) if running else None
            bed.site = _text_or_none(state["site"]) if running else None
            bed.side = _text_or_none(state["side"]) if running else None
        case "night":
            night = json.loads(text)
            date.fromisoformat(night["night"])
            bed.night = {name: night[name] for name in ("night", "listened_h", "coverage", "cramps")}
            bed.night["flags"] = len(night["flags"])
        case "moment":
            moment = json.loads(text)
            if moment["event_type"] == "help_asked" and seen is not None:
                bed.help = _parse_time(moment["at"])


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _parse_time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at
