"""Where things lie in a picture, in percent of its width and height. templates/charts.html draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import NamedTuple

from nightvoice.diary.episode import FlagRaised
from nightvoice.diary.night import Night, Span
from nightvoice.insight.night import Cramp, NightSummary
from nightvoice.insight.trend import Week

MANY_WEEKS = 60
"""From here on, single weeks are too close together to be shown."""


class Bar(NamedTuple):
    """A stretch of time."""

    x: float
    width: float


class Mark(NamedTuple):
    """When a cramp began."""

    x: float
    cramp: Cramp


class Tick(NamedTuple):
    """A label of an axis."""

    at: float
    label: datetime | date | int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A night from left to right."""

    hours: list[Tick]
    listened: list[Bar]
    gaps: list[Bar]
    cramps: list[Mark]


class Dot(NamedTuple):
    """One week."""

    x: float
    y: float
    week: Week


@dataclass(frozen=True, slots=True)
class Trend:
    """Cramps a week over time. y grows downward."""

    weeks: Sequence[Week]
    band: list[str]
    """Polygons of the interval, as ``points``; several where there is a hole."""
    line: list[str]
    dots: list[Dot]
    deaf: list[Bar]
    """Weeks in which no night was listened to."""
    across: list[Tick]
    yearly: bool
    """Whether they are years rather than months."""
    up: list[Tick]


class Moment(NamedTuple):
    """A line of the list beside the timeline."""

    at: datetime
    kind: str
    """``began``, ``gap``, ``cramp``, ``flag`` or ``ended``."""
    gap: Span | None = None
    cramp: Cramp | None = None
    flag: FlagRaised | None = None


def timeline(summary: NightSummary, night: Night) -> Timeline | None:
    """``summary`` of ``night``; None where nothing is known of it."""
    known = [at for at in (summary.began, summary.ended) if at]
    for cramp in summary.cramps:
        known += [at for at in (cramp.episode.onset, cramp.episode.ended) if at]
    if not known:
        return None
    # By the wall clock of the evening: a change of the clocks stretches nothing.
    zone = min(known).tzinfo
    start = min(known).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    end = max(known).astimezone(zone)
    hours = max(ceil((end - start) / timedelta(hours=1)), 6)
    whole = timedelta(hours=hours)

    def x(at: datetime) -> float:
        return round(100 * ((at.astimezone(UTC) - start.astimezone(UTC)) / whole), 2)

    def bar(span: Span) -> Bar:
        return Bar(x(span.start), round(x(span.end) - x(span.start), 2))

    every = 1 if hours <= 6 else 2 if hours <= 13 else 4
    ticks = [Tick(round(100 * hour / hours, 2), start + timedelta(hours=hour)) for hour in range(0, hours + 1, every)]
    marks = [Mark(x(cramp.episode.onset), cramp) for cramp in summary.cramps]
    return Timeline(ticks, [bar(span) for span in night.spans], [bar(gap) for gap in summary.gaps], marks)


def moments(summary: NightSummary, night: Night) -> list[Moment]:
    """Everything of the night, in order. ``night``: for every time a sign was raised, not only the first."""
    found = [Moment(cramp.episode.onset, "cramp", cramp=cramp) for cramp in summary.cramps]
    found += [Moment(flag.at, "flag", flag=flag) for flag in night.flags]
    found += [Moment(gap.start, "gap", gap=gap) for gap in summary.gaps]
    if summary.began and summary.ended:
        found += [Moment(summary.began, "began"), Moment(summary.ended, "ended")]
    return sorted(found, key=lambda moment: moment.at)


def trend(weeks: Sequence[Week]) -> Trend:
    """``weeks``: at least one, in order, without holes."""
    top = _top(weeks)
    step = 100 / len(weeks)

    def y(value: float) -> float:
        return round(100 * (1 - min(value, top) / top), 2)

    band, line = [], []
    for run in _runs(weeks):
        xs = [round((index + 0.5) * step, 2) for index, _ in run]
        averages = [week.average for _, week in run if week.average]
        upper = [f"{x},{y(average.interval.high)}" for x, average in zip(xs, averages, strict=True)]
        lower = [f"{x},{y(average.interval.low)}" for x, average in zip(xs, averages, strict=True)]
        band.append(" ".join([*upper, *reversed(lower)]))
        line.append(" ".join(f"{x},{y(average.rate)}" for x, average in zip(xs, averages, strict=True)))
    dots = [
        Dot(round((index + 0.5) * step, 2), y(week.rate), week)
        for index, week in enumerate(weeks)
        if week.rate is not None and len(weeks) <= MANY_WEEKS
    ]
    deaf = [Bar(round(index * step, 2), round(step, 2)) for index, week in enumerate(weeks) if not week.listened]
    up = [Tick(y(value), value) for value in range(0, top + 1, top // 4 or 1)]
    yearly = len(weeks) > 2 * MANY_WEEKS
    return Trend(weeks, band, line, dots, deaf, _across(weeks, step, yearly), yearly, up)


def _top(weeks: Sequence[Week]) -> int:
    """A number that nearly everything fits under (of the intervals, only what is not wild): four steps, or fewer."""
    rates = [week.rate for week in weeks if week.rate is not None]
    highs = [min(week.average.interval.high, 2 * week.average.rate + 2) for week in weeks if week.average]
    most = max(2, ceil(max([*rates, *highs], default=2)))
    return most if most < 4 else 4 * ceil(most / 4)


def _runs(weeks: Sequence[Week]) -> list[list[tuple[int, Week]]]:
    """Stretches of weeks that have an average."""
    runs: list[list[tuple[int, Week]]] = [[]]
    for index, week in enumerate(weeks):
        if week.average:
            runs[-1].append((index, week))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _across(weeks: Sequence[Week], step: float, yearly: bool) -> list[Tick]:
    """The first week of each month, or of each year, so that about a dozen labels fit."""
    ticks: list[Tick] = []
    for index, week in enumerate(weeks):
        begins = week.start.timetuple().tm_yday <= 7 if yearly else week.start.day <= 7
        if begins:
            ticks.append(Tick(round(index * step, 2), week.start))
    return ticks
