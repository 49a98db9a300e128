"""Appends events to the log and folds each into the derived tables: episodes and days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from typing import Any, Final

from nightvoice.diary import mapping
from nightvoice.diary.clock_changes import CORRECTED, ClockChange, redated
from nightvoice.diary.day import Day, apply_to_day
from nightvoice.diary.episode import OPENING_KINDS, Episode, apply_to_episode, new_episode
from nightvoice.diary.errors import NoSuchEpisode
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import DAY_KINDS
from nightvoice.diary.night import night_of
from nightvoice.diary.night_end import night_end
from nightvoice.diary.runs import runs_of_boot
from nightvoice.diary.spans import refile_spans
from nightvoice.storage.database import Sql


def _insert_statement(table: str, columns: str) -> str:
    return f"INSERT INTO {table} ({columns}) VALUES (:{columns.replace(', ', ', :')})"


INSERT_EVENT: Final = _insert_statement("events", mapping.EVENT_COLUMNS)
_INSERT_NEW_EVENT: Final = _insert_statement("events", mapping.EVENT_COLUMNS.removeprefix("seq, ")) + " RETURNING seq"
_INSERT_EPISODE: Final = _insert_statement("episodes", mapping.EPISODE_COLUMNS)
_SET_EPISODE: Final = ", ".join(f"{name} = :{name}" for name in mapping.EPISODE_COLUMNS.split(", ") if name != "id")
_UPSERT_DAY: Final = (
    _insert_statement("days", mapping.DAY_COLUMNS)
    + " ON CONFLICT (night) DO UPDATE SET tags = excluded.tags, note = excluded.note"
)


def write(sql: Sql, kind: str, at: datetime, data: Mapping[str, Any], episode: Episode | None = None) -> int:
    """Append an event, apply it to its ``episode`` and return its number."""
    night, id = (night_of(at, night_end(sql)), None) if episode is None else (episode.night, episode.id)
    event = _insert(sql, Event(0, at, night, id, kind, data))
    if episode is not None:
        changed = apply_to_episode(episode, event)
        if changed is not episode:
            sql(f"UPDATE episodes SET {_SET_EPISODE} WHERE id = :id", **mapping.episode_row(changed))
    return event.seq


def is_written(sql: Sql, kind: str, at: datetime, data: Mapping[str, Any]) -> bool:
    """Return whether the event was appended already."""
    which = "WHERE kind = :kind AND at = :at"
    rows = sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events {which}", kind=kind, at=mapping.utc_text(at))
    # A change of the clock is written with one more field.
    return any(mapping.to_event(row).data.items() >= data.items() for row in rows)


def open_episode(sql: Sql, kind: str, at: datetime, data: Mapping[str, Any]) -> int:
    """Append the event that opens an episode, insert the episode and return the number they share."""
    event = _insert(sql, Event(0, at, night_of(at, night_end(sql)), None, kind, data))
    sql("UPDATE events SET episode = :seq WHERE seq = :seq", seq=event.seq)
    sql(_INSERT_EPISODE, **mapping.episode_row(new_episode(event)))
    return event.seq


def write_day(sql: Sql, kind: str, at: datetime, night: date, data: Mapping[str, Any]) -> int:
    """Append an event about the day before ``night``, apply it to that day and return its number."""
    event = _insert(sql, Event(0, at, night, None, kind, data))
    found = sql(f"SELECT {mapping.DAY_COLUMNS} FROM days WHERE night = :night", night=night.isoformat())
    day = mapping.to_day(found[0]) if found else Day(night)
    sql(_UPSERT_DAY, **mapping.day_row(apply_to_day(day, event)))
    return event.seq


def set_clock(sql: Sql, at: datetime, seconds: float) -> int:
    """Append that the clock was set to ``at``, correct what was written by it before, and return the number.

    Only the last ``CORRECTED`` is corrected: long ago, the clock may have been right.
    """
    began, earlier = next((run.seq for run in runs_of_boot(sql)), 0), changes(sql)
    written = f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE seq >= :began ORDER BY seq"
    events = [redated(mapping.to_event(row), earlier) for row in sql(written, began=began)]
    first = at - timedelta(seconds=seconds) - CORRECTED
    since = next((event.seq for event in events if event.at >= first), None)
    data = {"seconds": seconds} if since is None else {"seconds": seconds, "since": since}
    seq = _insert(sql, Event(0, at, night_of(at, night_end(sql)), None, "clock_set", data)).seq
    if since is not None:
        refold(sql, ClockChange(since, seq, timedelta(seconds=seconds)))
    return seq


def refold(sql: Sql, change: ClockChange) -> None:
    """Apply a ``change`` that was just appended to the episodes, and to the nights of the events."""
    known, ends = changes(sql), night_end(sql)
    which = "WHERE seq >= :since AND seq < :until"
    ids = sql(
        f"SELECT DISTINCT episode FROM events {which} AND episode IS NOT NULL", since=change.since, until=change.until
    )
    for (id,) in ids:
        rows = sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE episode = :id ORDER BY seq", id=id)
        first, *later = (_filed(mapping.to_event(row), known, ends) for row in rows)
        if first.kind not in OPENING_KINDS:
            continue
        episode = _by_onset(reduce(apply_to_episode, later, new_episode(first)), ends)
        sql(f"UPDATE episodes SET {_SET_EPISODE} WHERE id = :id", **mapping.episode_row(episode))
        sql("UPDATE events SET night = :night WHERE episode = :id", id=id, night=episode.night.isoformat())
    others = f"SELECT {mapping.EVENT_COLUMNS} FROM events {which} AND episode IS NULL"
    for event in map(mapping.to_event, sql(others, since=change.since, until=change.until)):
        night = _filed(event, known, ends).night.isoformat()
        sql("UPDATE events SET night = :night WHERE seq = :seq", night=night, seq=event.seq)


def refile(sql: Sql) -> int:
    """File everything by the diary's ``night_end``, except what the person entered for a day.

    Return the number of events that were filed under another night.
    """
    known, ends = changes(sql), night_end(sql)
    told = f"SELECT {mapping.EPISODE_COLUMNS} FROM episodes WHERE told_later = 1"
    onsets = {it.id: _by_onset(it, ends).night.isoformat() for it in map(mapping.to_episode, sql(told))}
    nights: dict[int, str] = {}
    """Night of each episode."""
    moved: list[dict[str, Any]] = []
    for event in all_events(sql):
        night = _filed(event, known, ends).night.isoformat()
        if event.episode is not None:
            night = nights.setdefault(event.episode, onsets.get(event.episode, night))
        if night != event.night.isoformat():
            moved.append({"seq": event.seq, "night": night})
    sql.executemany("UPDATE events SET night = :night WHERE seq = :seq", moved)
    filed = [{"id": id, "night": night} for id, night in nights.items()]
    sql.executemany("UPDATE episodes SET night = :night WHERE id = :id", filed)
    refile_spans(sql, ends)
    return len(moved)


def _filed(event: Event, changes: Iterable[ClockChange], ends: time) -> Event:
    """Return ``event`` with its true time, and the night of that unless the person named one."""
    event = redated(event, changes)
    return event if event.kind in DAY_KINDS else replace(event, night=night_of(event.at, ends))


def _by_onset(episode: Episode, ends: time) -> Episode:
    """Return ``episode``, filed by its onset if the person named that, and may have changed it."""
    return replace(episode, night=night_of(episode.onset, ends)) if episode.told_later else episode


def changes(sql: Sql, since: date = date.min, until: date = date.max) -> list[ClockChange]:
    """Return the changes of the clock that correct events of the nights from ``since`` to ``until``."""
    # A change is filed under the night of its new time, at most CORRECTED after the events.
    which = "kind = 'clock_set' AND night BETWEEN :since AND :until"
    last = min(until, date.max - 2 * CORRECTED) + 2 * CORRECTED
    rows = sql(
        f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE {which} ORDER BY seq", since=str(since), until=str(last)
    )
    return [mapping.to_clock_change(event) for event in map(mapping.to_event, rows) if "since" in event.data]


def dated(sql: Sql, kind: str, since: datetime, until: datetime) -> list[Event]:
    """Return the events of ``kind`` of the nights of two times, with their true times, in order."""
    ends = night_end(sql)
    first, last = (night_of(at.astimezone(UTC), ends) for at in (since, until))
    first, last = first - timedelta(days=1), last + timedelta(days=1)  # the zone may have been another one
    which = "WHERE kind = :kind AND night BETWEEN :first AND :last ORDER BY seq"
    rows = sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events {which}", kind=kind, first=str(first), last=str(last))
    known = changes(sql, first, last)
    return [
        event
        for event in (redated(event, known) for event in map(mapping.to_event, rows))
        if since <= event.at <= until
    ]


def rebuild(sql: Sql) -> None:
    """Recompute all episodes and days from the log. Raises KeyError if an event lacks data."""
    episodes: dict[int, Episode] = {}
    days: dict[date, Day] = {}
    known, ends = changes(sql), night_end(sql)
    kinds = ", ".join(f"'{kind}'" for kind in sorted(DAY_KINDS))
    which = f"(episode IS NOT NULL OR kind IN ({kinds})) AND seq > :after ORDER BY seq LIMIT :size"
    for page in sql.pages(f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE {which}"):
        for event in (_filed(mapping.to_event(row), known, ends) for row in page):
            if event.episode is None:
                days[event.night] = apply_to_day(days.get(event.night, Day(event.night)), event)
            elif event.kind in OPENING_KINDS:
                episodes[event.episode] = new_episode(event)
            else:
                episodes[event.episode] = apply_to_episode(episodes[event.episode], event)
    sql("DELETE FROM episodes")
    sql("DELETE FROM days")
    sql.executemany(_INSERT_EPISODE, (mapping.episode_row(_by_onset(episode, ends)) for episode in episodes.values()))
    sql.executemany(_UPSERT_DAY, map(mapping.day_row, days.values()))


def unfinished(sql: Sql) -> Episode | None:
    """Return the open episode, if there is one."""
    which = "WHERE ended IS NULL AND told_later = 0 ORDER BY id DESC LIMIT 1"
    found = sql(f"SELECT {mapping.EPISODE_COLUMNS} FROM episodes {which}")
    return mapping.to_episode(found[0]) if found else None


def episode(sql: Sql, id: int) -> Episode:
    """Return an episode by its number. Raises NoSuchEpisode."""
    # The databases refuse numbers beyond 64 bits.
    found = sql(f"SELECT {mapping.EPISODE_COLUMNS} FROM episodes WHERE id = :id", id=id) if abs(id) < 2**63 else []
    if not found:
        raise NoSuchEpisode(f"episode {id}: there is none; nightvoice episodes list shows them")
    return mapping.to_episode(found[0])


def _insert(sql: Sql, event: Event) -> Event:
    """Insert ``event`` and return it with the number assigned by the database."""
    row = mapping.event_row(event)
    del row["seq"]
    ((seq,),) = sql(_INSERT_NEW_EVENT, **row)
    return replace(event, seq=seq)


def all_events(sql: Sql) -> Iterator[Event]:
    """Yield the whole log in order."""
    for page in sql.pages(f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE seq > :after ORDER BY seq LIMIT :size"):
        yield from map(mapping.to_event, page)
