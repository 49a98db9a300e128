"""When it was listening: spans beside the log, the end of the last one moved along in place.

Not derived from the log: a heartbeat a minute as events would be half of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nightvoice.diary import mapping
from nightvoice.diary.night import Span, by_night, night_of
from nightvoice.storage.database import Sql


class Listening:
    """The span that this process is listening in, if it is."""

    def __init__(self) -> None:
        self._span: int | None = None

    def note(self, sql: Sql, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        """What an event says about it."""
        match kind:
            case "listening_started":
                self._span = write_span(sql, Span(at, at))
            case "gap":
                self.until(sql, mapping.fixed(datetime.fromisoformat(data["start"])))
                end = mapping.fixed(datetime.fromisoformat(data["end"]))
                self._span = write_span(sql, Span(end, end))
            case "heard":
                self.until(sql, at)
            case "listening_stopped":
                self.until(sql, at)
                self._span = None

    def until(self, sql: Sql, at: datetime) -> None:
        """It was listening without a break until ``at``."""
        found = sql(f"SELECT {mapping.SPAN} FROM listening WHERE id = :id", id=self._span) if self._span else []
        if not found:
            self._span = write_span(sql, Span(at, at))
            return
        span = mapping.to_span(found[0])
        if at <= span.end:
            return
        this_night, *later = by_night(Span(span.start, at))
        row = mapping.span_row(night_of(span.start), this_night)
        sql(
            'UPDATE listening SET "end" = :end, end_offset = :end_offset WHERE id = :id',
            id=self._span,
            end=row["end"],
            end_offset=row["end_offset"],
        )
        for part in later:
            self._span = write_span(sql, part)


def write_span(sql: Sql, span: Span) -> int:
    """Write it, cut at noon where it must be; return the number of the last part."""
    numbers = [insert_span(sql, part) for part in by_night(span)]
    return numbers[-1]


def insert_span(sql: Sql, span: Span) -> int:
    """Write a span of one night; return its number."""
    ((number,),) = sql(
        'INSERT INTO listening (night, start, start_offset, "end", end_offset) '
        "VALUES (:night, :start, :start_offset, :end, :end_offset) RETURNING id",
        **mapping.span_row(night_of(span.start), span),
    )
    return int(number)
