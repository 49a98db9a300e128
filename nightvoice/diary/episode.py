"""An episode: one cramp, from the first word to the last. And how the log's events make it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from nightvoice.diary.event import Event

SIDES: Final = ("left", "right", "both")
OUTCOMES: Final = ("gone", "eased", "worse", "stopped", "escalated", "unanswered", "interrupted")


class Step(NamedTuple):
    """One step of a protocol that the person was led through."""

    protocol: str
    step: str
    at: datetime
    effect: str | None
    """``eased``, ``same`` or ``worse``; None where nobody said."""


class Flag(NamedTuple):
    """A danger sign that was raised."""

    flag: str
    action: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Episode:
    """What the diary knows about one cramp. Times are aware, with the offset of the person's clock."""

    id: int
    """The ``seq`` of the event that opened it."""
    night: date
    onset: datetime
    ended: datetime | None = None
    """None while it is open."""
    site: str | None = None
    side: str | None = None
    outcome: str | None = None
    severity: int | None = None
    """0 to 10, rated afterwards."""
    soreness: int | None = None
    """0 to 10, how sore the muscle was afterwards."""
    sleep_lost_minutes: int | None = None
    notes: str | None = None
    steps: tuple[Step, ...] = ()
    flags: tuple[Flag, ...] = ()

    @property
    def duration(self) -> timedelta | None:
        """Time that really passed, also where the clocks were changed meanwhile."""
        return None if self.ended is None else self.ended.astimezone(UTC) - self.onset.astimezone(UTC)


def opened(event: Event) -> Episode:
    """The episode that begins with an ``episode_opened`` event."""
    return Episode(event.seq, event.night, event.at, site=event.data.get("site"), side=event.data.get("side"))


def after(episode: Episode, event: Event) -> Episode:
    """``episode`` as it is after ``event``; kinds that say nothing about it change nothing."""
    data = event.data
    match event.kind:
        case "site":
            return replace(episode, site=data["site"], side=data.get("side") or episode.side)
        case "step":
            return replace(episode, steps=(*episode.steps, Step(data["protocol"], data["step"], event.at, None)))
        case "effect":
            return replace(episode, steps=_with_effect(episode.steps, data))
        case "flag":
            return replace(episode, flags=(*episode.flags, Flag(data["flag"], data["action"], event.at)))
        case "episode_closed":
            return replace(episode, ended=event.at, outcome=data["outcome"])
        case "episode_edited":
            return replace(episode, **data)
        case _:
            return episode


def _with_effect(steps: tuple[Step, ...], data: Any) -> tuple[Step, ...]:
    """``steps`` with the effect on the last one of that name, which may have been repeated."""
    for index in range(len(steps) - 1, -1, -1):
        if (steps[index].protocol, steps[index].step) == (data["protocol"], data["step"]):
            return (*steps[:index], steps[index]._replace(effect=data["effect"]), *steps[index + 1 :])
    return steps
