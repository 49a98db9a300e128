"""How often, where, what eased it, how bad: over three months, a year, or all that there is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.content.schema import Pack
from nightvoice.diary.night import Night
from nightvoice.insight.coverage import is_observed
from nightvoice.insight.night import last_night
from nightvoice.insight.trend import WINDOW, Average, Week, remedies, site_counts, weeks
from nightvoice.web import charts, words
from nightvoice.web.context import of, show

WEEK: Final = timedelta(weeks=1)
BACK: Final = {"3m": timedelta(weeks=13), "1y": timedelta(weeks=52), "all": None}


@dataclass(frozen=True, slots=True)
class Row:
    """A week, or a year, in the table."""

    label: str
    nights: int
    listened: int
    cramps: int
    average: Average | None = None

    @property
    def rate(self) -> float | None:
        return 7 * self.cramps / self.listened if self.listened else None


def trends(request: Request) -> Response:
    """``/trends``, or ``/trends?back=1y``"""
    context = of(request)
    back = request.query_params.get("back", "3m")
    back = back if back in BACK else "3m"
    lead_in, nights = _nights(request, BACK[back])
    by_week = [week for week in weeks([*lead_in, *nights]) if week.start > nights[0].date - WEEK] if nights else []
    by_year = len(by_week) > charts.MANY_WEEKS
    episodes = [episode for night in nights for episode in night.episodes]
    cramps = sum(week.cramps for week in by_week)
    rated = [episode.severity for episode in episodes if episode.severity is not None]
    found, eased = site_counts(nights), remedies(nights)
    return show(
        request,
        "trends.html",
        back=back,
        since=nights[0].date if nights else None,
        until=nights[-1].date if nights else None,
        nights=len(nights),
        listened=sum(week.listened for week in by_week),
        cramps=cramps,
        left_out=len(episodes) - cramps,
        chart=charts.trend(by_week) if by_week else None,
        latest=by_week[-1].average if by_week else None,
        rows=_years(nights) if by_year else _weeks(by_week),
        by_year=by_year,
        places=found,
        most=max((max(place.left, place.right) for place in found), default=0) or 1,
        remedies=eased,
        names=_names([remedy.step for remedy in eased], context.pack),
        rated=len(rated),
        middle=median(rated) if rated else None,
        total=len(episodes),
        pack=context.pack,
    )


def _nights(request: Request, back: timedelta | None) -> tuple[list[Night], list[Night]]:
    """The nights from ``back`` ago, or from the first that anything is known of; before them those that the first
    moving averages need."""
    context = of(request)
    period = context.diary.period()
    until = last_night(context.now())
    if period is None or period[0] > until:
        return [], []
    since = period[0] if back is None else max(period[0], until - back + timedelta(days=1))
    since -= timedelta(days=since.weekday()) if since > period[0] else timedelta()
    nights = context.past.nights(max(period[0], since - (WINDOW - 1) * WEEK), until)
    shown = (until - since).days + 1
    return nights[:-shown], nights[-shown:]


def _names(steps: Sequence[str], pack: Pack) -> dict[str, str]:
    """What steps are called; where two are called the same, with the place that each is for."""
    called = {step: pack.morning.steps.get(step, step.replace("-", " ")) for step in steps}
    often = Counter(called.values())
    for step, name in called.items():
        site = next((site for site, known in pack.protocols.items() if step in [one.id for one in known]), None)
        if often[name] > 1 and site in pack.phrases.places:
            called[step] = f"{name}, {pack.phrases.places[site].none}"
    return called


def _weeks(by_week: Sequence[Week]) -> list[Row]:
    return [
        Row(words.short_day(week.start), week.nights, week.listened, week.cramps, week.average)
        for week in reversed(by_week)
    ]


def _years(nights: Sequence[Night]) -> list[Row]:
    sums: dict[int, tuple[int, int, int]] = {}
    for night in nights:
        of, listened, cramps = sums.get(night.date.year, (0, 0, 0))
        counts = is_observed(night)
        sums[night.date.year] = (of + 1, listened + counts, cramps + (len(night.episodes) if counts else 0))
    return [Row(str(year), *counted) for year, counted in sorted(sums.items(), reverse=True)]
