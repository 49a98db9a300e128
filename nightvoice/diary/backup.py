"""Export, import and backup of the whole diary as records, each one line of JSON.

The first record is ``HEADER``, followed by ``{"event": …}`` for the log in order and ``{"listening": …}`` for the
spans. Times are ISO with the offset of the person's clock.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, Final

from nightvoice.diary import log, mapping
from nightvoice.diary.episode import OPENING_KINDS
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span
from nightvoice.diary.plausibility import check_event, check_span
from nightvoice.diary.spans import write_span
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError, reason

HEADER: Final = {"diary": "nightvoice", "format": 1}
LONGEST_LINE: Final = 1_000_000
"""In bytes. The longest note takes 600 kB, if each of its letters is escaped."""
_BATCH: Final = 5000
_SQLITE_MAGIC: Final = b"SQLite format 3\0"

BackupRecord = dict[str, Any]


def export_records(diary: Diary) -> Iterator[BackupRecord]:
    """Yield all of ``diary`` as one snapshot, unaffected by later writes."""
    with diary.database.reading() as sql:
        yield HEADER
        for event in log.all_events(sql):
            yield {"event": _event_data(event)}
        for row in sql(f"SELECT {mapping.SPAN_COLUMNS} FROM listening ORDER BY start, id"):
            span = mapping.to_span(row)
            yield {"listening": {"start": span.start.isoformat(), "end": span.end.isoformat()}}


def read_records(file: Path) -> Iterator[BackupRecord]:
    """Yield the records of an export or a backup. Raises NightvoiceError naming the first bad line."""
    try:
        with file.open("rb") as source:
            if source.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC:
                with Diary.open(str(file), create=False) as backup:
                    yield from export_records(backup)
                return
            source.seek(0)
            lines = iter(lambda: source.readline(LONGEST_LINE + 1), b"")
            for number, text in enumerate(lines, 1):
                if len(text) > LONGEST_LINE:
                    raise NightvoiceError(f"{file} line {number}: is longer than any line of an export")
                if text.strip():
                    yield _record(file, number, text)
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be read: {reason(error)}") from None


def import_records(diary: Diary, records: Iterable[BackupRecord], source: str, trusted: bool = False) -> int | None:
    """Fill the empty ``diary`` with ``records`` and return the number of events.

    Return None if the diary already holds exactly these records. ``source`` names them in messages. If it
    is ``trusted``, as one's own diary is, its values are taken as they are. The import is all or nothing. Raises
    NightvoiceError.
    """
    remaining = iter(records)
    if next(remaining, None) != HEADER:
        raise NightvoiceError(f"{source}: is not an export of a diary; nightvoice episodes export makes one")
    if any(True for _ in islice(export_records(diary), 1, None)):
        if all(present == given for present, given in zip_longest(export_records(diary), _with_header(remaining))):
            return None
        raise NightvoiceError(
            f"diary {diary.name}: is not empty; name a new one (--diary FILE), or move this one away first"
        )
    last = count = 0
    with diary.database.writing() as sql:
        try:
            while batch := list(islice(remaining, _BATCH)):
                events = [_event(record["event"]) for record in batch if "event" in record]
                spans = [_span(record["listening"]) for record in batch if "event" not in record]
                for event in events:
                    if not trusted:
                        check_event(event)
                    if event.seq <= last:
                        raise ValueError(f"the number {event.seq} comes after {last}")
                    last = event.seq
                sql.executemany(log.INSERT_EVENT, map(mapping.event_row, events))
                count += len(events)
                for span in spans:
                    if not trusted:
                        check_span(span)
                    write_span(sql, span)
            log.rebuild(sql)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise NightvoiceError(f"{source}: is not a complete export of a diary: {error}") from error
        diary.database.set_next_seq("events", "seq", last + 1)
    return count


def back_up(
    diary: Diary, file: Path, overwrite: bool = False, progress: Callable[[int], None] = lambda _done: None
) -> int:
    """Copy ``diary`` to the SQLite file ``file`` and return the number of events.

    The copy is consistent even while other processes write, and replaces ``file`` atomically. Raises NightvoiceError.
    """
    if file.exists() and Path(diary.name).exists() and file.samefile(diary.name):
        raise NightvoiceError(f"{file}: is the diary itself; name another file for the backup")
    if file.exists() and not overwrite:
        raise NightvoiceError(f"{file}: exists already; name another file, or say --overwrite")
    if not file.parent.is_dir():
        raise NightvoiceError(f"{file}: there is no folder {file.parent}; is the disk there?")
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with Diary.open(str(unfinished)) as copy:
            count = import_records(copy, _counted(export_records(diary), progress), diary.name, trusted=True)
        os.replace(unfinished, file)
        folder = os.open(file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be written: {reason(error)}") from None
    finally:
        for leftover in file.parent.glob(f"{unfinished.name}*"):
            leftover.unlink(missing_ok=True)
    return count or 0


def _counted(records: Iterator[BackupRecord], progress: Callable[[int], None]) -> Iterator[BackupRecord]:
    for done, record in enumerate(records):
        yield record
        if done % 1000 == 0:
            progress(done)


def _with_header(records: Iterator[BackupRecord]) -> Iterator[BackupRecord]:
    yield HEADER
    yield from records


def _record(file: Path, number: int, text: bytes) -> BackupRecord:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise NightvoiceError(f"{file} line {number}: is not a line of an export")
    return record


def _event_data(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "night": event.night.isoformat(),
        "episode": event.episode,
        "kind": event.kind,
        "data": dict(event.data),
    }


def _event(found: dict[str, Any]) -> Event:
    seq, episode, data = found["seq"], found["episode"], found["data"]
    if type(seq) is not int or not 0 < seq < 2**63:
        raise ValueError(f"{seq!r} is not the number of an event")
    if episode is not None and (type(episode) is not int or episode > seq):
        raise ValueError(f"{episode!r} is not the number of an episode")
    if not isinstance(data, dict) or not isinstance(found["kind"], str):
        raise TypeError(f"event {seq} has no kind or no data")
    if (found["kind"] in OPENING_KINDS) != (episode == seq):
        raise ValueError(f"event {seq} does not belong to its episode")
    at = mapping.with_fixed_offset(datetime.fromisoformat(found["at"]))
    return Event(seq, at, date.fromisoformat(found["night"]), episode, found["kind"], data)


def _span(found: dict[str, Any]) -> Span:
    return Span(*(mapping.with_fixed_offset(datetime.fromisoformat(found[end])) for end in ("start", "end")))
