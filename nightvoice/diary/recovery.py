"""What was salvaged of a damaged diary, back into the one in use: behind what stands there, each event once."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nightvoice.diary import log, mapping
from nightvoice.diary.day import Day, day_after
from nightvoice.diary.episode import after, opened
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import DAY_KINDS, WRITABLE_KINDS
from nightvoice.diary.salvage import Salvage
from nightvoice.diary.spans import insert_span
from nightvoice.diary.store import Diary
from nightvoice.storage.database import Sql

_BROKEN = (KeyError, TypeError, ValueError, AttributeError)
_OWN_WORDS = frozenset({"night_noted"})
"""Kinds that ``append`` does not take."""
_DELETED = "episode_deleted"

Identity = tuple[str, ...]


@dataclass(slots=True)
class Recovered:
    """Counts."""

    events: int = 0
    cramps: int = 0
    known: int = 0
    """Stood in the diary already, or something newer in their place."""
    lost: int = 0
    """Could not be read, or belong to a cramp whose beginning could not."""


def recover(diary: Diary, found: Salvage) -> Recovered:
    """Write what ``diary`` lacks of ``found`` behind its last event; once more changes nothing. All or nothing.

    An episode that was open when the damage came is closed as interrupted. What was deleted stays deleted, and what is
    known of a day is not replaced by what was known before. Raises DiaryUnavailable.
    """
    result = Recovered(lost=found.unreadable)
    deleted = {event.data.get("episode") for event in found.events if event.kind == _DELETED}
    with diary.database.writing() as sql:
        there, days = _present(sql)
        numbers: dict[int, int] = {}
        last: dict[int, datetime] = {}
        """Of every episode that came back: when something of it last happened."""
        for event in found.events:
            if event.kind == _DELETED or event.episode in deleted:
                continue
            known = there.get(_identity(event))
            if known is not None or (event.kind, event.night.isoformat()) in days:
                result.known += 1
                number = known
            else:
                number = _write(sql, event, numbers)
                result.events += number is not None
                result.lost += number is None
            if number is None:
                continue
            numbers[event.seq] = number
            if known is None and event.kind == "episode_opened":
                result.cramps += 1
                last[number] = event.at
            elif event.episode is not None and numbers.get(event.episode) in last:
                last[numbers[event.episode]] = event.at
        for number, at in last.items():
            episode = log.episode(sql, number)
            if episode.ended is None:
                log.write(sql, "episode_closed", at, {"outcome": "interrupted"}, episode)
        _add_spans(sql, found)
    return result


def _present(sql: Sql) -> tuple[dict[Identity, int], set[tuple[str, str]]]:
    """Each event of the diary with its number; and what is known of which nights."""
    there: dict[Identity, int] = {}
    days: set[tuple[str, str]] = set()
    for page in sql.pages(f"SELECT {mapping.EVENT} FROM events WHERE seq > :after ORDER BY seq LIMIT :size"):
        for event in map(mapping.to_event, page):
            there[_identity(event)] = event.seq
            if event.kind in DAY_KINDS:
                days.add((event.kind, event.night.isoformat()))
    return there, days


def _identity(event: Event) -> Identity:
    """What is the same of an event under whatever number."""
    # A message to the contact names an event by its number.
    data = {key: value for key, value in event.data.items() if (event.kind, key) != ("notified", "event")}
    return event.at.isoformat(), event.night.isoformat(), event.kind, json.dumps(data, sort_keys=True)


def _write(sql: Sql, event: Event, numbers: dict[int, int]) -> int | None:
    """The number that it got; None where it is broken, or what it belongs to is lost."""
    data = _renumbered(event, numbers)
    try:
        if event.kind in DAY_KINDS:
            day_after(Day(event.night), event)
            return log.write_day(sql, event.kind, event.at, event.night, data)
        if event.kind not in WRITABLE_KINDS | _OWN_WORDS:
            return None
        if event.kind == "episode_opened":
            opened(event)
            return log.open_episode(sql, event.at, data)
        if event.episode is None:
            return log.write(sql, event.kind, event.at, data)
        episode = log.episode(sql, numbers[event.episode])
        after(episode, replace(event, episode=episode.id))
        return log.write(sql, event.kind, event.at, data, episode)
    except _BROKEN:
        return None


def _renumbered(event: Event, numbers: dict[int, int]) -> dict[str, Any]:
    """Its data; a message to the contact names the event that it was about."""
    data = dict(event.data)
    if event.kind == "notified":
        data["event"] = numbers.get(data.get("event", 0))
    return data


def _add_spans(sql: Sql, found: Salvage) -> None:
    there = {mapping.to_span(row) for row in sql(f"SELECT {mapping.SPAN} FROM listening")}
    for span in found.spans:
        if span not in there and span.start <= span.end:
            insert_span(sql, span)
