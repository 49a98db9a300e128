"""An event: one line of the log, from which everything else in the diary is derived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as it stands in the log."""

    seq: int
    """Its number. Numbers rise, have gaps where an episode was deleted, and are never used twice."""
    at: datetime
    """When it happened; aware, with the UTC offset of the person's clock at that time."""
    night: date
    """The night that it is about, by the date of its evening."""
    episode: int | None
    """The id of the episode that it belongs to, if any."""
    kind: str
    """A name in ``kinds.KINDS``, or a kind of a later version."""
    data: Mapping[str, Any]
    """What ``kinds.KINDS[kind].data()`` gave."""
