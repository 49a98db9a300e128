"""Appends the events salvaged from a damaged diary to the current one, each exactly once."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import Any, Final

from nightvoice.diary import log, mapping
from nightvoice.diary.day import Day, apply_to_day
from nightvoice.diary.episode import OPENING_KINDS, apply_to_episode, new_episode
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import DAY_KINDS, WRITABLE_KINDS
from nightvoice.diary.plausibility import check_event, check_span
from nightvoice.diary.salvage import Salvage
from nightvoice.diary.spans import write_span
from nightvoice.diary.store import Diary
from nightvoice.storage.database import Sql

_BAD_DATA: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
_UNAPPENDED_KINDS: Final = frozenset({"episode_told", "night_noted", "identified", "night_end_set"})
"""Kinds that ``Diary.append`` does not take."""
_DELETED: Final = "episode_deleted"
_REFERENCES: Final = {"notified": ("event",), "clock_set": ("since", "until")}
"""Fields that hold the number of another event, by kind."""

Identity = tuple[str, ...]


@dataclass(slots=True)
class Recovered:
    """Counts of a recovery's results."""

    events: int = 0
    cramps: int = 0
    known: int = 0
    """Events that the diary already had, or had newer versions of."""
    lost: int = 0
    """Events that are unreadable, or whose episode has lost its first event."""
    spans_lost: bool = False
    """Whether hours of listening cannot be read."""

    @property
    def complete(self) -> bool:
        return not self.lost and not self.spans_lost


def recover(diary: Diary, found: Salvage) -> Recovered:
    """Append the events of ``found`` that ``diary`` lacks. Atomic and idempotent.

    An episode left open by the damage is closed as interrupted. Deleted episodes stay deleted, and newer
    tags and notes are kept. Raises StorageUnavailable.
    """
    result = Recovered(lost=found.unreadable, spans_lost=found.spans_unreadable)
    deleted = {event.data.get("episode") for event in found.events if event.kind == _DELETED}
    with diary.database.writing() as sql:
        present, days = _present(sql)
        numbers: dict[int, int] = {}
        last: dict[int, datetime] = {}
        """Time of the last event of each recovered episode."""
        for event in found.events:
            if event.kind == _DELETED or event.episode in deleted:
                continue
            known = present.get(_identity(event))
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
            if known is None and event.kind in OPENING_KINDS:
                result.cramps += 1
                last[number] = event.at
            elif event.episode is not None and numbers.get(event.episode) in last:
                last[numbers[event.episode]] = event.at
        for number, at in last.items():
            episode = log.episode(sql, number)
            if episode.ended is None and not episode.told_later:
                log.write(sql, "episode_closed", at, {"outcome": "interrupted"}, episode)
        if any(event.kind == "clock_set" for event in found.events):
            log.rebuild(sql)
        _add_spans(sql, found)
        log.refile(sql)
    return result


def _present(sql: Sql) -> tuple[dict[Identity, int], set[tuple[str, str]]]:
    """Return the number of each event in the diary, and the kind and night of each event about a day."""
    present: dict[Identity, int] = {}
    days: set[tuple[str, str]] = set()
    for event in log.all_events(sql):
        present[_identity(event)] = event.seq
        if event.kind in DAY_KINDS:
            days.add((event.kind, event.night.isoformat()))
    return present, days


def _identity(event: Event) -> Identity:
    """Return a key that identifies an event independently of its number."""
    data = {key: value for key, value in event.data.items() if key not in _REFERENCES.get(event.kind, ())}
    return event.at.isoformat(), event.night.isoformat(), event.kind, json.dumps(data, sort_keys=True)


def _write(sql: Sql, event: Event, numbers: dict[int, int]) -> int | None:
    """Append ``event`` and return its new number; None if the event is invalid or its episode is lost."""
    data = _renumbered(event, numbers)
    try:
        check_event(event)
        if event.kind in DAY_KINDS:
            apply_to_day(Day(event.night), event)
            return log.write_day(sql, event.kind, event.at, event.night, data)
        if event.kind not in WRITABLE_KINDS | _UNAPPENDED_KINDS:
            return None
        if event.kind in OPENING_KINDS:
            new_episode(event)
            return log.open_episode(sql, event.kind, event.at, data)
        if event.episode is None:
            return log.write(sql, event.kind, event.at, data)
        episode = log.episode(sql, numbers[event.episode])
        apply_to_episode(episode, replace(event, episode=episode.id))
        return log.write(sql, event.kind, event.at, data, episode)
    except _BAD_DATA:
        return None


def _renumbered(event: Event, numbers: dict[int, int]) -> dict[str, Any]:
    """Return the data of ``event``, with any reference to another event renumbered."""
    data = dict(event.data)
    if event.kind == "notified":
        data["event"] = numbers.get(data.get("event", 0))
    elif event.kind == "clock_set":
        # An event in its range may be lost: the range begins and ends with the next one that is there.
        for name in _REFERENCES["clock_set"]:
            later = [number for before, number in numbers.items() if before >= data.pop(name, inf)]
            data |= {name: min(later)} if later else {}
    return data


def _add_spans(sql: Sql, found: Salvage) -> None:
    present = {mapping.to_span(row) for row in sql(f"SELECT {mapping.SPAN_COLUMNS} FROM listening")}
    for span in found.spans:
        if span not in present:
            with suppress(ValueError):
                check_span(span)
                write_span(sql, span)
