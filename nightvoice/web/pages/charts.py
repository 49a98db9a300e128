"""Computes positions in charts, in percent of width and height, for templates/charts.html to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Final, NamedTuple

from nightvoice.diary.episode import RecordedFlag
from nightvoice.diary.night import Night, Span
from nightvoice.insight.cramp_times import HourCount
from nightvoice.insight.night import Cramp, NightSummary
from nightvoice.insight.trend import Week

MAX_SINGLE_WEEKS: Final = 60
"""Most weeks shown as single dots; more would be too close together."""
MAX_POINTS: Final = 200
"""Points of a curve; of more weeks, only every second or third average is drawn."""

COLUMN_PX: Final = 96
"""Height of the tallest column."""


class Bar(NamedTuple):
    """A period on an axis."""

    x: float
    width: float


class ChartMark(NamedTuple):
    """The onset of a cramp on a timeline."""

    x: float
    cramp: Cramp


class AxisTick(NamedTuple):
    """A labelled position on an axis."""

    at: float
    label: datetime | date | int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Timeline of one night."""

    hours: list[AxisTick]
    listened: list[Bar]
    gaps: list[Bar]
    cramps: list[ChartMark]


class Dot(NamedTuple):
    """One week in a trend."""

    x: float
    y: float
    week: Week


@dataclass(frozen=True, slots=True)
class Trend:
    """Cramps per week over time. The y axis points down."""

    weeks: Sequence[Week]
    band: list[str]
    """Confidence band as SVG ``points``, one polygon per run of weeks without a gap."""
    line: list[str]
    """Moving average as SVG ``points``, one polyline per run."""
    dots: list[Dot]
    deaf: list[Bar]
    """Weeks without any listening."""
    x_ticks: list[AxisTick]
    yearly: bool
    """Whether ``x_ticks`` mark years rather than months."""
    y_ticks: list[AxisTick]


class Column(NamedTuple):
    """The cramps of one hour, as a column of at most ``COLUMN_PX``."""

    x: float
    width: float
    height: float
    hour: int
    cramps: int


class Moment(NamedTuple):
    """One line of the list below the timeline."""

    at: datetime
    kind: str
    """``began``, ``gap``, ``cramp``, ``flag`` or ``ended``."""
    gap: Span | None = None
    cramp: Cramp | None = None
    flag: RecordedFlag | None = None


def timeline(summary: NightSummary, night: Night) -> Timeline | None:
    """Return the timeline of ``night``; None if nothing is known about the night."""
    known = [at for at in (summary.began, summary.ended) if at]
    for cramp in summary.cramps:
        known += [at for at in (cramp.episode.onset, cramp.episode.ended) if at]
    if not known:
        return None
    # Use the time zone of the evening, so that a clock change does not stretch the axis.
    zone = min(known).tzinfo
    start = min(known).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    end = max(known).astimezone(zone)
    hours = max(ceil((end - start) / timedelta(hours=1)), 6)
    length = timedelta(hours=hours)

    def x(at: datetime) -> float:
        return round(100 * ((at.astimezone(UTC) - start.astimezone(UTC)) / length), 2)

    def bar(span: Span) -> Bar:
        return Bar(x(span.start), round(x(span.end) - x(span.start), 2))

    step = 1 if hours <= 6 else 2 if hours <= 13 else 4
    ticks = [
        AxisTick(round(100 * hour / hours, 2), start + timedelta(hours=hour)) for hour in range(0, hours + 1, step)
    ]
    marks = [ChartMark(x(cramp.episode.onset), cramp) for cramp in summary.cramps]
    return Timeline(ticks, [bar(span) for span in night.spans], [bar(gap) for gap in summary.gaps], marks)


def moments(summary: NightSummary, night: Night) -> list[Moment]:
    """Return the events of the night in order, with every report of a danger sign (``summary`` has each once)."""
    found = [Moment(cramp.episode.onset, "cramp", cramp=cramp) for cramp in summary.cramps]
    found += [Moment(flag.at, "flag", flag=flag) for flag in night.flags]
    found += [Moment(gap.start, "gap", gap=gap) for gap in summary.gaps]
    if summary.began and summary.ended:
        found += [Moment(summary.began, "began"), Moment(summary.ended, "ended")]
    return sorted(found, key=lambda moment: moment.at)


def trend(weeks: Sequence[Week]) -> Trend:
    """Return the chart of ``weeks``, which are consecutive and not empty."""
    top = _top_of_axis(weeks)
    step = 100 / len(weeks)

    def y(value: float) -> float:
        return round(100 * (1 - min(value, top) / top), 2)

    band, line = [], []
    every = ceil(len(weeks) / MAX_POINTS)
    for whole in _runs(weeks):
        run = [*whole[:-1:every], whole[-1]]
        xs = [round((index + 0.5) * step, 2) for index, _ in run]
        averages = [week.average for _, week in run if week.average]
        upper = [f"{x},{y(average.interval.high)}" for x, average in zip(xs, averages, strict=True)]
        lower = [f"{x},{y(average.interval.low)}" for x, average in zip(xs, averages, strict=True)]
        band.append(" ".join([*upper, *reversed(lower)]))
        line.append(" ".join(f"{x},{y(average.rate)}" for x, average in zip(xs, averages, strict=True)))
    dots = [
        Dot(round((index + 0.5) * step, 2), y(week.rate), week)
        for index, week in enumerate(weeks)
        if week.rate is not None and len(weeks) <= MAX_SINGLE_WEEKS
    ]
    deaf = [Bar(round(index * step, 2), round(step, 2)) for index, week in enumerate(weeks) if not week.listened]
    y_ticks = [AxisTick(y(value), value) for value in range(0, top + 1, top // 4 or 1)]
    yearly = len(weeks) > 2 * MAX_SINGLE_WEEKS
    return Trend(weeks, band, line, dots, deaf, _x_ticks(weeks, step, yearly), yearly, y_ticks)


def columns(hours: Sequence[HourCount]) -> list[Column]:
    """Return the columns of consecutive ``hours``, with a gap between them."""
    step = 100 / len(hours) if hours else 0.0
    most = max((hour.cramps for hour in hours), default=0) or 1
    return [
        Column(round(index * step, 2), round(0.86 * step, 2), round(COLUMN_PX * cramps / most, 1), hour, cramps)
        for index, (hour, cramps) in enumerate(hours)
    ]


def _top_of_axis(weeks: Sequence[Week]) -> int:
    """Return a round number above all rates and all but extreme intervals, for an axis of at most four steps."""
    rates = [week.rate for week in weeks if week.rate is not None]
    highs = [min(week.average.interval.high, 2 * week.average.rate + 2) for week in weeks if week.average]
    most = max(2, ceil(max([*rates, *highs], default=2)))
    return most if most < 4 else 4 * ceil(most / 4)


def _runs(weeks: Sequence[Week]) -> list[list[tuple[int, Week]]]:
    """Return the runs of consecutive weeks with an average, with their indices."""
    runs: list[list[tuple[int, Week]]] = [[]]
    for index, week in enumerate(weeks):
        if week.average:
            runs[-1].append((index, week))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _x_ticks(weeks: Sequence[Week], step: float, yearly: bool) -> list[AxisTick]:
    """Return a tick at the first week of each month or, because only a dozen labels fit, of each year."""
    ticks: list[AxisTick] = []
    for index, week in enumerate(weeks):
        starts = week.start.timetuple().tm_yday <= 7 if yearly else week.start.day <= 7
        if starts:
            ticks.append(AxisTick(round(index * step, 2), week.start))
    return ticks
