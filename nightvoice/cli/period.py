"""Parses dates and periods given as options."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.diary.store import Diary


def parse_date(option: str, text: str) -> date:
    """Return the date given to ``option``. Raises NightvoiceError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NightvoiceError(f"{option} {text}: is not a date; write it as 2026-03-01") from None


def optional_date(option: str, text: str | None) -> date | None:
    """Return the date given to ``option``, or None if there is none. Raises NightvoiceError."""
    return parse_date(option, text) if text else None


def known_period(diary: Diary) -> tuple[date, date]:
    """Return the first and the last night of the diary. Raises NightvoiceError if it is empty."""
    found = diary.period()
    if found is None:
        raise NightvoiceError(f"diary {diary.name}: has no nights yet; nightvoice run writes them")
    return found
