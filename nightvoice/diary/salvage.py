"""What SQLite can still read of a damaged diary: row by row, past whatever is broken."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from nightvoice.diary import mapping
from nightvoice.diary.errors import Damage
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span
from nightvoice.errors import NightvoiceError, reason
from nightvoice.storage.database import SQLITE_ERRORS, Row

_LONGEST: Final = 2**30
"""Bytes: no diary is so large, but a broken header may say so."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """In the order of their numbers."""

    events: tuple[Event, ...]
    spans: tuple[Span, ...]
    unreadable: int
    """Numbers under which something may have stood."""


def salvage(file: Path) -> Salvage:
    """Read a copy of ``file``, which stays as it is. Raises NightvoiceError where nothing can be read."""
    events: list[Event] = []
    spans: list[Span] = []
    unreadable = 0
    try:
        with TemporaryDirectory() as folder:
            copy, size = Path(folder) / "diary.sqlite", 0
            for suffix in ("", "-wal"):
                if (part := Path(f"{file}{suffix}")).exists() or not suffix:
                    shutil.copyfile(part, f"{copy}{suffix}")
                    size += part.stat().st_size
            _lengthen(copy)
            with closing(sqlite3.connect(copy)) as connection:
                for row in _rows(connection, "events", "seq", mapping.EVENT, size):
                    try:
                        events.append(_event(row))
                    except Damage:
                        unreadable += 1
                for row in _rows(connection, "listening", "id", f"id, {mapping.SPAN}", size):
                    try:
                        spans.append(mapping.to_span(row[1:]))
                    except Damage:
                        unreadable += 1
    except SQLITE_ERRORS:
        raise NightvoiceError(f"{file}: nothing of it can be read; is there a backup? (nightvoice backup)") from None
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be read: {reason(error)}") from None
    return Salvage(tuple(events), tuple(spans), unreadable)


def _lengthen(copy: Path) -> None:
    """A file that was cut short gets its length again: else SQLite reads nothing of it."""
    with copy.open("r+b") as content:
        header = content.read(32)
        pages, size = int.from_bytes(header[28:32]), int.from_bytes(header[16:18])
        wanted = pages * size
        if header.startswith(b"SQLite") and copy.stat().st_size < wanted <= _LONGEST:
            content.truncate(wanted)


def _event(row: Row) -> Event:
    """Raises Damage where something else stands in its place."""
    event = mapping.to_event(row)
    if not isinstance(event.kind, str):
        raise Damage("no kind")
    if event.episode is not None and not isinstance(event.episode, int):
        raise Damage("no number of an episode")
    return event


def _rows(connection: sqlite3.Connection, table: str, key: str, columns: str, size: int) -> Iterator[Row]:
    """Every row that can be read, in order; an empty one for each number that cannot. Raises SQLITE_ERRORS."""
    connection.execute(f"SELECT {columns} FROM {table} LIMIT 0")
    last, end = 0, _highest(connection, table, key, size)
    while last <= end:
        try:
            for row in connection.execute(f"SELECT {columns} FROM {table} WHERE {key} > ? ORDER BY {key}", [last]):
                last = row[0]
                yield row
            return
        except SQLITE_ERRORS:
            last += 1
        # A broken page is left number by number: each is looked up on its own way down the tree.
        while last <= end:
            try:
                found = connection.execute(f"SELECT {columns} FROM {table} WHERE {key} = ?", [last]).fetchone()
            except SQLITE_ERRORS:
                yield ()
                found = None
            if found is not None:
                yield found
                break
            last += 1


def _highest(connection: sqlite3.Connection, table: str, key: str, size: int) -> int:
    """The last number that may have been given; a diary of ``size`` bytes has fewer rows than bytes."""
    highest = 0
    for statement in (f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'", f"SELECT max({key}) FROM {table}"):
        try:
            ((found,),) = connection.execute(statement).fetchall()
        except (sqlite3.Error, ValueError):
            continue
        if isinstance(found, int):
            highest = max(highest, found)
    return min(highest or size, size)
