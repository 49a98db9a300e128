"""Trends over three months, a year or the whole diary: frequency, times, durations, sites, remedies and ratings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import partial
from statistics import median
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.content.schema import Pack
from nightvoice.diary.night import Night
from nightvoice.insight.comparison import RateChange, rate_change
from nightvoice.insight.coverage import is_observed
from nightvoice.insight.cramp_times import CrampDurations, CrampTimes, cramp_durations, cramp_times
from nightvoice.insight.trend import WINDOW, Average, Remedy, SiteCount, Week, remedies, site_counts, weeks
from nightvoice.insight.trend_narrative import TrendNarrator
from nightvoice.web.context import context_of
from nightvoice.web.kit import formatting
from nightvoice.web.kit.render import render
from nightvoice.web.pages import charts

WEEK: Final = timedelta(weeks=1)
PERIODS: Final = {"3m": timedelta(weeks=13), "1y": timedelta(weeks=52), "all": None}


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One week or year in the table."""

    label: str
    nights: int
    listened: int
    """Observed nights (see ``insight.coverage``)."""
    cramps: int
    """Cramps on observed nights."""
    average: Average | None = None

    @property
    def rate(self) -> float | None:
        """Cramps per week; None without observed nights."""
        return 7 * self.cramps / self.listened if self.listened else None


@dataclass(frozen=True, slots=True)
class TrendFigures:
    """What the page shows of one period."""

    by_week: Sequence[Week]
    by_year: Sequence[TrendRow]
    change: RateChange | None
    """None without nights."""
    places: Sequence[SiteCount]
    remedies: Sequence[Remedy]
    times: CrampTimes
    durations: CrampDurations
    rated: Sequence[int]
    """Severity of each cramp that the person rated."""


def show_trends(request: Request) -> Response:
    """``/trends``, or ``/trends?back=1y``"""
    context = context_of(request)
    back = request.query_params.get("back", "3m")
    back = back if back in PERIODS else "3m"
    lead_in, nights = _nights(request, PERIODS[back])
    compute = partial(_figures, lead_in=len(lead_in))
    figures = context.night_cache.figures(("trends", back), [*lead_in, *nights], compute)
    by_week, found, eased, rated = figures.by_week, figures.places, figures.remedies, figures.rated
    by_year = len(by_week) > charts.MAX_SINGLE_WEEKS
    cramps = sum(week.cramps for week in by_week)
    words, hours = context.pack.trends, context.pack.morning.clock.hours
    narrator = TrendNarrator(words, partial(formatting.clock, hours=hours), formatting.minutes)
    change, times, durations = figures.change, figures.times, figures.durations
    return render(
        request,
        "trends.html",
        back=back,
        since=nights[0].date if nights else None,
        until=nights[-1].date if nights else None,
        nights=len(nights),
        listened=sum(week.listened for week in by_week),
        cramps=cramps,
        left_out=durations.total - cramps,
        chart=charts.trend(by_week) if by_week else None,
        words=words,
        language=context.pack.language,
        answer=narrator.answer(change) if change else None,
        grounds=narrator.grounds(change) if change else None,
        average=narrator.average(by_week[-1].average if by_week else None),
        times_told=narrator.times(times),
        hours=charts.columns(times.hours),
        hour_label=lambda hour: formatting.full_hour(time(hour), hours),
        durations_told=narrator.durations(durations),
        durations=durations,
        rows=figures.by_year if by_year else _rows_by_week(by_week),
        by_year=by_year,
        places=found,
        most=max((max(place.left, place.right) for place in found), default=0) or 1,
        remedies=eased,
        step_names=_step_names([remedy.step for remedy in eased], context.pack),
        rated=len(rated),
        middle=median(rated) if rated else None,
        total=durations.total,
        pack=context.pack,
    )


def _nights(request: Request, back: timedelta | None) -> tuple[list[Night], list[Night]]:
    """Return the earlier nights needed for the period's first moving averages, and the nights of the period.

    ``back``: length of the period, which ends now; None: the whole diary.
    """
    context = context_of(request)
    period = context.diary.period()
    until = context.last_night()
    if period is None or period[0] > until:
        return [], []
    since = period[0] if back is None else max(period[0], until - back + timedelta(days=1))
    since -= timedelta(days=since.weekday()) if since > period[0] else timedelta()
    nights = context.night_cache.nights(max(period[0], since - (WINDOW - 1) * WEEK), until)
    shown = (until - since).days + 1
    return nights[:-shown], nights[-shown:]


def _figures(nights: Sequence[Night], lead_in: int) -> TrendFigures:
    """Return the figures of ``nights`` without the first ``lead_in``, which only the averages need."""
    shown = nights[lead_in:]
    severities = (episode.severity for night in shown for episode in night.episodes)
    return TrendFigures(
        by_week=[week for week in weeks(nights) if week.start > shown[0].date - WEEK],
        by_year=_rows_by_year(shown),
        change=rate_change(nights) if nights else None,
        places=site_counts(shown),
        remedies=remedies(shown),
        times=cramp_times(shown),
        durations=cramp_durations(shown),
        rated=[severity for severity in severities if severity is not None],
    )


def _step_names(steps: Sequence[str], pack: Pack) -> dict[str, str]:
    """Return the name of each step, including the body part if two steps share a name."""
    names = {step: pack.morning.steps.get(step, step.replace("-", " ")) for step in steps}
    uses = Counter(names.values())
    for step, name in names.items():
        site = next((site for site, known in pack.protocols.items() if step in [one.id for one in known]), None)
        if uses[name] > 1 and site in pack.phrases.places:
            names[step] = f"{name}, {pack.phrases.places[site].none}"
    return names


def _rows_by_week(by_week: Sequence[Week]) -> list[TrendRow]:
    return [
        TrendRow(formatting.day(week.start), week.nights, week.listened, week.cramps, week.average)
        for week in reversed(by_week)
    ]


def _rows_by_year(nights: Sequence[Night]) -> list[TrendRow]:
    sums: dict[int, tuple[int, int, int]] = {}
    for night in nights:
        total, listened, cramps = sums.get(night.date.year, (0, 0, 0))
        counts = is_observed(night)
        sums[night.date.year] = (total + 1, listened + counts, cramps + (len(night.episodes) if counts else 0))
    return [TrendRow(str(year), *counted) for year, counted in sorted(sums.items(), reverse=True)]
