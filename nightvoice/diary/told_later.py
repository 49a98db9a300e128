"""Checks a cramp that the person enters afterwards, by hand.

It says nothing about listening: a night that nobody listened to stays one, with a cramp in it, and so counts in no rate
(``insight.coverage``).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from nightvoice.diary import mapping
from nightvoice.diary.episode import TOLD_FIELDS, Episode, apply_to_episode
from nightvoice.diary.errors import OverlappingEpisode
from nightvoice.diary.event import Event
from nightvoice.diary.night import night_of
from nightvoice.diary.night_end import night_end
from nightvoice.diary.validation import validate_fields
from nightvoice.errors import NightvoiceError
from nightvoice.storage.database import Sql
from nightvoice.system.clock import EARLIEST, LOCAL

_ASKED: Final = frozenset({"site", "side", "minutes", "severity", "notes"})


def validate_told(onset: datetime, fields: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the ``fields`` of a cramp that began at ``onset``, without those that are None. Raises NightvoiceError."""
    if onset > now:
        raise NightvoiceError(f"{onset:%Y-%m-%d %H:%M}: is still to come; name a time that has passed")
    if onset < EARLIEST:
        raise NightvoiceError(f"{onset:%Y-%m-%d %H:%M}: is too long ago; the diary begins on {EARLIEST:%Y-%m-%d}")
    validate_fields(fields)
    if unknown := fields.keys() - _ASKED:
        raise NightvoiceError(f"{min(unknown)}: is not asked of a cramp told later; nightvoice episodes edit sets it")
    return {name: value for name, value in fields.items() if value is not None}


def onset_of(night: date, clock: time, ends: time) -> datetime:
    """Return when the clock showed ``clock`` in ``night``. ``ends``: when nights end. Raises NightvoiceError."""
    onset = datetime.combine(night + timedelta(days=clock < ends), clock, LOCAL)
    if onset.astimezone(UTC).astimezone(LOCAL).replace(tzinfo=None) != onset.replace(tzinfo=None):
        raise NightvoiceError(f"{onset:%Y-%m-%d %H:%M}: is no time of that night; the clock was set forward over it")
    return onset


def check_edited_times(sql: Sql, episode: Episode, fields: Mapping[str, Any], now: datetime) -> None:
    """Raise NightvoiceError if ``episode`` cannot get the onset or the duration in ``fields``."""
    if not TOLD_FIELDS & fields.keys():
        return
    if not episode.told_later:
        raise NightvoiceError(
            f"episode {episode.id}: its time and length were measured; only those of a cramp told later can be edited"
        )
    edited = apply_to_episode(episode, Event(0, now, episode.night, episode.id, "episode_edited", fields))
    validate_told(edited.onset, {}, now)
    if night_of(edited.onset, night_end(sql)) != episode.night:
        raise NightvoiceError(
            f"{edited.onset:%Y-%m-%d %H:%M}: is not in the night of {episode.night}; delete the cramp and add it there"
        )
    minutes = None if edited.duration is None else edited.duration // timedelta(minutes=1)
    check_no_overlap(sql, edited.onset, minutes, episode.id)


def check_no_overlap(sql: Sql, onset: datetime, minutes: int | None, itself: int | None = None) -> None:
    """Raise OverlappingEpisode if the diary has a cramp at that time already: a cramp must not count twice.

    ``itself``: number of the cramp, if it is in the diary.
    """
    ended = onset + timedelta(minutes=max(minutes or 1, 1))
    nearby = "WHERE onset BETWEEN :first AND :last ORDER BY onset, id"
    first = mapping.utc_text(onset - timedelta(days=1))
    rows = sql(f"SELECT {mapping.EPISODE_COLUMNS} FROM episodes {nearby}", first=first, last=mapping.utc_text(ended))
    for episode in map(mapping.to_episode, rows):
        if episode.id != itself and episode.onset < ended and onset <= (episode.ended or episode.onset):
            raise OverlappingEpisode(episode.id, episode.onset)
