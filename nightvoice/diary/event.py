"""Entries of the event log, from which the rest of the diary is derived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the event log."""

    seq: int
    """Number of the event. Numbers rise, leave gaps where episodes were deleted, and are never reused."""
    at: datetime
    """Time of the event; aware, with the UTC offset of the person's clock at that time."""
    night: date
    """Night of the event, by the date of its evening."""
    episode: int | None
    """Id of the episode, if the event belongs to one."""
    kind: str
    """A key of ``kinds.KINDS``, or a kind added by a later version."""
    data: Mapping[str, Any]
    """Fields of the event, from ``kinds.KINDS[kind].data()``."""
