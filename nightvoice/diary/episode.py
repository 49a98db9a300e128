"""An episode: one cramp, from the first word to the last, folded from the log's events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from nightvoice.diary.event import Event

SIDES: Final = ("left", "right", "both")
OPENING_KINDS: Final = ("episode_opened", "episode_told")
"""Kinds of the first event of an episode."""
TOLD_FIELDS: Final = frozenset({"onset", "minutes"})
"""Fields that can be edited in an episode told later only: the times of others were measured."""
OUTCOMES: Final = ("gone", "eased", "worse", "stopped", "escalated", "unanswered", "interrupted")


class StepTaken(NamedTuple):
    """A step of a protocol that the person was guided through."""

    protocol: str
    step: str
    at: datetime
    effect: str | None
    """``eased``, ``same`` or ``worse``; None if not reported."""


class RecordedFlag(NamedTuple):
    """A red flag that was raised, and the advice that was given."""

    flag: str
    action: str
    at: datetime
    status: str | None = None
    """None if the person told of it, else as in ``kinds.FlagReported``."""


@dataclass(frozen=True, slots=True)
class Episode:
    """The record of one cramp. Times are aware and have the UTC offset of the person's clock."""

    id: int
    """The ``seq`` of the event that opened it."""
    night: date
    onset: datetime
    ended: datetime | None = None
    """None while the episode is open, and if the person told of it later and named no duration."""
    site: str | None = None
    side: str | None = None
    outcome: str | None = None
    severity: int | None = None
    """Pain from 0 to 10, rated afterwards."""
    soreness: int | None = None
    """Soreness of the muscle afterwards, 0 to 10."""
    sleep_lost_minutes: int | None = None
    notes: str | None = None
    steps: tuple[StepTaken, ...] = ()
    flags: tuple[RecordedFlag, ...] = ()
    told_later: bool = False
    """True if the person entered it afterwards: nobody was guided, and its times are remembered ones."""

    @property
    def duration(self) -> timedelta | None:
        """Elapsed time, correct across clock changes; None without an end."""
        return None if self.ended is None else self.ended.astimezone(UTC) - self.onset.astimezone(UTC)


def new_episode(event: Event) -> Episode:
    """Return the episode started by one of ``OPENING_KINDS``."""
    data = event.data
    episode = Episode(event.seq, event.night, event.at, site=data.get("site"), side=data.get("side"))
    if event.kind != "episode_told":
        return episode
    minutes = data.get("minutes")
    ended = None if minutes is None else event.at + timedelta(minutes=minutes)
    outcome = None if minutes is None else "gone"
    episode = replace(episode, ended=ended, outcome=outcome, told_later=True)
    return replace(episode, severity=data.get("severity"), notes=data.get("notes"))


def apply_to_episode(episode: Episode, event: Event) -> Episode:
    """Return ``episode`` with ``event`` applied; the same object if nothing changes."""
    data = event.data
    match event.kind:
        case "site":
            return replace(episode, site=data["site"], side=data.get("side") or episode.side)
        case "step":
            return replace(episode, steps=(*episode.steps, StepTaken(data["protocol"], data["step"], event.at, None)))
        case "effect":
            return replace(episode, steps=_with_effect(episode.steps, data))
        case "flag":
            return replace(episode, flags=(*episode.flags, recorded_flag(event)))
        case "episode_closed":
            return replace(episode, ended=event.at, outcome=data["outcome"])
        case "episode_edited":
            return _edited(episode, data)
        case _:
            return episode


def _edited(episode: Episode, data: Mapping[str, Any]) -> Episode:
    """Return ``episode`` with changed fields. A change of the onset alone keeps the duration."""
    fields = {name: value for name, value in data.items() if name not in TOLD_FIELDS}
    if not (episode.told_later and TOLD_FIELDS & data.keys()):
        return replace(episode, **fields)
    onset = datetime.fromisoformat(data["onset"]) if "onset" in data else episode.onset
    lasted = episode.duration
    if "minutes" in data:
        lasted = None if data["minutes"] is None else timedelta(minutes=data["minutes"])
    outcome = episode.outcome or ("gone" if lasted is not None else None)
    ended = None if lasted is None else onset + lasted
    return replace(episode, **({"onset": onset, "ended": ended, "outcome": outcome} | fields))


def recorded_flag(event: Event) -> RecordedFlag:
    """Return the red flag of a ``flag`` event."""
    return RecordedFlag(event.data["flag"], event.data["action"], event.at, event.data.get("status"))


def _with_effect(steps: tuple[StepTaken, ...], data: Any) -> tuple[StepTaken, ...]:
    """Return ``steps`` with the effect set on the latest repetition of the step."""
    for index in range(len(steps) - 1, -1, -1):
        if (steps[index].protocol, steps[index].step) == (data["protocol"], data["step"]):
            return (*steps[:index], steps[index]._replace(effect=data["effect"]), *steps[index + 1 :])
    return steps
