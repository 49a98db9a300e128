"""A night: from noon to noon by the person's clock, filed under the date of its first noon."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from nightvoice.diary.episode import Episode, RecordedFlag


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


def night_of(at: datetime) -> date:
    """Return the night of an aware time; before noon, it is the previous date's."""
    return (at.replace(tzinfo=None) - timedelta(hours=12)).date()


def split_at_noon(span: Span) -> Iterator[Span]:
    """Split ``span`` at each noon and yield one part per night."""
    start = span.start
    while night_of(start) < night_of(span.end):
        noon = datetime.combine(night_of(start) + timedelta(days=1), time(12), span.end.tzinfo)
        yield Span(start, noon)
        start = noon
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
