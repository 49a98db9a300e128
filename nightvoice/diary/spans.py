"""Spans of listening, in a separate table; heartbeats extend the last span in place.

They are not derived from the log because heartbeats, one a minute, would make up half of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from nightvoice.diary import mapping, runs
from nightvoice.diary.clock_changes import CORRECTED, ClockChange
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span, night_of, split_by_night
from nightvoice.diary.night_end import night_end
from nightvoice.storage.database import Sql
from nightvoice.system.clock import EARLIEST


class Listening:
    """The spans of listening of the running night. Nothing is filed by a clock that is known to be wrong."""

    def __init__(self) -> None:
        self._span: int | None = None
        """The current span, if any."""
        self._ids: list[int] = []
        """All spans of this night."""
        self._unfiled: Span | None = None
        """The current span while the clock is wrong."""
        self._wrong = False
        """Whether the clock was known to be wrong when the night started."""
        self._run: int | None = None
        """Number of the event that started the running night."""

    def apply(
        self, sql: Sql, kind: str, at: datetime, data: Mapping[str, Any], seq: int = 0, floor: datetime = EARLIEST
    ) -> None:
        """Update the spans for the event ``seq``; unrelated kinds are ignored.

        ``floor``: a run that starts earlier has a wrong clock.
        """
        match kind:
            case "listening_started":
                self._ids, self._unfiled, self._run = [], None, seq
                self._wrong = at < floor
                self._begin(sql, at)
            case "gap":
                self.extend_to(sql, mapping.with_fixed_offset(datetime.fromisoformat(data["start"])))
                self._begin(sql, mapping.with_fixed_offset(datetime.fromisoformat(data["end"])))
            case "heard":
                self.extend_to(sql, at)
            case "listening_stopped":
                self.extend_to(sql, at)
                self._span = self._unfiled = None

    def extend_to(self, sql: Sql, at: datetime) -> None:
        """Extend the current span to ``at``, or start one there."""
        if self._wrong or at < EARLIEST:
            self._unfiled = Span(at, at) if self._unfiled is None else replace(self._unfiled, end=at)
            return
        found = sql(f"SELECT {mapping.SPAN_COLUMNS} FROM listening WHERE id = :id", id=self._span) if self._span else []
        if not found:
            self._begin(sql, at)
            return
        span = mapping.to_span(found[0])
        if at <= span.end:
            return
        this_night, *later = split_by_night(Span(span.start, at), ends := night_end(sql))
        _change_span(sql, self._span, this_night, ends)
        for part in later:
            self._file(sql, part)

    def _begin(self, sql: Sql, at: datetime) -> None:
        if self._wrong or at < EARLIEST:
            self._span, self._unfiled = None, Span(at, at)
        else:
            self._file(sql, Span(at, at))

    def _file(self, sql: Sql, span: Span) -> None:
        self._ids += write_span(sql, span)
        self._span = self._ids[-1]

    def move(
        self,
        sql: Sql,
        at: datetime,
        by: timedelta,
        started: Iterable[Event],
        changes: Iterable[ClockChange],
        floor: datetime = EARLIEST,
    ) -> None:
        """Move the spans of the last ``CORRECTED`` by ``by``: the clock was set to ``at``.

        ``started``: the events of the runs by this clock, whose times ``changes`` have corrected so far. Those before
        ``floor`` were not filed.
        """
        current, unfiled = self._span, self._unfiled
        ids, moved = runs.spans_of(sql, [event for event in started if event.seq != self._run], changes, floor)
        for id in sorted({*ids, *self._ids}):
            found = sql(f"SELECT {mapping.SPAN_COLUMNS} FROM listening WHERE id = :id", id=id)
            spans = [span for span in map(mapping.to_span, found) if span.end >= at - by - CORRECTED]
            if spans:
                sql("DELETE FROM listening WHERE id = :id", id=id)
                moved += spans
        self._ids, self._span, self._unfiled, self._wrong = [], None, None, False
        for span in (*moved, *([unfiled] if unfiled else ())):
            start, end = span.start + by, span.end + by
            if start >= EARLIEST:
                self._file(sql, Span(start, end))
            elif span is unfiled:
                self._unfiled = Span(start, end)
        if current is None and unfiled is None:
            self._span = None


def write_span(sql: Sql, span: Span) -> list[int]:
    """Insert ``span``, split by night, and return the ids of the parts."""
    ends = night_end(sql)
    return [_insert_span(sql, part, ends) for part in split_by_night(span, ends)]


def refile_spans(sql: Sql, ends: time) -> None:
    """File all spans by the time of day at which a night ``ends``. What the old time divided becomes whole again.

    The last part of a span keeps the id of the last, which ``Listening`` of another process may be extending.
    """
    rows = sql(f"SELECT id, {mapping.SPAN_COLUMNS} FROM listening ORDER BY start, id")
    whole: list[tuple[int, Span]] = []
    for id, *row in rows:
        span = mapping.to_span(tuple(row))
        if whole and whole[-1][1].end == span.start:
            before, earlier = whole.pop()
            sql("DELETE FROM listening WHERE id = :id", id=before)
            span = Span(earlier.start, span.end)
        whole.append((id, span))
    for id, span in whole:
        *earlier_parts, last = split_by_night(span, ends)
        for part in earlier_parts:
            _insert_span(sql, part, ends)
        _change_span(sql, id, last, ends)


def _change_span(sql: Sql, id: int | None, span: Span, ends: time) -> None:
    columns = mapping.span_row(night_of(span.start, ends), span)
    changed = ", ".join(f'"{name}" = :{name}' for name in columns)
    sql(f"UPDATE listening SET {changed} WHERE id = :id", id=id, **columns)


def _insert_span(sql: Sql, span: Span, ends: time) -> int:
    """Insert a span within one night and return its id."""
    ((id,),) = sql(
        'INSERT INTO listening (night, start, start_offset, "end", end_offset) '
        "VALUES (:night, :start, :start_offset, :end, :end_offset) RETURNING id",
        **mapping.span_row(night_of(span.start, ends), span),
    )
    return int(id)
