"""The schema of the event log: one class per kind of event.

Marks on the fields decide which may leave the device (see ``marks.py``); bridge, hub, research export, log and support
bundle derive their whitelists from them. To add a kind or a field, see ``docs/adding-an-event-kind.md``.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum, auto
from typing import Any, ClassVar, Final, TypeVar, dataclass_transform

from nightvoice.diary.marks import (
    ABSENT,
    BRIDGE,
    EXPORT,
    LOG,
    SUPPORT,
    WORDS,
    EventData,
    coded,
    event_class,
    free_text,
)


class EventGroup(Enum):
    """Subject of an event."""

    LISTENING = auto()
    """Start, stop and gaps of listening. Never part of an episode."""
    SPEECH = auto()
    """Utterances of the person."""
    EPISODE = auto()
    """A cramp, from the first word to the last."""
    EDIT = auto()
    """Later entries and changes by the person about an episode."""
    DAY = auto()
    """Entries by the person about a night and the day before it. Never part of an episode."""
    STRETCH = auto()
    """The bedtime stretches. Never part of an episode."""
    HOUSE = auto()
    """Buttons elsewhere in the house, and messages to the contact."""


class DiaryEventData(EventData):
    """Base class of the diary's event kinds."""

    group: ClassVar[EventGroup]
    appended: ClassVar[bool]
    """Whether ``Diary.append`` accepts this kind; other kinds have ``Diary`` methods of their own."""
    exported: ClassVar[bool]
    """Whether events of this kind are part of the research export."""


KINDS: Final[dict[str, type[DiaryEventData]]] = {}
"""Every event kind of the diary by name."""

_Made = TypeVar("_Made", bound=DiaryEventData)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field, coded, free_text))
def _kind(
    name: str, group: EventGroup, *, appended: bool = True, exported: bool = False
) -> Callable[[type[_Made]], type[_Made]]:
    """Make the class a dataclass and register it in KINDS."""

    def enter(plain: type[_Made]) -> type[_Made]:
        made = event_class(name, plain)
        made.group, made.appended, made.exported = group, appended, exported
        KINDS[name] = made
        return made

    return enter


@_kind("listening_started", EventGroup.LISTENING, exported=True)
class ListeningStarted(DiaryEventData):
    engine: str = coded(BRIDGE)
    voice: str = coded(BRIDGE)
    version: str = coded(BRIDGE)
    boot: str = coded(default=ABSENT)
    booted: float = coded(default=ABSENT)
    synced: bool = coded(default=ABSENT)
    """The kernel's id of this start of the computer, its time in seconds since 1970, and if that is synchronized."""


@_kind("listening_stopped", EventGroup.LISTENING, exported=True)
class ListeningStopped(DiaryEventData):
    reason: str = coded(BRIDGE)
    """``ended``; in diaries of early releases also ``clock``."""


@_kind("gap", EventGroup.LISTENING, exported=True)
class Gap(DiaryEventData):
    """The assistant was not listening from ``start`` to ``end`` (ISO)."""

    start: str = coded(BRIDGE)
    end: str = coded(BRIDGE)
    reason: str = coded(BRIDGE)
    """``microphone``, ``ears`` or ``suspended``."""


@_kind("clock_set", EventGroup.LISTENING)
class ClockSet(DiaryEventData):
    """The computer's clock was set, so that earlier events have a wrong time (see ``clock_changes.py``)."""

    seconds: float = coded(BRIDGE)
    """Seconds to add to their time; negative: the clock was set back."""
    since: int = coded(BRIDGE, default=ABSENT)
    """Number of the first event with a wrong time; ``Diary.append`` fills it in."""
    until: int = coded(BRIDGE, default=ABSENT)
    """Number of the first event after it with a right time. Absent: this event is the first."""


@_kind("appointment", EventGroup.LISTENING)
class AppointmentKept(DiaryEventData):
    """A daily appointment was kept, so that the next run does not keep it again."""

    what: str = coded(BRIDGE)
    """``morning``, ``evening`` or ``stretches``."""


