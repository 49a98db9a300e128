"""A night: from noon to noon by the person's clock, filed under the date on which it began."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from nightvoice.diary.episode import Episode, Flag


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; both ends aware."""

    start: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        # In UTC: Python subtracts times of one zone as if its clocks never changed.
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Night:
    """What the diary knows about one night."""

    date: date
    spans: tuple[Span, ...]
    """When it was really listening: in order, apart from each other."""
    episodes: tuple[Episode, ...]
    flags: tuple[Flag, ...]
    """Every danger sign of the night, within an episode or outside."""
    tags: Mapping[str, bool] = field(default_factory=dict)
    """What the day before held (walk, alcohol …), yes or no; what nobody said is not here."""
    note: str | None = None
    stretched: bool = False
    """The bedtime stretches were led to their end."""

    @property
    def listened(self) -> timedelta:
        return sum((span.duration for span in self.spans), timedelta())

    @property
    def gaps(self) -> tuple[Span, ...]:
        """What lies between the spans: nobody knows what happened then."""
        return tuple(Span(before.end, later.start) for before, later in zip(self.spans, self.spans[1:], strict=False))


def night_of(at: datetime) -> date:
    """The night that an aware time belongs to: before noon it is still that of the day before."""
    return (at.replace(tzinfo=None) - timedelta(hours=12)).date()


def by_night(span: Span) -> Iterator[Span]:
    """``span`` cut at each noon."""
    start = span.start
    while night_of(start) < night_of(span.end):
        noon = datetime.combine(night_of(start) + timedelta(days=1), time(12), span.end.tzinfo)
        yield Span(start, noon)
        start = noon
    yield Span(start, span.end)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in order and without overlaps."""
    apart: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if apart and span.start <= apart[-1].end:
            apart[-1] = Span(apart[-1].start, max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return tuple(apart)
