"""An event: one line of the log that everything else in the diary is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

LISTENING_KINDS: Final = frozenset({"listening_started", "listening_stopped", "gap"})
"""Events about the ear, never part of an episode."""
EPISODE_KINDS: Final = frozenset({"episode_opened", "site", "step", "effect", "flag", "episode_closed"})
WRITABLE_KINDS: Final = LISTENING_KINDS | EPISODE_KINDS | {"heard"}
"""What ``Diary.append`` takes; ``episode_edited`` and ``episode_deleted`` come from the methods of those names."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    seq: int
    """Rising, with holes where an episode was deleted; never given twice."""
    at: datetime
    """Aware, with the UTC offset that the person's clock had then."""
    night: date
    episode: int | None
    """The episode that it belongs to."""
    kind: str
    data: Mapping[str, Any]
