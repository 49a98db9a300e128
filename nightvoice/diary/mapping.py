"""Between the diary's dataclasses and the rows of its tables.

A moment is two columns: UTC without a zone, and the offset of the person's clock in minutes.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, wraps
from typing import Any, Final, TypeVar

from nightvoice.diary.day import Day
from nightvoice.diary.episode import Episode, Flag, Step
from nightvoice.diary.errors import Damage
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span
from nightvoice.storage.database import Row

EVENT: Final = "seq, at, at_offset, night, episode, kind, data"
EPISODE: Final = (
    "id, night, onset, onset_offset, ended, ended_offset, site, side, outcome, severity, soreness, "
    "sleep_lost_minutes, notes, steps, flags"
)
DAY: Final = "night, tags, note"
SPAN: Final = 'start, start_offset, "end", end_offset'

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def _checked(make: Callable[[_Given], _Made]) -> Callable[[_Given], _Made]:
    """``make`` that raises Damage for what it cannot read."""

    @wraps(make)
    def checked(given: _Given) -> _Made:
        try:
            return make(given)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise Damage from error

    return checked


def fixed(at: datetime) -> datetime:
    """An aware time with its offset frozen to whole minutes. Raises ValueError for a naive one."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(_zone(offset // timedelta(minutes=1)))


def event_row(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        **_moment("at", event.at),
        "night": event.night.isoformat(),
        "episode": event.episode,
        "kind": event.kind,
        "data": _text(dict(event.data)),
    }


@_checked
def to_event(row: Row) -> Event:
    seq, at, offset, night, episode, kind, data = row
    return Event(seq, _at(at, offset), date.fromisoformat(night), episode, kind, _mapping(data))


def episode_row(episode: Episode) -> dict[str, Any]:
    plain = ("id", "site", "side", "outcome", "severity", "soreness", "sleep_lost_minutes", "notes")
    return {
        **{name: getattr(episode, name) for name in plain},
        "night": episode.night.isoformat(),
        **_moment("onset", episode.onset),
        **_moment("ended", episode.ended),
        "steps": _text([step._asdict() | {"at": step.at.isoformat()} for step in episode.steps]),
        "flags": _text([flag._asdict() | {"at": flag.at.isoformat()} for flag in episode.flags]),
    }


@_checked
def to_episode(row: Row) -> Episode:
    id, night, onset, onset_offset, ended, ended_offset, site, side, outcome, severity, soreness, lost, notes = row[:13]
    steps, flags = map(json.loads, row[13:])
    return Episode(
        id=id,
        night=date.fromisoformat(night),
        onset=_at(onset, onset_offset),
        ended=None if ended is None else _at(ended, ended_offset),
        site=site,
        side=side,
        outcome=outcome,
        severity=severity,
        soreness=soreness,
        sleep_lost_minutes=lost,
        notes=notes,
        steps=tuple(Step(s["protocol"], s["step"], datetime.fromisoformat(s["at"]), s["effect"]) for s in steps),
        flags=tuple(Flag(f["flag"], f["action"], datetime.fromisoformat(f["at"])) for f in flags),
    )


def day_row(day: Day) -> dict[str, Any]:
    return {"night": day.night.isoformat(), "tags": _text(dict(day.tags)), "note": day.note}


@_checked
def to_day(row: Row) -> Day:
    night, tags, note = row
    return Day(date.fromisoformat(night), _mapping(tags), note)


@_checked
def to_flag(event: Event) -> Flag:
    return Flag(event.data["flag"], event.data["action"], event.at)


@_checked
def is_completed(event: Event) -> bool:
    """Whether the stretches that have ended were all done."""
    return bool(event.data["completed"])


@_checked
def to_dates(row: Row) -> list[date]:
    """Those of its nights that are there."""
    return [date.fromisoformat(night) for night in row if night]


def span_row(night: date, span: Span) -> dict[str, Any]:
    return {"night": night.isoformat(), **_moment("start", span.start), **_moment("end", span.end)}


@_checked
def to_span(row: Row) -> Span:
    start, start_offset, end, end_offset = row
    return Span(_at(start, start_offset), _at(end, end_offset))


def utc_text(at: datetime) -> str:
    """An aware time as the tables have it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _moment(name: str, at: datetime | None) -> dict[str, Any]:
    if at is None:
        return {name: None, f"{name}_offset": None}
    offset = at.utcoffset() or timedelta()
    return {name: utc_text(at), f"{name}_offset": offset // timedelta(minutes=1)}


def _at(text: str, offset: int) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(_zone(offset))


def _mapping(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise TypeError(f"{type(data).__name__} in place of an object")
    return data


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@cache
def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))
