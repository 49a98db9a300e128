"""Writing into the log, and folding each event into what is derived from it: episodes and days."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from nightvoice.diary import mapping
from nightvoice.diary.day import Day, day_after
from nightvoice.diary.episode import Episode, after, opened
from nightvoice.diary.errors import NoSuchEpisode
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import DAY_KINDS
from nightvoice.diary.night import night_of
from nightvoice.storage.database import Sql

_INTO_EPISODES: Final = (
    f"INSERT INTO episodes ({mapping.EPISODE}) VALUES ("
    + ", ".join(f":{name}" for name in mapping.EPISODE.split(", "))
    + ")"
)
_EPISODE_ANEW: Final = ", ".join(f"{name} = :{name}" for name in mapping.EPISODE.split(", ") if name != "id")
_INTO_DAYS: Final = (
    "INSERT INTO days (night, tags, note) VALUES (:night, :tags, :note) "
    "ON CONFLICT (night) DO UPDATE SET tags = excluded.tags, note = excluded.note"
)
INTO_EVENTS: Final = (
    f"INSERT INTO events ({mapping.EVENT}) VALUES (" + ", ".join(f":{name}" for name in mapping.EVENT.split(", ")) + ")"
)


def write(sql: Sql, kind: str, at: datetime, data: Mapping[str, Any], episode: Episode | None = None) -> int:
    """One event into the log, and what it changes into its episode; return its number."""
    night, of = (night_of(at), None) if episode is None else (episode.night, episode.id)
    event = _insert(sql, Event(0, at, night, of, kind, data))
    if episode is not None:
        changed = after(episode, event)
        if changed is not episode:
            sql(f"UPDATE episodes SET {_EPISODE_ANEW} WHERE id = :id", **mapping.episode_row(changed))
    return event.seq


def open_episode(sql: Sql, at: datetime, data: Mapping[str, Any]) -> int:
    """The event that opens an episode, and the episode; both have the number that is returned."""
    event = _insert(sql, Event(0, at, night_of(at), None, "episode_opened", data))
    sql("UPDATE events SET episode = :seq WHERE seq = :seq", seq=event.seq)
    sql(_INTO_EPISODES, **mapping.episode_row(opened(event)))
    return event.seq


def write_day(sql: Sql, kind: str, at: datetime, night: date, data: Mapping[str, Any]) -> int:
    """An event about the day before ``night``, and what it changes there; return its number."""
    event = _insert(sql, Event(0, at, night, None, kind, data))
    found = sql(f"SELECT {mapping.DAY} FROM days WHERE night = :night", night=night.isoformat())
    day = mapping.to_day(found[0]) if found else Day(night)
    sql(_INTO_DAYS, **mapping.day_row(day_after(day, event)))
    return event.seq


def rebuild(sql: Sql) -> None:
    """Make everything that is derived anew from the log. Raises KeyError where an event lacks what belongs to it."""
    episodes: dict[int, Episode] = {}
    days: dict[date, Day] = {}
    kinds = ", ".join(f"'{kind}'" for kind in sorted(DAY_KINDS))
    which = f"(episode IS NOT NULL OR kind IN ({kinds})) AND seq > :after ORDER BY seq LIMIT :size"
    for page in sql.pages(f"SELECT {mapping.EVENT} FROM events WHERE {which}"):
        for event in map(mapping.to_event, page):
            if event.episode is None:
                days[event.night] = day_after(days.get(event.night, Day(event.night)), event)
            elif event.kind == "episode_opened":
                episodes[event.episode] = opened(event)
            else:
                episodes[event.episode] = after(episodes[event.episode], event)
    sql("DELETE FROM episodes")
    sql("DELETE FROM days")
    sql.many(_INTO_EPISODES, map(mapping.episode_row, episodes.values()))
    sql.many(_INTO_DAYS, map(mapping.day_row, days.values()))


def unfinished(sql: Sql) -> Episode | None:
    """The episode that is open."""
    found = sql(f"SELECT {mapping.EPISODE} FROM episodes WHERE ended IS NULL ORDER BY id DESC LIMIT 1")
    return mapping.to_episode(found[0]) if found else None


def episode(sql: Sql, id: int) -> Episode:
    """Raises NoSuchEpisode."""
    # No database has numbers beyond 64 bits.
    found = sql(f"SELECT {mapping.EPISODE} FROM episodes WHERE id = :id", id=id) if abs(id) < 2**63 else []
    if not found:
        raise NoSuchEpisode(f"episode {id}: there is none; nightvoice episodes list shows them")
    return mapping.to_episode(found[0])


def _insert(sql: Sql, event: Event) -> Event:
    """The event with the number that the database gave it."""
    columns = [name for name in mapping.EVENT.split(", ") if name != "seq"]
    row = mapping.event_row(event)
    del row["seq"]
    ((seq,),) = sql(f"INSERT INTO events ({', '.join(columns)}) VALUES (:{', :'.join(columns)}) RETURNING seq", **row)
    return Event(seq, event.at, event.night, event.episode, event.kind, event.data)
