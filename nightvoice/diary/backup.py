"""The whole diary as plain objects, one a line of JSON: out, in again, and into a backup.

The first object is ``HEADER``, then ``{"event": …}`` for the log in order and ``{"listening": …}`` for the spans.
Times are ISO with the offset of the person's clock.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, Final

from nightvoice.diary import log, mapping
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span
from nightvoice.diary.spans import insert_span
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError, reason

HEADER: Final = {"diary": "nightvoice", "format": 1}
_BATCH: Final = 5000
_SQLITE: Final = b"SQLite format 3\0"

Line = dict[str, Any]


def export_lines(diary: Diary) -> Iterator[Line]:
    """All of ``diary``, as it is at the first line, whatever is written meanwhile."""
    with diary.database.reading() as sql:
        yield HEADER
        for page in sql.pages(f"SELECT {mapping.EVENT} FROM events WHERE seq > :after ORDER BY seq LIMIT :size"):
            for event in map(mapping.to_event, page):
                yield {"event": _event_line(event)}
        for row in sql(f"SELECT {mapping.SPAN} FROM listening ORDER BY start, id"):
            span = mapping.to_span(row)
            yield {"listening": {"start": span.start.isoformat(), "end": span.end.isoformat()}}


def read_lines(file: Path) -> Iterator[Line]:
    """The lines of an export, or of a backup. Raises NightvoiceError naming the line that is none."""
    try:
        with file.open("rb") as source:
            if source.read(len(_SQLITE)) == _SQLITE:
                with Diary.open(str(file), create=False) as backup:
                    yield from export_lines(backup)
                return
            source.seek(0)
            for number, text in enumerate(source, 1):
                if text.strip():
                    yield _object(file, number, text)
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be read: {reason(error)}") from None


def import_lines(diary: Diary, lines: Iterable[Line], source: str) -> int | None:
    """Make ``diary``, which must be empty, what ``lines`` of ``source`` say; return how many events that were.

    None where all of it, and nothing else, is there already. All or nothing; raises NightvoiceError.
    """
    given = iter(lines)
    if next(given, None) != HEADER:
        raise NightvoiceError(f"{source}: is no export of a diary; nightvoice episodes export makes one")
    if any(True for _ in islice(export_lines(diary), 1, None)):
        if all(here == there for here, there in zip_longest(export_lines(diary), _with_header(given))):
            return None
        raise NightvoiceError(
            f"diary {diary.name}: is not empty; name one that is not there yet (--diary FILE), "
            "or move this one away first"
        )
    last = count = 0
    with diary.database.writing() as sql:
        try:
            while batch := list(islice(given, _BATCH)):
                events = [_event(line["event"]) for line in batch if "event" in line]
                for event in events:
                    if event.seq <= last:
                        raise ValueError(f"the number {event.seq} comes after {last}")
                    last = event.seq
                sql.many(log.INTO_EVENTS, map(mapping.event_row, events))
                count += len(events)
                for line in batch:
                    if "event" not in line:
                        insert_span(sql, _span(line["listening"]))
            log.rebuild(sql)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NightvoiceError(f"{source}: is no whole export of a diary: {error}") from error
        diary.database.follow(last)
    return count


def back_up(
    diary: Diary, file: Path, overwrite: bool = False, progress: Callable[[int], None] = lambda done: None
) -> int:
    """Copy ``diary`` into ``file``, a SQLite diary, consistent also while others write; return how many events it has.

    ``file`` is there as a whole or not at all. Raises NightvoiceError.
    """
    if file.exists() and (file.samefile(diary.name) if Path(diary.name).exists() else False):
        raise NightvoiceError(f"{file}: is the diary itself; name another file for the backup")
    if file.exists() and not overwrite:
        raise NightvoiceError(f"{file}: is there already; name another file, or say --overwrite")
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with Diary.open(str(unfinished)) as copy:
            count = import_lines(copy, _counted(export_lines(diary), progress), diary.name)
        os.replace(unfinished, file)
        folder = os.open(file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be written: {reason(error)}") from None
    finally:
        for rest in file.parent.glob(f"{unfinished.name}*"):
            rest.unlink(missing_ok=True)
    return count or 0


def _counted(lines: Iterator[Line], progress: Callable[[int], None]) -> Iterator[Line]:
    for done, line in enumerate(lines):
        yield line
        if done % 1000 == 0:
            progress(done)


def _with_header(lines: Iterator[Line]) -> Iterator[Line]:
    yield HEADER
    yield from lines


def _object(file: Path, number: int, text: bytes) -> Line:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict):
        raise NightvoiceError(f"{file} line {number}: is no line of an export")
    return line


def _event_line(event: Event) -> Line:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "night": event.night.isoformat(),
        "episode": event.episode,
        "kind": event.kind,
        "data": dict(event.data),
    }


def _event(line: Line) -> Event:
    seq, episode, data = line["seq"], line["episode"], line["data"]
    if type(seq) is not int or not 0 < seq < 2**63:
        raise ValueError(f"{seq!r} is no number of an event")
    if episode is not None and (type(episode) is not int or episode > seq):
        raise ValueError(f"{episode!r} is no number of an episode")
    if not isinstance(data, dict) or not isinstance(line["kind"], str):
        raise TypeError(f"event {seq} has no kind or no data")
    if (line["kind"] == "episode_opened") != (episode == seq):
        raise ValueError(f"event {seq} does not belong to its episode")
    at = mapping.fixed(datetime.fromisoformat(line["at"]))
    return Event(seq, at, date.fromisoformat(line["night"]), episode, line["kind"], data)


def _span(line: Line) -> Span:
    return Span(*(mapping.fixed(datetime.fromisoformat(line[end])) for end in ("start", "end")))
