"""Builds the bridge's MQTT messages from events and nights, without input or output of its own.

A message never holds a word that was spoken or anything a person wrote: of an event it has only the fields that are
marked for the bridge in ``diary/kinds.py``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nightvoice.diary.episode import Episode
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import KINDS
from nightvoice.diary.marks import BRIDGE, may_leave
from nightvoice.insight.narrative import as_json
from nightvoice.insight.night import NightSummary

FRESH: Final = timedelta(minutes=2)
"""A moment older than this is told no more: no light goes on at breakfast for a cramp at three."""
ALIVE: Final = timedelta(minutes=1)
"""How often a bridge says that it is there."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Below ``base``, which is PREFIX/BED."""

    base: str

    @property
    def bridge(self) -> str:
        """online or offline (the last will): is anybody there who publishes?"""
        return f"{self.base}/bridge"

    @property
    def ears(self) -> str:
        """listening or deaf."""
        return f"{self.base}/ears"

    @property
    def episode(self) -> str:
        return f"{self.base}/episode"

    @property
    def night(self) -> str:
        return f"{self.base}/night"

    @property
    def events(self) -> str:
        """Every event of the log, by its number."""
        return f"{self.base}/events"

    @property
    def moment(self) -> str:
        """What automations wait for."""
        return f"{self.base}/moment"

    @property
    def order(self) -> str:
        """What buttons send."""
        return f"{self.base}/order"

    @property
    def replay(self) -> str:
        """What a consumer sends whose session the broker has forgotten: the number after which it needs all again.

        ``12``, or with the log it is of: ``0f3a 12``; where that is not the log of today, all of that is sent.
        """
        return f"{self.base}/replay"


@dataclass(frozen=True, slots=True)
class Message:
    """To be published; ``retain``: the broker keeps the last one for whoever comes later."""

    topic: str
    payload: str
    retain: bool = False


def of_event(event: Event, log: str, topics: Topics) -> Message:
    """An event of the log; ``log`` and ``seq`` together are never given twice."""
    data = may_leave(event.data, BRIDGE, event.kind, KINDS)
    head = {"log": log, "seq": event.seq, "at": event.at.isoformat(), "night": event.night.isoformat()}
    return Message(topics.events, _text({**head, "episode": event.episode, "kind": event.kind, "data": data}))


MOMENTS: Final = ("cramp_began", "cramp_ended", "danger_sign", "help_asked")


def moments(event: Event, now: datetime, topics: Topics) -> Iterator[Message]:
    """What automations are told of an event, if it has only just happened."""
    moment = {"episode_opened": "cramp_began", "episode_closed": "cramp_ended", "flag": "danger_sign"}.get(event.kind)
    if event.kind == "heard" and event.data.get("intent") == "help":
        moment = "help_asked"
    if moment is not None and now - event.at <= FRESH:
        yield Message(topics.moment, _text({"event_type": moment, "seq": event.seq, "at": event.at.isoformat()}))


def of_ears(listening: bool, topics: Topics) -> Message:
    """Whether it hears just now."""
    return Message(topics.ears, "listening" if listening else "deaf", retain=True)


def of_episode(episode: Episode | None, topics: Topics) -> Message:
    """The episode that is running, or None."""
    state: dict[str, Any] = {"state": "OFF"}
    if episode is not None:
        state = {"state": "ON", "since": episode.onset.isoformat(), "site": episode.site, "side": episode.side}
    return Message(topics.episode, _text(state), retain=True)


def of_night(night: NightSummary, seq: int, topics: Topics) -> Message:
    """Last night, in figures, as of the event ``seq``."""
    told = as_json(night, ()) | {"seq": seq}
    del told["text"]
    for episode in told["episodes"]:
        del episode["notes"]
    return Message(topics.night, _text(told), retain=True)


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
