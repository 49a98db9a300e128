"""What a person may change in an episode afterwards."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from nightvoice.content.schema import SITES
from nightvoice.diary.episode import OUTCOMES, SIDES
from nightvoice.errors import NightvoiceError


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """``fields``, if each may be edited and its value is possible (None clears it). Raises NightvoiceError."""
    for name, value in fields.items():
        if name not in _EDITABLE:
            raise NightvoiceError(f"{name}: cannot be edited; {', '.join(_EDITABLE)} can")
        possible, should = _EDITABLE[name]
        if value is not None and not possible(value):
            raise NightvoiceError(f"{name} {value!r}: should be {should}")
    return dict(fields)


def _one_of(words: tuple[str, ...]) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value in words, "one of " + ", ".join(words)


def _whole_number(most: int, unit: str = "") -> tuple[Callable[[Any], bool], str]:
    return lambda value: type(value) is int and 0 <= value <= most, f"a whole number from 0 to {most}{unit}"


_EDITABLE: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "site": _one_of(SITES),
    "side": _one_of(SIDES),
    "outcome": _one_of(OUTCOMES),
    "severity": _whole_number(10),
    "soreness": _whole_number(10),
    "sleep_lost_minutes": _whole_number(24 * 60, " (minutes)"),
    "notes": (lambda value: isinstance(value, str), "text"),
}
