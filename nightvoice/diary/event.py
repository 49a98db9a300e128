"""An event: one line of the log that everything else in the diary is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

LISTENING_KINDS: Final = frozenset({"listening_started", "listening_stopped", "gap"})
"""Events about the ear, never part of an episode."""
EPISODE_KINDS: Final = frozenset({"episode_opened", "site", "step", "effect", "flag", "episode_closed"})
DAY_KINDS: Final = frozenset({"night_tagged", "night_noted"})
"""``night_tagged``: tag to true, false or null; ``night_noted``: ``text`` or null. Never part of an episode."""
STRETCH_KINDS: Final = frozenset({"stretch_started", "stretch_ended"})
"""The bedtime stretches; ``stretch_ended`` has ``completed`` and ``holds``. Never part of an episode."""
HOUSE_KINDS: Final = frozenset({"ordered", "notified"})
"""``ordered``: a button elsewhere was pressed (``order``). ``notified``: the contact was sent a message about an event
(``event``: its number; ``cause``; ``reached``: whether it arrived)."""
WRITABLE_KINDS: Final = (
    LISTENING_KINDS | EPISODE_KINDS | STRETCH_KINDS | HOUSE_KINDS | {"heard", "night_tagged", "episode_edited"}
)
"""What ``Diary.append`` takes; the others come from the methods of their names."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    seq: int
    """Rising, with holes where an episode was deleted; never given twice."""
    at: datetime
    """Aware, with the UTC offset that the person's clock had then."""
    night: date
    """The night that it is about."""
    episode: int | None
    """The episode that it belongs to."""
    kind: str
    data: Mapping[str, Any]
