"""Reads nights from the tables of the diary."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from nightvoice.diary import log, mapping
from nightvoice.diary.clock_changes import redated
from nightvoice.diary.day import Day
from nightvoice.diary.episode import Episode, RecordedFlag
from nightvoice.diary.night import Night, Span, merged, night_of
from nightvoice.diary.night_end import night_end
from nightvoice.storage.database import Sql
from nightvoice.system.clock import EARLIEST


def read_nights(sql: Sql, since: date, until: date) -> list[Night]:
    """Return every night from ``since`` to ``until``, including those without listening."""
    spans: dict[str, list[Span]] = defaultdict(list)
    flags: dict[str, list[RecordedFlag]] = defaultdict(list)
    stretched: set[date] = set()
    episodes: dict[str, list[Episode]] = defaultdict(list)
    period = {"since": since.isoformat(), "until": until.isoformat()}
    which = "WHERE night BETWEEN :since AND :until"
    for night, *span in sql(f"SELECT night, {mapping.SPAN_COLUMNS} FROM listening {which}", **period):
        spans[night].append(mapping.to_span(tuple(span)))
    changes = log.changes(sql, since, until)
    kinds = "kind IN ('flag', 'stretch_ended')"
    for row in sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events {which} AND {kinds} ORDER BY seq", **period):
        event = redated(mapping.to_event(row), changes)
        if event.kind == "flag":
            flags[row[3]].append(mapping.to_flag(event))
        elif mapping.is_completed(event):
            stretched.add(date.fromisoformat(row[3]))
    for row in sql(f"SELECT {mapping.EPISODE_COLUMNS} FROM episodes {which} ORDER BY onset, id", **period):
        episodes[row[1]].append(mapping.to_episode(row))
    rows = sql(f"SELECT {mapping.DAY_COLUMNS} FROM days {which}", **period)
    days = {row[0]: mapping.to_day(row) for row in rows}
    nights = []
    for number in range((until - since).days + 1):
        night = since + timedelta(days=number)
        key = night.isoformat()
        day = days.get(key) or Day(night)
        listened = merged(spans[key]) if key in spans else ()
        of_night = (tuple(episodes[key]), tuple(flags[key]))
        nights.append(Night(night, listened, *of_night, day.tags, day.note, night in stretched))
    return nights


def read_period(sql: Sql, now: datetime) -> tuple[date, date] | None:
    """Return the first and the last night with data, or None, without those of a wrong clock (see ``Diary.period``)."""
    last = night_of(now, night_end(sql)) + timedelta(days=1) if now >= EARLIEST else date.max
    statement = " UNION ALL ".join(
        # Each alone finds its end of the index; both in one query would read the whole index.
        f"SELECT (SELECT min(night) FROM {table} WHERE night BETWEEN :first AND :last),"
        f" (SELECT max(night) FROM {table} WHERE night BETWEEN :first AND :last)"
        for table in ("listening", "episodes", "days")
    )
    rows = sql(statement, first=(EARLIEST.date() - timedelta(days=1)).isoformat(), last=last.isoformat())
    found = [night for row in rows for night in mapping.to_dates(row)]
    return (min(found), max(found)) if found else None
