"""The calendar, which distinguishes nights with a cramp, without one, and not listened to."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nightvoice.diary.night import Night
from nightvoice.insight.coverage import Observation, is_observed, observation
from nightvoice.web.context import context_of
from nightvoice.web.kit.render import render

ONE_DAY: Final = timedelta(days=1)
MONTHS: Final = 3
"""Number of months on one page."""


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """One night in the calendar."""

    date: date
    kind: str
    """``cramp``, ``none``, ``part``, ``deaf``, or ``blank`` for a night to come or before the diary's first."""
    cramps: int = 0
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """One month in the calendar. Its weeks start on Monday."""

    first: date
    weeks: list[list[CalendarCell | None]]
    """Weeks that have begun; None for a day of another month."""
    nights: int
    """Past nights since the diary's first."""
    listened: int
    """Observed nights (see ``insight.coverage``)."""
    with_cramps: int
    """Observed nights with a cramp."""
    cramps: int
    """Cramps on observed nights."""
    unheard: int
    """Cramps on nights that were not observed."""


def show_calendar(request: Request) -> Response:
    """``/nights``, or ``/nights?until=2026-03`` for the months up to that one."""
    context = context_of(request)
    last = context.last_night()
    newest = _first_of_month(last)
    until = _parse_month(request.query_params["until"]) if "until" in request.query_params else newest
    until = min(until, newest)
    period = context.diary.period()
    first = period[0] if period else last + ONE_DAY
    months = [_shift_month(until, -back) for back in range(MONTHS)]
    begin, end = max(months[-1], first), min(last, _shift_month(until, 1) - ONE_DAY)
    nights = context.night_cache.nights(begin, end) if begin <= end else []
    earlier = _shift_month(until, -MONTHS)
    return render(
        request,
        "nights.html",
        months=[
            _calendar_month(month, nights, last) for month in months if month == until or _shift_month(month, 1) > first
        ],
        earlier=f"{earlier:%Y-%m}" if first < months[-1] else None,
        later=f"{min(_shift_month(until, MONTHS), newest):%Y-%m}" if until < newest else None,
    )


def _calendar_month(first: date, nights: Sequence[Night], last: date) -> CalendarMonth:
    by_date = {night.date: night for night in nights if _first_of_month(night.date) == first}
    weeks = [
        [_cell(day, by_date.get(day)) if day.month == first.month else None for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
        if any(day <= last and day.month == first.month for day in week)
    ]
    counted = [night for night in by_date.values() if is_observed(night)]
    cramps = sum(len(night.episodes) for night in counted)
    return CalendarMonth(
        first,
        weeks,
        nights=len(by_date),
        listened=len(counted),
        with_cramps=sum(bool(night.episodes) for night in counted),
        cramps=cramps,
        unheard=sum(len(night.episodes) for night in by_date.values()) - cramps,
    )


def _cell(day: date, night: Night | None) -> CalendarCell:
    if night is None:
        return CalendarCell(day, "blank")
    kinds = {Observation.OBSERVED: "none", Observation.PARTLY: "part", Observation.NOT: "deaf"}
    kind = "cramp" if night.episodes else kinds[observation(night)]
    return CalendarCell(day, kind, len(night.episodes), bool(night.flags))


def _parse_month(text: str) -> date:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise HTTPException(404) from None
    if not 1900 <= month.year <= 9000:
        raise HTTPException(404)
    return month


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


def _shift_month(month: date, by: int) -> date:
    """Return the first day of the month ``by`` months later."""
    year, index = divmod(month.year * 12 + month.month - 1 + by, 12)
    return date(year, index + 1, 1)
