"""Parses dates and periods given as options."""

from __future__ import annotations

from datetime import date, timedelta
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


def optional_date(option: str, text: str | None) -> date | None:
    """Return the date given to ``option``, or None if there is none. Raises NightvoiceError."""
    return parse_date(option, text) if text else None


def known_period(diary: Diary) -> tuple[date, date]:
    """Return the first and the last night of the diary. Raises NightvoiceError if it is empty."""
    found = diary.period()
    if found is None:
        raise NightvoiceError(f"diary {diary.name}: has no nights yet; nightvoice run writes them")
    return found
