"""Marks on the fields of an event class: to which destinations a field may be copied.

A field without a mark, or with a mark that names no destination, stays in the diary.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import Flag, auto
from typing import Any, ClassVar, Final


class Destination(Flag):
    """Where an event may be copied to."""

    NOWHERE = 0
    BRIDGE = auto()
    """MQTT messages, and the hub that stores them."""
    EXPORT = auto()
    """The hub's pseudonymous export for research."""
    LOG = auto()
    """The log file of the night."""
    SUPPORT = auto()
    """The log in the bundle of ``nightvoice support``."""
    WORDS = auto()
    """The log file of the night, only while the person has ``log.words`` switched on."""


NOWHERE: Final = Destination.NOWHERE
BRIDGE: Final = Destination.BRIDGE
EXPORT: Final = Destination.EXPORT
LOG: Final = Destination.LOG
SUPPORT: Final = Destination.SUPPORT
WORDS: Final = Destination.WORDS

ABSENT: Final[Any] = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
"""Default of an optional field: the field is left out of the event's data (None would be stored as null)."""
_MARK: Final = "destinations"


@dataclass(frozen=True, slots=True)
class EventData:
    """Base of all event classes: what an event of one kind carries."""

    kind: ClassVar[str]
    """The name that is stored and shown."""

    def data(self) -> dict[str, Any]:
        """The fields as they are stored, in the order of the class."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if value is not ABSENT}


Schema = Mapping[str, type[EventData]]
"""Event classes by kind."""


def coded(to: Destination = NOWHERE, *, default: Any = MISSING) -> Any:
    """A field that holds a code of ours or a figure; it may be copied to ``to``."""
    return field(default=default, metadata={_MARK: to})


def free_text(to: Destination = NOWHERE, *, default: Any = MISSING) -> Any:
    """A field with something a person said or wrote. It never leaves the device: ``to`` can only be WORDS."""
    if to not in (NOWHERE, WORDS):
        raise ValueError(f"free text cannot be sent to {to}; the only destination is WORDS")
    return field(default=default, metadata={_MARK: to})


def program_text(*, default: Any = MISSING) -> Any:
    """A message of the program about itself; it goes into the log as it is."""
    return field(default=default, metadata={_MARK: LOG})


def fields_to(to: Destination, kind: str, schema: Schema) -> tuple[str, ...]:
    """The fields of ``kind`` whose marks name ``to``, in the order of the class; none for a kind not in ``schema``."""
    if kind not in schema:
        return ()
    return tuple(item.name for item in fields(schema[kind]) if item.metadata.get(_MARK, NOWHERE) & to)


def may_leave(data: Mapping[str, Any], to: Destination, kind: str, schema: Schema) -> dict[str, Any]:
    """The part of ``data``, of an event of ``kind``, that may be copied to ``to``."""
    return {name: data[name] for name in fields_to(to, kind, schema) if name in data}
