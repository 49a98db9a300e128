"""The calendar: cramp, none, and not listened are three different things."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nightvoice.diary.night import Night
from nightvoice.insight.coverage import Observation, is_observed, observation
from nightvoice.insight.night import last_night
from nightvoice.web.context import of, show

MONTHS = 3
"""Shown at a time."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A night in the calendar."""

    date: date
    kind: str
    """``cramp``, ``none``, ``part``, ``deaf``, or ``ahead`` where it is still to come."""
    cramps: int = 0
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """A month of nights, Mondays first."""

    first: date
    weeks: list[list[Cell | None]]
    """Those that have begun."""
    nights: int
    """That have passed."""
    listened: int
    """Of these, well enough to count."""
    with_cramps: int
    """Of those listened to."""
    cramps: int
    """In those listened to."""
    unheard: int
    """Cramps told in other nights."""


def calendar(request: Request) -> Response:
    """``/nights``, or ``/nights?until=2026-03`` for that month and those before it."""
    context = of(request)
    last = last_night(context.now())
    newest = _first(last)
    until = _month(request.query_params["until"]) if "until" in request.query_params else newest
    until = min(until, newest)
    months = [_shifted(until, -back) for back in range(MONTHS)]
    nights = context.past.nights(months[-1], min(last, _shifted(until, 1) - timedelta(days=1)))
    period = context.diary.period()
    earlier = _shifted(until, -MONTHS)
    return show(
        request,
        "nights.html",
        months=[_filled(month, nights) for month in months],
        earlier=f"{earlier:%Y-%m}" if period and period[0] < months[-1] else None,
        later=f"{min(_shifted(until, MONTHS), newest):%Y-%m}" if until < newest else None,
    )


def _filled(first: date, nights: Sequence[Night]) -> Month:
    of_month = {night.date: night for night in nights if _first(night.date) == first}
    weeks = [
        [_cell(day, of_month.get(day)) if day.month == first.month else None for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
        if any(day in of_month for day in week)
    ]
    counted = [night for night in of_month.values() if is_observed(night)]
    cramps = sum(len(night.episodes) for night in counted)
    return Month(
        first,
        weeks,
        nights=len(of_month),
        listened=len(counted),
        with_cramps=sum(bool(night.episodes) for night in counted),
        cramps=cramps,
        unheard=sum(len(night.episodes) for night in of_month.values()) - cramps,
    )


def _cell(day: date, night: Night | None) -> Cell:
    if night is None:
        return Cell(day, "ahead")
    kinds = {Observation.OBSERVED: "none", Observation.PARTLY: "part", Observation.NOT: "deaf"}
    return Cell(day, "cramp" if night.episodes else kinds[observation(night)], len(night.episodes), bool(night.flags))


def _month(text: str) -> date:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise HTTPException(404) from None
    if not 1900 <= month.year <= 9000:
        raise HTTPException(404)
    return month


def _first(day: date) -> date:
    return day.replace(day=1)


def _shifted(month: date, by: int) -> date:
    """The first of the month that many months later."""
    year, index = divmod(month.year * 12 + month.month - 1 + by, 12)
    return date(year, index + 1, 1)
