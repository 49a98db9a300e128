"""Validates the bridges' messages and converts them to rows. Pure.

Unlisted fields, and values that are no codes, are dropped, so that nothing a person said or wrote is ever stored.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from nightvoice.diary.kinds import KINDS
from nightvoice.diary.marks import BRIDGE, is_code, may_leave

MAX_MESSAGE_BYTES: Final = 16_384
"""Largest message accepted; a bridge's messages have a few hundred bytes."""
MAX_BATCH_BYTES: Final = 131_072
"""Largest message with many events; a bridge's have at most 100."""
_BED: Final = re.compile(r"[a-z0-9_-]{1,40}")
AHEAD: Final = timedelta(days=1)
"""How far a bed's clock may be ahead of the hub's; its time zone may be, too."""
BEHIND: Final = timedelta(days=3 * 366)
"""Age of the oldest event taken; an older one is of a clock that was not set."""

_Number = Annotated[int, Field(gt=0, lt=2**63)]


_Log = Annotated[str, Field(pattern=r"^[0-9a-f]{1,32}$")]


class _Event(BaseModel):
    seq: _Number
    after: Annotated[int, Field(ge=0)] | None = None
    at: AwareDatetime
    night: date
    episode: _Number | None = None
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
    data: dict[str, Any]


class _EventMessage(_Event):
    log: _Log


class _BatchMessage(BaseModel):
    log: _Log
    events: list[Any]


class NightNews(BaseModel):
    """A night as the ward page shows it. Hours listened are at most 25: a night may have an hour more."""

    night: date
    listened_h: Annotated[float, Field(ge=0, le=25)]
    coverage: Annotated[str, Field(pattern=r"^[a-z]{1,16}$")]
    cramps: Annotated[int, Field(ge=0, le=10_000)]
    flags: list[Any] = []


class _NightMessage(NightNews):
    seq: Annotated[int, Field(ge=0, lt=2**63)]


class EpisodeNews(BaseModel):
    """Whether there is a cramp now, since when, and where."""

    state: Literal["ON", "OFF"]
    since: AwareDatetime | None = None
    site: str | None = None
    side: str | None = None


class MomentNews(BaseModel):
    """Something that just happened."""

    event_type: str


@dataclass(frozen=True, slots=True)
class BedEvent:
    """A row of the table ``events`` as JSON; ``bed``, ``log`` and ``seq`` identify the event."""

    row: Mapping[str, Any]
    day: date
    """Day of the event in UTC."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that the ward does not store: its ``bed``, ``log`` and ``seq``, and ``after`` which number it comes."""

    row: Mapping[str, Any]


class UndatableEventError(ValueError):
    """An event whose date cannot be true."""

    def __init__(self, reason: str, left_out: LeftOut) -> None:
        super().__init__(reason)
        self.left_out: Final = left_out


@dataclass(frozen=True, slots=True)
class BedNight:
    """A row of the table ``nights``. The newer of two rows of a night has the greater ``seq``, then more hours."""

    row: Mapping[str, Any]


Parsed = BedEvent | BedNight | LeftOut


def bed_of(topic: str) -> str:
    """Return the bed of a topic PREFIX/BED/TOPIC. Raises ValueError."""
    bed = topic.split("/")[-2]
    if not _BED.fullmatch(bed):
        raise ValueError("is from a bed with an invalid name")
    return bed


def parse(topic: str, payload: bytes | bytearray, now: datetime) -> list[Parsed | ValueError]:
    """Return the rows for a message on PREFIX/BED/events, /batch or /night.

    In place of an event of a batch that is invalid, its error is returned. Raises ValueError with the reason,
    UndatableEventError if that is the date.
    """
    bed = bed_of(topic)
    kind = topic.rpartition("/")[2]
    if len(payload) > (MAX_BATCH_BYTES if kind == "batch" else MAX_MESSAGE_BYTES):
        raise ValueError("is too long")
    today = now.astimezone(UTC).date()
    with _readable_errors():
        match kind:
            case "batch":
                batch = _BatchMessage.model_validate_json(payload)
                return [_parse_batched(bed, batch.log, event, today) for event in batch.events]
            case "events":
                event = _EventMessage.model_validate_json(payload)
                return [_event_row(bed, event.log, event, today)]
            case _:
                return [_parse_night(bed, payload, today)]


@contextmanager
def _readable_errors() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        wrong = error.errors()[0]
        raise ValueError(f"has a wrong {'.'.join(map(str, wrong['loc'])) or 'form'}") from None


def _parse_batched(bed: str, log: str, given: Any, today: date) -> BedEvent | ValueError:
    try:
        with _readable_errors():
            return _event_row(bed, log, _Event.model_validate(given), today)
    except ValueError as error:
        return error


def _event_row(bed: str, log: str, event: _Event, today: date) -> BedEvent:
    offset = event.at.utcoffset()
    assert offset is not None
    # Early bridges do not say which event comes before.
    after = event.seq - 1 if event.after is None else min(event.after, event.seq - 1)
    numbers = {"bed": bed, "log": log, "seq": event.seq, "after": after}
    try:
        at = _utc(event.at)
        day = at.date()
        _check_day(day, today)
        _check_day(event.night, today)
    except ValueError as error:
        raise UndatableEventError(str(error), LeftOut(numbers)) from None
    row = {
        **numbers,
        # PostgreSQL refuses some offsets that Python and pydantic take, such as +23:59.
        "at": at.isoformat(),
        "at_offset": round(offset.total_seconds() / 60),
        "night": event.night.isoformat(),
        "episode": event.episode,
        "kind": event.kind,
        "data": _codes(may_leave(event.data, BRIDGE, event.kind, KINDS)),
    }
    return BedEvent(row, day)


def _parse_night(bed: str, payload: bytes | bytearray, today: date) -> BedNight:
    night = _NightMessage.model_validate_json(payload)
    _check_day(night.night, today)
    return BedNight({**night.model_dump(exclude={"flags"}), "bed": bed})


def _codes(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the codes of ``data``, and of mappings in it; None where a value was withdrawn. The rest is left out."""
    found = {}
    for name, value in data.items():
        if is_code(value) or value is None:
            found[name] = value
        elif isinstance(value, dict):
            found[name] = {key: code for key, code in value.items() if is_code(key) and is_code(code)}
    return found


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("has a date that is years off") from None


def _check_day(day: date, today: date) -> None:
    """Raise ValueError if ``day`` cannot be; ``today`` is that of UTC."""
    if day > today + AHEAD:
        raise ValueError(f"is of {day}, which is still to come: check the clock of the bed")
    if day < today - BEHIND:
        raise ValueError(f"is of {day}, which is too long ago")