@_kind("night_end_set", EventGroup.LISTENING, appended=False)
class NightEndSet(DiaryEventData):
    """All nights were filed again, since the time of day at which a night ends was changed."""

    time: str = coded(BRIDGE)
    """Like ``18:00``."""


@_kind("heard", EventGroup.SPEECH, exported=True)
class IntentHeard(DiaryEventData):
    """An intent was recognized."""

    intent: str = coded(BRIDGE | EXPORT | LOG | SUPPORT)
    slots: Mapping[str, str] = coded(BRIDGE | WORDS)
    score: float = coded(BRIDGE | EXPORT | LOG | SUPPORT)
    engine: str = coded(BRIDGE | LOG | SUPPORT)


@_kind("episode_opened", EventGroup.EPISODE, exported=True)
class EpisodeOpened(DiaryEventData):
    site: str | None = coded(BRIDGE | EXPORT | WORDS)
    side: str | None = coded(BRIDGE | EXPORT | WORDS)


@_kind("site", EventGroup.EPISODE, exported=True)
class SiteNamed(DiaryEventData):
    """The person named the site of the cramp."""

    site: str = coded(BRIDGE | EXPORT | WORDS)
    side: str | None = coded(BRIDGE | EXPORT | WORDS)


@_kind("usual", EventGroup.EPISODE, exported=True)
class UsualAnswered(DiaryEventData):
    """The person said whether the cramp is like the usual ones."""

    usual: bool = coded(BRIDGE | EXPORT | LOG)


@_kind("step", EventGroup.EPISODE, exported=True)
class StepStarted(DiaryEventData):
    """A step has begun. A repetition is a new event."""

    protocol: str = coded(BRIDGE | EXPORT | LOG | SUPPORT)
    step: str = coded(BRIDGE | EXPORT | LOG | SUPPORT)


@_kind("effect", EventGroup.EPISODE, exported=True)
class StepRated(DiaryEventData):
    """The person reported the effect of a step."""

    protocol: str = coded(BRIDGE | EXPORT | LOG | SUPPORT)
    step: str = coded(BRIDGE | EXPORT | LOG | SUPPORT)
    effect: str = coded(BRIDGE | EXPORT | LOG | SUPPORT)
    """``eased``, ``same`` or ``worse``."""


@_kind("flag", EventGroup.EPISODE, exported=True)
class FlagReported(DiaryEventData):
    """A red flag: told by the person, or asked about."""

    flag: str = coded(BRIDGE | EXPORT | LOG)
    action: str = coded(BRIDGE | EXPORT | LOG | SUPPORT)
    status: str = coded(BRIDGE | EXPORT | LOG | SUPPORT, default=ABSENT)
    """``unconfirmed``: asked about, without a clear answer. ``withdrawn``: false alarm. Absent: the person told it."""
    answered: bool = coded(BRIDGE | EXPORT | LOG, default=ABSENT)
    """True if the person said that they were not sure; absent otherwise, in particular after silence."""


@_kind("episode_closed", EventGroup.EPISODE, exported=True)
class EpisodeClosed(DiaryEventData):
    outcome: str = coded(BRIDGE | EXPORT | LOG | SUPPORT)
    """One of ``episode.OUTCOMES``."""


@_kind("episode_told", EventGroup.EPISODE, appended=False, exported=True)
class EpisodeTold(DiaryEventData):
    """The person entered a cramp afterwards. The event's time is the onset that they named."""

    site: str | None = coded(BRIDGE | EXPORT | WORDS, default=ABSENT)
    side: str | None = coded(BRIDGE | EXPORT | WORDS, default=ABSENT)
    minutes: int | None = coded(BRIDGE | EXPORT, default=ABSENT)
    """Duration; absent if the person named none."""
    severity: int | None = coded(BRIDGE | EXPORT, default=ABSENT)
    notes: str | None = free_text(default=ABSENT)


