"""Builds the bridge's MQTT messages from events and nights. Pure.

A message never holds anything a person said or wrote: it includes only those fields of an event that are
marked for the bridge in ``diary/kinds.py``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from nightvoice.bridge.batching import MAX_EVENTS
from nightvoice.diary.episode import Episode
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import KINDS
from nightvoice.diary.marks import BRIDGE, may_leave
from nightvoice.insight.narrative import as_json
from nightvoice.insight.night import NightSummary

MOMENT_MAX_AGE: Final = timedelta(minutes=2)
"""Oldest moment that is published: a cramp at three must not turn on the light at breakfast."""
ANNOUNCE_INTERVAL: Final = timedelta(minutes=1)
"""How often a bridge announces that it is online."""


@dataclass(frozen=True, slots=True)
class Topics:
    """MQTT topics of one bed, below ``base`` (PREFIX/BED)."""

    base: str

    @property
    def bridge(self) -> str:
        """State of the bridge: ``online`` or ``offline``, which is also the last will."""
        return f"{self.base}/bridge"

    @property
    def owner(self) -> str:
        """Id of the bridge's process, and questions for it (``bridge/ownership.py``)."""
        return f"{self.base}/owner"

    @property
    def ears(self) -> str:
        """State of the assistant: ``listening`` or ``deaf``."""
        return f"{self.base}/ears"

    @property
    def episode(self) -> str:
        return f"{self.base}/episode"

    @property
    def night(self) -> str:
        return f"{self.base}/night"

    @property
    def retained(self) -> tuple[str, ...]:
        """The topics whose last message the broker keeps."""
        return self.bridge, self.owner, self.ears, self.episode, self.night

    @property
    def events(self) -> str:
        """Every event of the log, with its number."""
        return f"{self.base}/events"

    @property
    def batch(self) -> str:
        """The same events, many in a message, where ``bridge.batches`` is set; then none are on ``events``."""
        return f"{self.base}/batch"

    @property
    def moment(self) -> str:
        """Moments that trigger automations."""
        return f"{self.base}/moment"

    @property
    def order(self) -> str:
        """Orders that buttons send."""
        return f"{self.base}/order"

    @property
    def replay(self) -> str:
        """Requests to publish events again, from consumers whose session the broker has lost.

        The payload is the number of the consumer's last event, ``12``, or with the id of its log, ``0f3a 12``. If that
        log is not the current one, the whole current log is published again.
        """
        return f"{self.base}/replay"


@dataclass(frozen=True, slots=True)
class Message:
    """A message to publish. ``retain``: whether the broker keeps it for later subscribers."""

    topic: str
    payload: str
    retain: bool = False


def event_message(event: Event, log: str, topics: Topics, after: int | None = None) -> Message:
    """Return the message for an event of the log with the id ``log``. ``log`` and ``seq`` together are unique.

    ``after``: the number of the event before it (None: the next lower one). Events in between were deleted.
    """
    return Message(topics.events, _json({"log": log, **_event_fields(event, after)}))


def batch_messages(events: Sequence[Event], log: str, topics: Topics, after: int | None = None) -> Iterator[Message]:
    """Yield messages with all ``events`` of the log with the id ``log``, which follow the number ``after``."""
    fields = [_event_fields(event, number) for event, number in with_number_before(events, after)]
    for at in range(0, len(events), MAX_EVENTS):
        yield Message(topics.batch, _json({"log": log, "events": fields[at : at + MAX_EVENTS]}))


def with_number_before(events: Sequence[Event], after: int | None) -> Iterator[tuple[Event, int | None]]:
    """Yield each event with the number of the one before it; the first follows ``after``."""
    return zip(events, [after, *(event.seq for event in events)], strict=False)


def _event_fields(event: Event, after: int | None) -> dict[str, Any]:
    data = may_leave(event.data, BRIDGE, event.kind, KINDS)
    numbers = {"seq": event.seq, "after": event.seq - 1 if after is None else after}
    head = {**numbers, "at": event.at.isoformat(), "night": event.night.isoformat()}
    return {**head, "episode": event.episode, "kind": event.kind, "data": data}


MOMENTS: Final = ("cramp_began", "cramp_ended", "danger_sign", "help_asked", "light_asked")


def moment_age(by_clock: timedelta, longest: timedelta) -> timedelta:
    """Return the age of an event that is ``longest`` old at most; a clock that contradicts tells nothing."""
    return longest if by_clock < -MOMENT_MAX_AGE else min(max(by_clock, timedelta()), longest)


def moment_messages(event: Event, age: timedelta, topics: Topics) -> Iterator[Message]:
    """Yield the moment for automations, if the event is one and recent enough."""
    moment = {"episode_opened": "cramp_began", "episode_closed": "cramp_ended", "flag": "danger_sign"}.get(event.kind)
    if event.kind == "heard" and event.data.get("intent") == "help":
        moment = "help_asked"
    if event.kind == "heard" and event.data.get("slots") == {"what": "light"}:
        moment = "light_asked"
    if event.data.get("status") == "withdrawn":
        moment = None
    if moment is not None and age <= MOMENT_MAX_AGE:
        yield Message(topics.moment, _json({"event_type": moment, "seq": event.seq, "at": event.at.isoformat()}))


def listening_message(listening: bool, topics: Topics) -> Message:
    """Return the message for whether the assistant is listening."""
    return Message(topics.ears, "listening" if listening else "deaf", retain=True)


def episode_message(episode: Episode | None, topics: Topics) -> Message:
    """Return the message for the episode under way, or for none."""
    state: dict[str, Any] = {"state": "OFF"}
    if episode is not None:
        state = {"state": "ON", "since": episode.onset.isoformat(), "site": episode.site, "side": episode.side}
    return Message(topics.episode, _json(state), retain=True)


def night_message(night: NightSummary, seq: int, topics: Topics) -> Message:
    """Return the message with the figures of a night as of the event ``seq``, without its text and notes."""
    figures = as_json(night, ()) | {"seq": seq}
    del figures["text"]
    for episode in figures["episodes"]:
        del episode["notes"]
    return Message(topics.night, _json(figures), retain=True)


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
