"""A night: from noon to noon by the person's clock, or between two other times of day, filed under its first date."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from nightvoice.diary.episode import Episode, RecordedFlag

NOON: Final = time(12)
"""Time of day at which a night ends and the next begins, unless the person sleeps by day."""


@dataclass(frozen=True, slots=True)
class Span:
    """A period of time; both ends are aware."""

    start: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        # In UTC, because Python ignores clock changes between two times in the same zone.
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Night:
    """The record of one night."""

    date: date
    spans: tuple[Span, ...]
    """Periods of listening, in order and without overlaps."""
    episodes: tuple[Episode, ...]
    flags: tuple[RecordedFlag, ...]
    """Every red flag of the night, inside an episode or not."""
    tags: Mapping[str, bool] = field(default_factory=dict)
    """Yes or no by tag of the day before (walk, alcohol …); an unanswered tag is absent."""
    note: str | None = None
    stretched: bool = False
    """Whether the bedtime stretches were completed."""

    @property
    def listened(self) -> timedelta:
        return sum((span.duration for span in self.spans), timedelta())

    @property
    def gaps(self) -> tuple[Span, ...]:
        """Periods between the spans, about which nothing is known."""
        return tuple(Span(before.end, later.start) for before, later in zip(self.spans, self.spans[1:], strict=False))


def night_of(at: datetime, ends: time = NOON) -> date:
    """Return the night of an aware time; before the time of day at which a night ``ends``, the previous date's."""
    return (at.replace(tzinfo=None) - timedelta(hours=ends.hour, minutes=ends.minute)).date()


def split_by_night(span: Span, ends: time) -> Iterator[Span]:
    """Split ``span`` where each night ``ends`` and yield one part per night."""
    start = span.start
    while (end := datetime.combine(night_of(start, ends) + timedelta(days=1), ends, span.end.tzinfo)) < span.end:
        yield Span(start, end)
        start = end
    yield Span(start, span.end)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return ``spans`` sorted, with overlaps merged."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)
