"""Converts between the diary's dataclasses and the rows of its tables.

A time is stored in two columns: UTC without a zone, and the offset of the person's clock in minutes.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache, wraps
from typing import Any, Final, TypeVar

from nightvoice.diary.clock_changes import ClockChange, change_of
from nightvoice.diary.day import Day
from nightvoice.diary.episode import Episode, RecordedFlag, StepTaken, recorded_flag
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span
from nightvoice.storage.database import Row
from nightvoice.storage.errors import CorruptData
from nightvoice.system.clock import Boot

EVENT_COLUMNS: Final = "seq, at, at_offset, night, episode, kind, data"
EPISODE_COLUMNS: Final = (
    "id, night, onset, onset_offset, ended, ended_offset, site, side, outcome, severity, soreness, "
    "sleep_lost_minutes, notes, steps, flags, told_later"
)
DAY_COLUMNS: Final = "night, tags, note"
SPAN_COLUMNS: Final = 'start, start_offset, "end", end_offset'

_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")


def _reports_corrupt_data(convert: Callable[[_Argument], _Result]) -> Callable[[_Argument], _Result]:
    """Make ``convert`` raise CorruptData for values it cannot read."""

    @wraps(convert)
    def wrapper(argument: _Argument) -> _Result:
        try:
            return convert(argument)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise CorruptData from error

    return wrapper


def with_fixed_offset(at: datetime) -> datetime:
    """Return an aware time with a fixed offset in whole minutes. Raises ValueError if it is naive."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(_zone(offset // timedelta(minutes=1)))


def event_row(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        **_time_columns("at", event.at),
        "night": event.night.isoformat(),
        "episode": event.episode,
        "kind": event.kind,
        "data": _json_text(dict(event.data)),
    }


@_reports_corrupt_data
def to_event(row: Row) -> Event:
    seq, at, offset, night, episode, kind, data = row
    return Event(seq, _time(at, offset), date.fromisoformat(night), episode, kind, _mapping(data))


def episode_row(episode: Episode) -> dict[str, Any]:
    plain = ("id", "site", "side", "outcome", "severity", "soreness", "sleep_lost_minutes", "notes")
    return {
        **{name: getattr(episode, name) for name in plain},
        "night": episode.night.isoformat(),
        **_time_columns("onset", episode.onset),
        **_time_columns("ended", episode.ended),
        "steps": _json_text([step._asdict() | {"at": step.at.isoformat()} for step in episode.steps]),
        "flags": _json_text([flag._asdict() | {"at": flag.at.isoformat()} for flag in episode.flags]),
        "told_later": int(episode.told_later),
    }


@_reports_corrupt_data
def to_episode(row: Row) -> Episode:
    id, night, onset, onset_offset, ended, ended_offset, site, side, outcome, severity, soreness, lost, notes = row[:13]
    steps, flags = map(json.loads, row[13:15])
    return Episode(
        id=id,
        night=date.fromisoformat(night),
        onset=_time(onset, onset_offset),
        ended=None if ended is None else _time(ended, ended_offset),
        site=site,
        side=side,
        outcome=outcome,
        severity=severity,
        soreness=soreness,
        sleep_lost_minutes=lost,
        notes=notes,
        steps=tuple(StepTaken(s["protocol"], s["step"], datetime.fromisoformat(s["at"]), s["effect"]) for s in steps),
        flags=tuple(
            RecordedFlag(f["flag"], f["action"], datetime.fromisoformat(f["at"]), f.get("status")) for f in flags
        ),
        told_later=bool(row[15]),
    )


def day_row(day: Day) -> dict[str, Any]:
    return {"night": day.night.isoformat(), "tags": _json_text(dict(day.tags)), "note": day.note}


@_reports_corrupt_data
def to_day(row: Row) -> Day:
    night, tags, note = row
    return Day(date.fromisoformat(night), _mapping(tags), note)


@_reports_corrupt_data
def to_flag(event: Event) -> RecordedFlag:
    return recorded_flag(event)


@_reports_corrupt_data
def to_clock_change(event: Event) -> ClockChange:
    return change_of(event)


@_reports_corrupt_data
def to_clock_seconds(event: Event) -> float:
    """Return the seconds in a ``clock_set`` event."""
    return float(event.data["seconds"])


@_reports_corrupt_data
def to_boot(data: Mapping[str, Any]) -> Boot | None:
    """Return the start of the computer in the data of ``listening_started``; early releases did not write it."""
    if "boot" not in data:
        return None
    return Boot(str(data["boot"]), float(data["booted"]), data.get("synced") is True)


@_reports_corrupt_data
def to_night_end(event: Event) -> time:
    """Return the time of day in a ``night_end_set`` event."""
    return time.fromisoformat(event.data["time"])


@_reports_corrupt_data
def is_completed(event: Event) -> bool:
    """Return whether the stretches of a ``stretch_ended`` event were completed."""
    return bool(event.data["completed"])


@_reports_corrupt_data
def to_dates(row: Row) -> list[date]:
    """Return the nights in ``row`` that are not null."""
    return [date.fromisoformat(night) for night in row if night]


def span_row(night: date, span: Span) -> dict[str, Any]:
    return {"night": night.isoformat(), **_time_columns("start", span.start), **_time_columns("end", span.end)}


@_reports_corrupt_data
def to_span(row: Row) -> Span:
    start, start_offset, end, end_offset = row
    return Span(_time(start, start_offset), _time(end, end_offset))


def utc_text(at: datetime) -> str:
    """Return an aware time in the tables' format."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _time_columns(name: str, at: datetime | None) -> dict[str, Any]:
    if at is None:
        return {name: None, f"{name}_offset": None}
    offset = at.utcoffset() or timedelta()
    return {name: utc_text(at), f"{name}_offset": offset // timedelta(minutes=1)}


def _time(text: str, offset: int) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(_zone(offset))


def _mapping(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise TypeError(f"{type(data).__name__} instead of an object")
    return data


def _json_text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@cache
def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))