@_kind("episode_edited", EventGroup.EDIT, exported=True)
class EpisodeEdited(DiaryEventData):
    """Changed fields of an episode; None clears a field."""

    episode: int = coded(default=ABSENT)  # for ``Diary.append``; not stored in the data
    site: str | None = coded(BRIDGE | EXPORT | WORDS, default=ABSENT)
    side: str | None = coded(BRIDGE | EXPORT | WORDS, default=ABSENT)
    onset: str = coded(BRIDGE, default=ABSENT)
    """Of a cramp told later, as ISO text with an offset. Not exported, because it has the date."""
    minutes: int | None = coded(BRIDGE | EXPORT, default=ABSENT)
    outcome: str | None = coded(LOG | SUPPORT, default=ABSENT)
    severity: int | None = coded(BRIDGE | EXPORT, default=ABSENT)
    soreness: int | None = coded(BRIDGE | EXPORT, default=ABSENT)
    sleep_lost_minutes: int | None = coded(BRIDGE | EXPORT, default=ABSENT)
    notes: str | None = free_text(default=ABSENT)


@_kind("episode_deleted", EventGroup.EDIT, appended=False)
class EpisodeDeleted(DiaryEventData):
    episode: int = coded(BRIDGE)


@_kind("night_tagged", EventGroup.DAY)
class NightTagged(DiaryEventData):
    """The person tagged the day before the night."""

    tags: Mapping[str, bool | None] = free_text()
    """True, false or None (withdrawn) by tag. Tag names may be the person's own."""

    def data(self) -> dict[str, Any]:
        """Return the tags."""
        return dict(self.tags)


@_kind("night_noted", EventGroup.DAY, appended=False)
class NightNoted(DiaryEventData):
    text: str | None = free_text()
    """Text of the note; None: the note was deleted."""


@_kind("stretch_started", EventGroup.STRETCH)
class StretchStarted(DiaryEventData):
    pass


@_kind("stretch_ended", EventGroup.STRETCH, exported=True)
class StretchEnded(DiaryEventData):
    completed: bool = coded(BRIDGE | EXPORT)
    holds: int = coded(BRIDGE | EXPORT)


@_kind("ordered", EventGroup.HOUSE)
class Ordered(DiaryEventData):
    """A button elsewhere in the house was pressed."""

    order: str = coded(BRIDGE | LOG | SUPPORT)


@_kind("notified", EventGroup.HOUSE)
class ContactNotice(DiaryEventData):
    """A message to the contact was delivered, or has not been delivered yet."""

    event: int = coded(BRIDGE)
    """Number of the event that caused the message."""
    cause: str = coded(BRIDGE)
    """``help`` or ``danger``."""
    reached: bool = coded(BRIDGE)


@_kind("identified", EventGroup.HOUSE, appended=False)
class Identified(DiaryEventData):
    """The diary got an id of its own, for records that leave it (see ``Diary.namespace``)."""

    namespace: str = coded()
    """A random UUID."""


def kinds_of(*groups: EventGroup) -> frozenset[str]:
    """Return the names of the kinds in ``groups``."""
    return frozenset(name for name, made in KINDS.items() if made.group in groups)


LISTENING_KINDS: Final = kinds_of(EventGroup.LISTENING)
EPISODE_KINDS: Final = kinds_of(EventGroup.EPISODE)
EDIT_KINDS: Final = kinds_of(EventGroup.EDIT)
DAY_KINDS: Final = kinds_of(EventGroup.DAY)
STRETCH_KINDS: Final = kinds_of(EventGroup.STRETCH)
WRITABLE_KINDS: Final = frozenset(name for name, made in KINDS.items() if made.appended)
"""Kinds that ``Diary.append`` accepts."""
EXPORTED_KINDS: Final = tuple(name for name, made in KINDS.items() if made.exported)
"""Kinds in the research export."""
