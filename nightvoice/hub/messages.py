"""Validates the bridges' messages and converts them to rows. Pure.

Unlisted fields are dropped, so that nothing a person said or wrote is ever stored.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from nightvoice.diary.kinds import KINDS
from nightvoice.diary.marks import BRIDGE, may_leave

MAX_MESSAGE_BYTES: Final = 16_384
"""Largest message accepted; a bridge's messages have a few hundred bytes."""
_BED: Final = re.compile(r"[a-z0-9_-]{1,40}")
_FIRST_YEAR, _LAST_YEAR = 2000, 2099

_Number = Annotated[int, Field(gt=0, lt=2**63)]


class _EventMessage(BaseModel):
    log: Annotated[str, Field(pattern=r"^[0-9a-f]{1,32}$")]
    seq: _Number
    at: AwareDatetime
    night: date
    episode: _Number | None = None
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
    data: dict[str, Any]


class _NightMessage(BaseModel):
    night: date
    seq: Annotated[int, Field(ge=0, lt=2**63)]
    listened_h: Annotated[float, Field(ge=0, le=24)]
    coverage: Annotated[str, Field(pattern=r"^[a-z]{1,16}$")]
    cramps: Annotated[int, Field(ge=0, le=10_000)]


@dataclass(frozen=True, slots=True)
class BedEvent:
    """A row of the table ``events``; ``bed``, ``log`` and ``seq`` identify the event."""

    row: Mapping[str, Any]
    day: date
    """Day of the event in UTC."""


@dataclass(frozen=True, slots=True)
class BedNight:
    """A row of the table ``nights``. The newer of two rows of a night has the greater ``seq``, then more hours."""

    row: Mapping[str, Any]


def bed_of(topic: str) -> str:
    """Return the bed of a topic PREFIX/BED/TOPIC. Raises ValueError."""
    bed = topic.split("/")[-2]
    if not _BED.fullmatch(bed):
        raise ValueError("is from a bed with an invalid name")
    return bed


def parse(topic: str, payload: bytes | bytearray) -> BedEvent | BedNight:
    """Return the row for a message on PREFIX/BED/events or PREFIX/BED/night. Raises ValueError with the reason."""
    bed = bed_of(topic)
    if len(payload) > MAX_MESSAGE_BYTES:
        raise ValueError("is too long")
    try:
        return _parse_event(bed, payload) if topic.endswith("/events") else _parse_night(bed, payload)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise ValueError(f"has a wrong {'.'.join(map(str, wrong['loc'])) or 'form'}") from None


def _parse_event(bed: str, payload: bytes | bytearray) -> BedEvent:
    event = _EventMessage.model_validate_json(payload)
    _check_year(event.at.date())
    _check_year(event.night)
    data = json.dumps(may_leave(event.data, BRIDGE, event.kind, KINDS), allow_nan=False)
    if "\\u0000" in data:
        raise ValueError("contains a NUL character")
    offset = event.at.utcoffset()
    assert offset is not None
    row = {**dict(event), "bed": bed, "at_offset": round(offset.total_seconds() / 60), "data": data}
    return BedEvent(row, event.at.astimezone(UTC).date())


def _parse_night(bed: str, payload: bytes | bytearray) -> BedNight:
    night = _NightMessage.model_validate_json(payload)
    _check_year(night.night)
    return BedNight({**dict(night), "bed": bed})


def _check_year(day: date) -> None:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError("has a date that is years off")
