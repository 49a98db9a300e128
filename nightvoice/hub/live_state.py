"""The present state of every bed, from the retained messages and last wills at the broker. No database."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from time import time_ns
from typing import Final

from nightvoice.bridge.messages import ANNOUNCE_INTERVAL
from nightvoice.hub.hub_register import GoneHub
from nightvoice.hub.messages import MAX_MESSAGE_BYTES, EpisodeNews, MomentNews, NightNews, bed_of

TOPICS: Final = ("bridge", "ears", "episode", "night", "moment")
"""Relevant topics: the last part of PREFIX/BED/TOPIC."""
BRIDGE_TIMEOUT: Final = 2.5 * ANNOUNCE_INTERVAL
"""Time without a sign of life after which a bridge counts as gone."""
HELP_SHOWN: Final = timedelta(minutes=30)
"""How long the page shows a request for help."""
_RECHECK: Final = timedelta(seconds=5)
"""How often ``version`` looks for bridges that have timed out."""
_RETELL: Final = timedelta(seconds=20)
"""How often ``version`` rises while the page tells how long something has lasted, which it tells in minutes."""


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
    """When the last request for help arrived. The bed's own clock may be wrong."""
    night: NightNews | None = None
    unreadable: set[str] = field(default_factory=set)
    """The topics whose last message was invalid; what was known before stays."""

    def gone(self, now: datetime) -> bool:
        """Return whether the bridge or the connection to it is down, so that the state of the bed is unknown."""
        return not self.online or self.heard_of is None or now - self.heard_of > BRIDGE_TIMEOUT

    def deaf(self, now: datetime) -> bool:
        """Return whether the bridge is up and reports that the bed is not listening."""
        return not self.gone(now) and not self.listening

    def asks_for_help(self, now: datetime) -> bool:
        """Return whether somebody called for help a short while ago."""
        return self.help is not None and now - self.help < HELP_SHOWN

    def lasts(self, now: datetime) -> bool:
        """Return whether the page tells how long something at this bed has lasted."""
        return self.cramp is not None or self.asks_for_help(now) or (self.changed is not None and not self.listening)

    def last_night(self, date: date) -> NightNews | None:
        """Return the night of ``date``; None if unknown or not listened to, which does not mean no cramp."""
        return self.night if self.night and self.night.night == date and self.night.listened_h else None


class LiveState:
    """The state of all beds. Methods are thread-safe; times are aware."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._beds: dict[str, Bed] = {}
        self._version = time_ns() // 1000
        """Version counter; starts above any version of an earlier process."""
        self._gone: frozenset[str] = frozenset()
        self._checked = datetime.min.replace(tzinfo=UTC)
        self._retold = datetime.min.replace(tzinfo=UTC)
        self.gone_hubs: tuple[GoneHub, ...] = ()

    def update(self, topic: str, payload: bytes | bytearray, retained: bool, now: datetime) -> None:
        """Apply a message; of an invalid one, only note that it came.

        ``retained``: the message is older than the connection.
        """
        what = topic.rsplit("/", 1)[1]
        with suppress(ValueError), self._lock:
            name = bed_of(topic)
            known = name in self._beds
            bed = self._beds.setdefault(name, Bed(name))
            before, was_gone = replace(bed, unreadable=set(bed.unreadable)), bed.gone(now)
            try:
                if len(payload) > MAX_MESSAGE_BYTES:
                    raise ValueError
                _apply(bed, what, payload, now, None if retained else now)
            except ValueError:
                bed.unreadable.add(what)
            else:
                bed.unreadable.discard(what)
            # A sign of life alone is nothing new: of thousands of beds, many come every second.
            same = before == replace(bed, heard_of=before.heard_of) and was_gone == bed.gone(now)
            self._version += not (known and same)

    def add_beds(self, names: Iterable[str]) -> None:
        """Add existing beds, for which the broker may have no message."""
        with self._lock:
            for name in names:
                self._beds.setdefault(name, Bed(name))

    def set_gone_hubs(self, hubs: tuple[GoneHub, ...]) -> None:
        """Set which hubs do not run."""
        with self._lock:
            self._version += hubs != self.gone_hubs
            self.gone_hubs = hubs

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
            if now - self._retold >= _RETELL and any(bed.lasts(now) for bed in self._beds.values()):
                self._retold = now
                self._version += 1
            return self._version


def _apply(bed: Bed, topic: str, payload: bytes | bytearray, now: datetime, seen: datetime | None) -> None:
    """Update ``bed``. ``seen``: when the change happened; None for a retained message. Raises ValueError."""
    match topic:
        case "bridge":
            online = payload == b"online"
            if bed.online and not online:
                bed.changed = seen
            # A retained "online" counts as a sign of life until the next one is due.
            bed.online, bed.heard_of = online, now
        case "ears":
            listening = payload == b"listening"
            if bed.listening and not listening:
                bed.changed = seen
            bed.listening = listening
        case "episode":
            episode = EpisodeNews.model_validate_json(payload or b'{"state": "OFF"}')
            running = episode.state == "ON"
            bed.cramp = (episode.since or seen or now) if running else None
            bed.site, bed.side = (episode.site, episode.side) if running else (None, None)
        case "night":
            bed.night = NightNews.model_validate_json(payload) if payload else None  # empty: deleted at the broker
        case "moment":
            moment = MomentNews.model_validate_json(payload)
            if moment.event_type == "help_asked" and seen is not None:
                bed.help = seen
