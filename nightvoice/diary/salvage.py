"""Reads a damaged SQLite diary row by row, skipping unreadable rows."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from nightvoice.diary import mapping
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span
from nightvoice.errors import NightvoiceError, reason
from nightvoice.storage.database import Row
from nightvoice.storage.errors import CorruptData
from nightvoice.storage.sqlite import SQLITE_ERRORS

_MAX_SIZE: Final = 2**30
"""Upper limit in bytes. No diary is this large, but a corrupt header may claim so."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """The readable events and spans, in order of their numbers."""

    events: tuple[Event, ...]
    spans: tuple[Span, ...]
    unreadable: int
    """Number of events that are there and cannot be read."""
    spans_unreadable: bool
    """Whether hours of listening cannot be read."""


def salvage(file: Path) -> Salvage:
    """Salvage from a copy of ``file``; leave the original unchanged. Raises NightvoiceError if nothing can be read."""
    events: list[Event] = []
    spans: list[Span] = []
    bad_events: list[int] = []
    bad_spans: list[int] = []
    try:
        with TemporaryDirectory() as folder:
            copy, size = Path(folder) / "diary.sqlite", 0
            for suffix in ("", "-wal"):
                if (part := Path(f"{file}{suffix}")).exists() or not suffix:
                    shutil.copyfile(part, f"{copy}{suffix}")
                    size += part.stat().st_size
            _lengthen(copy)
            with closing(sqlite3.connect(copy)) as connection:
                for row in _rows(connection, "events", "seq", mapping.EVENT_COLUMNS, size, bad_events):
                    try:
                        events.append(_event(row))
                    except CorruptData:
                        bad_events.append(row[0])
                for row in _rows(connection, "listening", "id", f"id, {mapping.SPAN_COLUMNS}", size, bad_spans):
                    try:
                        spans.append(mapping.to_span(row[1:]))
                    except CorruptData:
                        bad_spans.append(row[0])
                # Without the table's highest number, what lies beyond the last readable row cannot be counted.
                highest = _known_highest(connection, "events", "seq") or max((event.seq for event in events), default=0)
    except SQLITE_ERRORS:
        raise NightvoiceError(f"{file}: nothing of it can be read; is there a backup? (nightvoice backup)") from None
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be read: {reason(error)}") from None
    unreadable = sum(number <= highest for number in bad_events)
    return Salvage(tuple(events), tuple(spans), unreadable, bool(bad_spans))


def _lengthen(copy: Path) -> None:
    """Extend a truncated file to the length in its header; SQLite refuses to read it otherwise."""
    with copy.open("r+b") as content:
        header = content.read(32)
        pages, size = int.from_bytes(header[28:32]), int.from_bytes(header[16:18])
        length = pages * size
        if header.startswith(b"SQLite") and copy.stat().st_size < length <= _MAX_SIZE:
            content.truncate(length)


def _event(row: Row) -> Event:
    """Return the event in ``row``. Raises CorruptData for invalid values."""
    event = mapping.to_event(row)
    if not isinstance(event.kind, str):
        raise CorruptData("no kind")
    if event.episode is not None and not isinstance(event.episode, int):
        raise CorruptData("no episode number")
    return event


def _rows(
    connection: sqlite3.Connection, table: str, key: str, columns: str, size: int, bad: list[int]
) -> Iterator[Row]:
    """Yield every readable row in order, and append each unreadable number to ``bad``. Raises SQLITE_ERRORS.

    A file of ``size`` bytes has fewer rows than bytes.
    """
    connection.execute(f"SELECT {columns} FROM {table} LIMIT 0")
    last, end = 0, min(_known_highest(connection, table, key) or size, size)
    while last <= end:
        try:
            for row in connection.execute(f"SELECT {columns} FROM {table} WHERE {key} > ? ORDER BY {key}", [last]):
                last = row[0]
                yield row
            return
        except SQLITE_ERRORS:
            last += 1
        # Step over a damaged page one number at a time: each lookup takes its own path through the tree.
        while last <= end:
            try:
                found = connection.execute(f"SELECT {columns} FROM {table} WHERE {key} = ?", [last]).fetchone()
            except SQLITE_ERRORS:
                bad.append(last)
                found = None
            if found is not None:
                yield found
                break
            last += 1


def _known_highest(connection: sqlite3.Connection, table: str, key: str) -> int:
    """Return the highest number in ``table``; 0 if it cannot be read."""
    highest = 0
    for statement in (f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'", f"SELECT max({key}) FROM {table}"):
        try:
            ((found,),) = connection.execute(statement).fetchall()
        except (sqlite3.Error, ValueError):
            continue
        if isinstance(found, int):
            highest = max(highest, found)
    return highest
