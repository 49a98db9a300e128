"""What a bed's bridge tells the hub, checked. Pure: topic and payload in, rows out.

Whatever else a message holds is dropped here, so that no word anybody spoke or wrote is ever stored.
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

LONGEST: Final = 16_384
"""Bytes of a message; the longest of a bridge has a few hundred."""
_BED: Final = re.compile(r"[a-z0-9_-]{1,40}")
_FIRST_YEAR, _LAST_YEAR = 2000, 2099

_Number = Annotated[int, Field(gt=0, lt=2**63)]


class _Event(BaseModel):
    log: Annotated[str, Field(pattern=r"^[0-9a-f]{1,32}$")]
    seq: _Number
    at: AwareDatetime
    night: date
    episode: _Number | None = None
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
    data: dict[str, Any]


class _Night(BaseModel):
    night: date
    seq: Annotated[int, Field(ge=0, lt=2**63)]
    listened_h: Annotated[float, Field(ge=0, le=24)]
    coverage: Annotated[str, Field(pattern=r"^[a-z]{1,16}$")]
    cramps: Annotated[int, Field(ge=0, le=10_000)]


@dataclass(frozen=True, slots=True)
class BedEvent:
    """One event of one bed: a row. ``bed``, ``log`` and ``seq`` are never given twice."""

    row: Mapping[str, Any]
    day: date
    """The day in UTC on which it happened."""


@dataclass(frozen=True, slots=True)
class BedNight:
    """How far a night of one bed has come: a row; of two the later has the greater ``seq``, then more hours."""

    row: Mapping[str, Any]


def bed_of(topic: str) -> str:
    """The bed in PREFIX/BED/WHAT. Raises ValueError."""
    bed = topic.split("/")[-2]
    if not _BED.fullmatch(bed):
        raise ValueError("is from a bed without a proper name")
    return bed


def read(topic: str, payload: bytes | bytearray) -> BedEvent | BedNight:
    """What came on PREFIX/BED/events or PREFIX/BED/night. Raises ValueError, saying in words what it is."""
    bed = bed_of(topic)
    if len(payload) > LONGEST:
        raise ValueError("is too long")
    try:
        return _event(bed, payload) if topic.endswith("/events") else _night(bed, payload)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise ValueError(f"has a wrong {'.'.join(map(str, wrong['loc'])) or 'form'}") from None


def _event(bed: str, payload: bytes | bytearray) -> BedEvent:
    event = _Event.model_validate_json(payload)
    _check_year(event.at.date())
    _check_year(event.night)
    data = json.dumps(may_leave(event.data, BRIDGE, event.kind, KINDS), allow_nan=False)
    if "\\u0000" in data:
        raise ValueError("holds a letter that no database takes")
    offset = event.at.utcoffset()
    assert offset is not None
    row = {**dict(event), "bed": bed, "at_offset": round(offset.total_seconds() / 60), "data": data}
    return BedEvent(row, event.at.astimezone(UTC).date())


def _night(bed: str, payload: bytes | bytearray) -> BedNight:
    night = _Night.model_validate_json(payload)
    _check_year(night.night)
    return BedNight({**dict(night), "bed": bed})


def _check_year(day: date) -> None:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError("is of a clock that is years away")
