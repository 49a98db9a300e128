"""Checks a cramp that the person enters afterwards, by hand.

It says nothing about listening: a night that nobody listened to stays one, with a cramp in it, and so counts in no rate
(``insight.coverage``).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from nightvoice.diary import mapping
from nightvoice.diary.errors import OverlappingEpisode
from nightvoice.diary.validation import validate_fields
from nightvoice.errors import NightvoiceError
from nightvoice.storage.database import Sql
from nightvoice.system.clock import EARLIEST, LOCAL

LONGEST_MINUTES: Final = 600
"""Longest duration that is accepted."""
_EDITED_ALIKE: Final = ("site", "side", "severity", "notes")


def validate_told(onset: datetime, fields: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the ``fields`` of a cramp that began at ``onset``, without those that are None. Raises NightvoiceError."""
    if onset > now:
        raise NightvoiceError(f"{onset:%Y-%m-%d %H:%M}: is still to come; name a time that has passed")
    if onset < EARLIEST:
        raise NightvoiceError(f"{onset:%Y-%m-%d %H:%M}: is too long ago; the diary begins on {EARLIEST:%Y-%m-%d}")
    validate_fields({name: value for name, value in fields.items() if name != "minutes"})
    check_minutes(fields.get("minutes"))
    unknown = fields.keys() - {*_EDITED_ALIKE, "minutes"}
    if unknown:
        raise NightvoiceError(f"{min(unknown)}: is not asked of a cramp told later; nightvoice episodes edit sets it")
    return {name: value for name, value in fields.items() if value is not None}


def onset_of(night: date, clock: time, ends: time) -> datetime:
    """Return when the clock showed ``clock`` in ``night``. ``ends``: when nights end. Raises NightvoiceError."""
    onset = datetime.combine(night + timedelta(days=clock < ends), clock, LOCAL)
    if onset.astimezone(UTC).astimezone(LOCAL).replace(tzinfo=None) != onset.replace(tzinfo=None):
        raise NightvoiceError(f"{onset:%Y-%m-%d %H:%M}: is no time of that night; the clock was set forward over it")
    return onset


def check_minutes(minutes: Any) -> None:
    """Raise NightvoiceError if ``minutes`` is no duration of a cramp."""
    if minutes is not None and not (type(minutes) is int and 1 <= minutes <= LONGEST_MINUTES):
        raise NightvoiceError(f"minutes {minutes!r}: should be a whole number from 1 to {LONGEST_MINUTES}")


def check_no_overlap(sql: Sql, onset: datetime, minutes: int | None) -> None:
    """Raise OverlappingEpisode if the diary has a cramp at that time already: a cramp must not count twice."""
    ended = onset + timedelta(minutes=max(minutes or 1, 1))
    nearby = "WHERE onset BETWEEN :first AND :last ORDER BY onset, id"
    first = mapping.utc_text(onset - timedelta(days=1))
    rows = sql(f"SELECT {mapping.EPISODE_COLUMNS} FROM episodes {nearby}", first=first, last=mapping.utc_text(ended))
    for episode in map(mapping.to_episode, rows):
        if episode.onset < ended and onset <= (episode.ended or episode.onset):
            raise OverlappingEpisode(episode.id, episode.onset)
