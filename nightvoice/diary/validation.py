"""Validation of entries and changes made by the person."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from nightvoice.content.vocabulary import SITES
from nightvoice.diary.episode import OUTCOMES, SIDES
from nightvoice.errors import NightvoiceError
from nightvoice.system.clock import EARLIEST

LAST_YEAR: Final = 2100
LONGEST_MINUTES: Final = 600
"""Longest duration of a cramp that is accepted."""
LONGEST_TAG: Final = 40
"""Longest name of a tag, in characters."""


def validate_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``fields`` of an episode if all are editable and have valid values; None clears a field.

    Raises NightvoiceError.
    """
    for name, value in fields.items():
        if name not in _EDITABLE:
            raise NightvoiceError(f"{name}: cannot be edited; {', '.join(_EDITABLE)} can")
        is_valid, expected = _EDITABLE[name]
        if not is_valid(value) and (value is not None or name in _NEVER_EMPTY):
            raise NightvoiceError(f"{name} {value!r}: should be {expected}")
    return dict(fields)


def validate_tags(tags: Mapping[str, Any]) -> dict[str, bool | None]:
    """Return ``tags`` if their names are short single lines and their values True, False or None.

    Raises NightvoiceError.
    """
    for tag, answer in tags.items():
        if not (_is_text(tag) and 0 < len(tag) <= LONGEST_TAG and tag == tag.strip() and tag.isprintable()):
            raise NightvoiceError(f"tag {tag!r}: should be one to {LONGEST_TAG} letters on one line")
        if answer is not None and type(answer) is not bool:
            raise NightvoiceError(f"tag {tag}: {answer!r} should be true, false or null")
    return dict(tags)


def validate_note(text: Any) -> str:
    """Return ``text`` if it is not blank. Raises NightvoiceError."""
    if not (_is_text(text) and text.strip()):
        raise NightvoiceError("note: should be text")
    return str(text)


def _is_text(value: Any) -> bool:
    """Return whether ``value`` is text that all supported databases can store."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _one_of(words: tuple[str, ...]) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value in words, "one of " + ", ".join(words)


def _whole_number(most: int, unit: str = "") -> tuple[Callable[[Any], bool], str]:
    return lambda value: type(value) is int and 0 <= value <= most, f"a whole number from 0 to {most}{unit}"


def _is_onset(value: Any) -> bool:
    """Return whether ``value`` is the text of an aware time at which a diary can have been written."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return at.tzinfo is not None and at >= EARLIEST and at.year <= LAST_YEAR


_NEVER_EMPTY: Final = frozenset({"onset"})
_EDITABLE: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "site": _one_of(SITES),
    "side": _one_of(SIDES),
    "onset": (_is_onset, "a time with its zone"),
    "minutes": (
        lambda value: type(value) is int and 1 <= value <= LONGEST_MINUTES,
        f"a whole number from 1 to {LONGEST_MINUTES}",
    ),
    "outcome": _one_of(OUTCOMES),
    "severity": _whole_number(10),
    "soreness": _whole_number(10),
    "sleep_lost_minutes": _whole_number(24 * 60, " (minutes)"),
    "notes": (_is_text, "text"),
}
