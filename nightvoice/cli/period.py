"""Parses dates and periods given as options."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.diary.store import Diary


def parse_date(option: str, text: str) -> date:
    """Return the date given to ``option``, which may be today or yesterday. Raises NightvoiceError."""
    days_ago = {"today": 0, "yesterday": 1}.get(text.strip().lower())
    if days_ago is not None:
        return date.today() - timedelta(days_ago)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NightvoiceError(f"{option} {text}: is not a date; write 2026-03-01, today or yesterday") from None


def parse_clock(option: str, text: str) -> time:
    """Return the time of day given to ``option``. Raises NightvoiceError."""
    hour, colon, minute = text.strip().partition(":")
    if colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2:
        with suppress(ValueError):
            return time(int(hour), int(minute))
    raise NightvoiceError(f"{option} {text}: is not a time; write 03:12, or 15:12 for the afternoon")


def optional_date(option: str, text: str | None) -> date | None:
    """Return the date given to ``option``, or None if there is none. Raises NightvoiceError."""
    return parse_date(option, text) if text else None


def known_period(diary: Diary) -> tuple[date, date]:
    """Return the first and the last night of the diary. Raises NightvoiceError if it is empty."""
    found = diary.period()
    if found is None:
        raise NightvoiceError(f"diary {diary.name}: has no nights yet; nightvoice run writes them")
    return found
