"""A period of the diary, by options."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.diary.store import Diary


def parsed(option: str, text: str) -> date:
    """The date that was given to ``option``. Raises NightvoiceError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NightvoiceError(f"{option} {text}: is not a date; write it as 2026-03-01") from None


def known_period(diary: Diary) -> tuple[date, date]:
    """The first and the last night of the diary. Raises NightvoiceError where it is empty."""
    found = diary.period()
    if found is None:
        raise NightvoiceError(f"diary {diary.name}: has no nights yet; nightvoice run writes them")
    return found
