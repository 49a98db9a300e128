"""Spans of listening, in a separate table; heartbeats extend the last span in place.

They are not derived from the log because heartbeats, one a minute, would make up half of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nightvoice.diary import mapping
from nightvoice.diary.night import Span, night_of, split_at_noon
from nightvoice.storage.database import Sql


class Listening:
    """The current span of listening of this process, if any."""

    def __init__(self) -> None:
        self._span: int | None = None

    def apply(self, sql: Sql, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        """Update the spans for an event; unrelated kinds are ignored."""
        match kind:
            case "listening_started":
                self._span = write_span(sql, Span(at, at))
            case "gap":
                self.extend_to(sql, mapping.with_fixed_offset(datetime.fromisoformat(data["start"])))
                end = mapping.with_fixed_offset(datetime.fromisoformat(data["end"]))
                self._span = write_span(sql, Span(end, end))
            case "heard":
                self.extend_to(sql, at)
            case "listening_stopped":
                self.extend_to(sql, at)
                self._span = None

    def extend_to(self, sql: Sql, at: datetime) -> None:
        """Extend the current span to ``at``, or start one there."""
        found = sql(f"SELECT {mapping.SPAN_COLUMNS} FROM listening WHERE id = :id", id=self._span) if self._span else []
        if not found:
            self._span = write_span(sql, Span(at, at))
            return
        span = mapping.to_span(found[0])
        if at <= span.end:
            return
        this_night, *later = split_at_noon(Span(span.start, at))
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
    """Insert ``span``, split at each noon, and return the id of the last part."""
    ids = [insert_span(sql, part) for part in split_at_noon(span)]
    return ids[-1]


def insert_span(sql: Sql, span: Span) -> int:
    """Insert a span within one night and return its id."""
    ((id,),) = sql(
        'INSERT INTO listening (night, start, start_offset, "end", end_offset) '
        "VALUES (:night, :start, :start_offset, :end, :end_offset) RETURNING id",
        **mapping.span_row(night_of(span.start), span),
    )
    return int(id)
