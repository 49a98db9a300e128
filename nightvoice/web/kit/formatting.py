"""Formats dates, times and numbers for people. FILTERS are the filters of the templates."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from nightvoice.system.counting import plural


def clock(at: datetime | time, hours: int) -> str:
    """Format a time of day: ``2:13 am`` if ``hours`` is 12, ``02:13`` if 24."""
    if hours == 24:
        return f"{at:%H:%M}"
    return f"{(at.hour - 1) % 12 + 1}:{at:%M} {'am' if at.hour < 12 else 'pm'}"


def full_hour(at: datetime | time, hours: int) -> str:
    """Format an hour: ``2 am`` if ``hours`` is 12, ``02`` if 24."""
    return f"{at:%H}" if hours == 24 else f"{(at.hour - 1) % 12 + 1} {'am' if at.hour < 12 else 'pm'}"


def day(when: date) -> str:
    """Format a date: ``28 February 2026``."""
    return f"{when.day} {when:%B %Y}"


def weekday(when: date) -> str:
    """Format the weekday: ``Saturday``."""
    return f"{when:%A}"


def month(when: date) -> str:
    """Format the month: ``February 2026``."""
    return f"{when:%B %Y}"


def span(length: timedelta) -> str:
    """Format a duration: ``8 h 30 min``, ``25 min`` or ``less than a minute``."""
    minutes = round(length / timedelta(minutes=1))
    if minutes < 1:
        return "less than a minute"
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def minutes(length: float) -> str:
    """Format a duration in minutes like ``span``."""
    return span(timedelta(minutes=length))


def number(value: float) -> str:
    """Format a number with at most one decimal: ``2.4``, ``3``."""
    return f"{value:.1f}".removesuffix(".0")


def percent(share: float) -> str:
    """Format a share: ``62 %``."""
    return f"{100 * share:.0f} %"


def sentence(text: str) -> str:
    """Capitalize the first letter."""
    return text[:1].upper() + text[1:]


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    function.__name__: function for function in (day, weekday, month, span, minutes, plural, number, percent, sentence)
}
