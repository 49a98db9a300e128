"""Checks events that come from a file: no record of nights has such years, numbers or texts."""

from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, Final

from nightvoice.diary.episode import OPENING_KINDS
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import DAY_KINDS, KINDS
from nightvoice.diary.night import Span
from nightvoice.diary.validation import LAST_YEAR, validate_fields, validate_tags
from nightvoice.errors import NightvoiceError

FIRST_YEAR: Final = 1970
"""The year of a clock that was never set, which ``nightvoice repair`` corrects."""
LONGEST_TEXT: Final = 100_000
"""Most letters of a note; the page takes 4,000."""
LONGEST_CODE: Final = 100
"""Most letters of a name such as that of a step or a danger sign."""
LONGEST_SPAN: Final = timedelta(days=31)
"""Longest time of listening without a break."""
_FREE_TEXT: Final = frozenset({"notes", "text"})
_CODES: Final = frozenset({"protocol", "step", "effect", "flag", "action", "status", "intent"})


def check_event(event: Event) -> None:
    """Raise ValueError if ``event`` could not have been written by a diary."""
    name = f"event {event.seq}"
    _check_year(name, event.at)
    _check_year(name, event.night)
    if not event.kind.isprintable() or len(event.kind) > LONGEST_CODE:
        raise ValueError(f"{name}: its kind should be a name")
    _check_value(name, "data", dict(event.data), known=event.kind in KINDS)
    for code in _CODES & event.data.keys():
        if not isinstance(event.data[code], str):
            raise ValueError(f"{name}: {code} should be a name")
    try:
        if event.kind == "episode_edited":
            validate_fields(event.data)
        elif event.kind in (*OPENING_KINDS, "site"):
            entered = ("site", "side", "minutes", "severity", "notes")
            validate_fields({key: event.data[key] for key in entered if key in event.data})
        elif event.kind == "episode_closed":
            validate_fields({"outcome": event.data["outcome"]})
        elif event.kind in DAY_KINDS - {"night_noted"}:
            validate_tags(event.data)
    except NightvoiceError as error:
        raise ValueError(f"{name}: {error}") from None


def check_span(span: Span) -> None:
    """Raise ValueError if nobody can have listened in ``span``."""
    for end in (span.start, span.end):
        _check_year("listening", end)
    if not timedelta() <= span.end - span.start <= LONGEST_SPAN:
        raise ValueError(f"listening from {span.start:%Y-%m-%d} to {span.end:%Y-%m-%d}: is no span of a night")


def _check_year(name: str, at: date | datetime) -> None:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"{name}: the year {at.year} should be from {FIRST_YEAR} to {LAST_YEAR}")


def _check_value(name: str, key: str, value: Any, known: bool) -> None:
    """Check numbers and texts at any depth; ``known``: this version knows which texts are free."""
    match value:
        case dict():
            for inner, found in value.items():
                _check_value(name, "data", inner, known)
                _check_value(name, inner, found, known)
        case list():
            for found in value:
                _check_value(name, key, found, known)
        case str():
            if key in _FREE_TEXT or not known:
                if len(value) > LONGEST_TEXT:
                    raise ValueError(f"{name}: {key} has {len(value)} letters; at most {LONGEST_TEXT} are taken")
            elif len(value) > LONGEST_CODE or not value.isprintable():
                raise ValueError(f"{name}: {key[:LONGEST_CODE]} should be at most {LONGEST_CODE} letters on one line")
        case int() | float():
            if not isfinite(value) or not -(2**63) <= value < 2**63:
                raise ValueError(f"{name}: {key} should be a number of a usual size")
