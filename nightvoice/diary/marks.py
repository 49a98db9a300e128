"""Marks on the fields of an event class, which name the destinations a field may be copied to.

A field without a mark, or whose mark names no destination, stays in the diary.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import Flag, auto
from functools import cache
from typing import Any, ClassVar, Final, TypeVar


class Destination(Flag):
    """Places outside the diary to which fields may be copied."""

    NOWHERE = 0
    BRIDGE = auto()
    """MQTT messages, and the hub that stores them."""
    EXPORT = auto()
    """The hub's pseudonymous export for research."""
    LOG = auto()
    """The night's log file."""
    SUPPORT = auto()
    """The log in the ``nightvoice support`` bundle."""
    WORDS = auto()
    """The night's log file, only while ``log.words`` is switched on."""


NOWHERE: Final = Destination.NOWHERE
BRIDGE: Final = Destination.BRIDGE
EXPORT: Final = Destination.EXPORT
LOG: Final = Destination.LOG
SUPPORT: Final = Destination.SUPPORT
WORDS: Final = Destination.WORDS

ABSENT: Final[Any] = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
"""Default of an optional field, which omits it from the event's data (None would be stored as null)."""
_MARK: Final = "destinations"
_CODE: Final = re.compile(r"[\w.:+-]{0,48}")
_TOO_LARGE: Final = 2**63


class EventData:
    """Base of all event classes; each holds the data of one kind of event, and is not changed."""

    kind: ClassVar[str]
    """Name of the kind, as stored and shown."""

    def data(self) -> dict[str, Any]:
        """Return the fields as stored, in the order of the class."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}  # type: ignore[arg-type] # see event_class
        return {name: value for name, value in values.items() if value is not ABSENT}


_Made = TypeVar("_Made", bound=EventData)


def event_class(kind: str, made: type[_Made]) -> type[_Made]:
    """Make the class of ``kind`` a dataclass, with the methods that events need.

    Each command makes all of them at its start. Comparing, printing and guarding against changes, which type checkers
    do, would be most of the time of that; so would the signature that stands in for a missing docstring.
    """
    made.__doc__ = made.__doc__ or kind
    made.kind = kind
    return dataclass(kw_only=True, eq=False, repr=False, match_args=False)(made)


Schema = Mapping[str, type[EventData]]
"""Event classes by kind."""


def coded(to: Destination = NOWHERE, *, default: Any = MISSING) -> Any:
    """Declare a field that holds a code of nightvoice or a number; it may be copied to ``to``."""
    return field(default=default, metadata={_MARK: to})


def free_text(to: Destination = NOWHERE, *, default: Any = MISSING) -> Any:
    """Declare a field that holds spoken or written text. It never leaves the device: ``to`` can only be WORDS."""
    if to not in (NOWHERE, WORDS):
        raise ValueError(f"free text cannot be sent to {to}; the only destination is WORDS")
    return field(default=default, metadata={_MARK: to})


def program_text(*, default: Any = MISSING) -> Any:
    """Declare a field that holds a message of the program about itself, which is logged unchanged."""
    return field(default=default, metadata={_MARK: LOG})


def fields_to(to: Destination, kind: str, schema: Schema) -> tuple[str, ...]:
    """Return the fields of ``kind`` marked for ``to``, in class order; none for a kind not in ``schema``."""
    return _marked(schema[kind], to) if kind in schema else ()  # type: ignore[arg-type] # a class is hashable


@cache
def _marked(made: type[EventData], to: Destination) -> tuple[str, ...]:
    marked = fields(made)  # type: ignore[arg-type] # see event_class
    return tuple(item.name for item in marked if item.metadata.get(_MARK, NOWHERE) & to)


def may_leave(data: Mapping[str, Any], to: Destination, kind: str, schema: Schema) -> dict[str, Any]:
    """Return the part of ``data`` that may be copied to ``to``. ``kind``: the kind of the event."""
    return {name: data[name] for name in fields_to(to, kind, schema) if name in data}


def is_code(value: Any) -> bool:
    """Return whether ``value`` is a number, a boolean, an identifier or a time, never a sentence."""
    if isinstance(value, str):
        return _CODE.fullmatch(value) is not None
    return isinstance(value, bool | int | float) and abs(value) < _TOO_LARGE  # false for NaN
