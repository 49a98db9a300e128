"""The events of a running night, as ``--json`` shows them: one class per kind, with the marks of ``diary/marks.py``.

Diary events that the guide records are shown unchanged; this module defines all other events.
"""

from collections import ChainMap
from collections.abc import Callable
from dataclasses import field
from typing import Any, Final, TypeVar, dataclass_transform

from nightvoice.diary.kinds import KINDS, IntentHeard
from nightvoice.diary.marks import (
    ABSENT,
    LOG,
    SUPPORT,
    WORDS,
    EventData,
    coded,
    event_class,
    free_text,
    program_text,
)

_OWN: Final[dict[str, type[EventData]]] = {}
NIGHT_EVENTS: Final = ChainMap[str, type[EventData]](_OWN, KINDS)  # type: ignore[arg-type] # KINDS is only read
"""Every kind of event of the night."""

_Made = TypeVar("_Made", bound=EventData)


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(field, coded, free_text, program_text)
)
def _night_event(name: str) -> Callable[[type[_Made]], type[_Made]]:
    """Make the class a dataclass and register it in NIGHT_EVENTS."""

    def enter(plain: type[_Made]) -> type[_Made]:
        made = event_class(name, plain)
        _OWN[name] = made
        return made

    return enter


@_night_event("listening")
class ListeningEvent(EventData):
    """The night begins."""

    engine: str = coded(LOG | SUPPORT)
    voice: str = coded(LOG | SUPPORT)
    content: str = coded()
    """The language pack, and whether a clinician reviewed it."""


@_night_event("heard")
class HeardEvent(IntentHeard):
    text: str = free_text(WORDS)


@_night_event("rejected")
class RejectedEvent(EventData):
    """Speech was nearly understood."""

    intent: str = coded(LOG | SUPPORT)
    why: str = free_text(WORDS)
    verdict: str = coded()
    """``rejected``, or ``doubtful`` if the guide may ask about it."""
    score: float = coded(LOG | SUPPORT)
    engine: str = coded(LOG | SUPPORT)
    text: str = free_text(WORDS)


@_night_event("said")
class SaidEvent(EventData):
    text: str = free_text(WORDS)
    claim: str = coded(LOG | SUPPORT, default=ABSENT)
    """The medical claim that the text makes, if it makes one."""
    start: float = coded()
    """Seconds into the night."""
    end: float = coded()
    """Seconds into the night."""


@_night_event("interrupted")
class InterruptedEvent(EventData):
    """An utterance was cut off."""

    text: str = free_text(WORDS)


@_night_event("deaf")
class DeafEvent(EventData):
    """The microphone or the recogniser stopped working."""

    reason: str = coded(LOG | SUPPORT)
    """``microphone`` or ``ears``."""


@_night_event("hears_again")
class HearsAgainEvent(EventData):
    seconds: float = coded(LOG | SUPPORT)
    """Seconds without input."""


@_night_event("suspended")
class SuspendedEvent(EventData):
    """The computer slept."""

    seconds: float = coded(LOG | SUPPORT)


@_night_event("clock_moved")
class ClockMovedEvent(EventData):
    """The computer's clock was set."""

    seconds: float = coded(LOG | SUPPORT)
    """Positive: forward."""


@_night_event("time_zone")
class TimeZoneEvent(EventData):
    """The computer's time zone was set."""

    offset: str = coded(LOG | SUPPORT)
    """The new offset from UTC, like +0100."""


@_night_event("profile")
class ProfileEvent(EventData):
    """The person answered a question about themselves."""

    condition: str = coded()
    holds: bool = coded()


@_night_event("profile_not_kept")
class ProfileNotKeptEvent(EventData):
    """The answer could not be written into the configuration."""

    why: str = free_text(WORDS)


@_night_event("part_failed")
class PartFailedEvent(EventData):
    """A part raised an exception; the night goes on."""

    part: str = coded(LOG | SUPPORT)
    why: str = program_text()


@_night_event("diary")
class DiaryNoticeEvent(EventData):
    """A notice from the diary."""

    why: str = program_text()


@_night_event("diary_unavailable")
class DiaryUnavailableEvent(EventData):
    why: str = program_text()


@_night_event("summary")
class SummaryEvent(EventData):
    """The last event of the night. If the diary cannot be read, it has only an empty ``text`` and ``why``."""

    night: str = coded(default=ABSENT)
    listened_h: float = coded(default=ABSENT)
    coverage: str = coded(default=ABSENT)
    gaps: list[dict[str, Any]] = coded(default=ABSENT)
    cramps: int = coded(default=ABSENT)
    episodes: list[dict[str, Any]] = free_text(default=ABSENT)
    """Including the person's notes."""
    flags: list[dict[str, Any]] = coded(default=ABSENT)
    text: str = free_text()
    why: str = free_text(default=ABSENT)


PROBLEMS: Final = frozenset({PartFailedEvent.kind, DiaryNoticeEvent.kind, DiaryUnavailableEvent.kind})
"""Events that are logged as warnings."""
