"""The bridges of many made-up beds in one process, which publish as fast as they can."""

import json
import random
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event as Stop
from typing import Any, Final

import paho.mqtt.client as paho

from nightvoice.bridge.messages import Topics, event_message
from nightvoice.diary.event import Event
from nightvoice.diary.night import night_of
from tests.hub.ward import LOG

TimedMessage = tuple[datetime, str, str]
"""When it happened, topic, payload."""
STEPS: Final = ("stop-and-breathe", "toes-up", "towel-stretch", "massage", "stand-and-lean", "walk")
ON_THE_WAY: Final = 2000


def night_of_ward(beds: int) -> Iterator[TimedMessage]:
    """The events of a night of that many beds, in order of time; the same ones each time."""
    return merge(*(_night_of_bed(number) for number in range(beds)))


def batched(messages: Iterable[tuple[str, str]], most: int = 20) -> list[tuple[str, str]]:
    """The same events, several of a bed in a message: as a bridge with ``bridge.batches`` sends them after a cramp."""
    of_bed: dict[str, list[dict[str, Any]]] = {}
    found: list[tuple[str, str]] = []

    def send(topic: str) -> None:
        events = of_bed.pop(topic)
        log = events[0]["log"]
        fields = [{name: value for name, value in event.items() if name != "log"} for event in events]
        payload = json.dumps({"log": log, "events": fields}, separators=(",", ":"))
        found.append((topic.replace("/events", "/batch"), payload))

    for topic, payload in messages:
        waiting = of_bed.setdefault(topic, [])
        waiting.append(json.loads(payload))
        if len(waiting) == most or waiting[-1]["kind"] in ("episode_closed", "listening_stopped"):
            send(topic)
    for topic in list(of_bed):
        send(topic)
    return found


def _night_of_bed(number: int) -> Iterator[TimedMessage]:
    chance = random.Random(number)
    topics = Topics(f"nightvoice/bed{number:05}")
    # Yesterday evening: real ones are seldom older, and the hub looks back some days.
    evening = datetime.now(UTC).replace(hour=21, minute=0, second=0, microsecond=0) - timedelta(days=1)
    at = evening + timedelta(seconds=chance.randrange(7200))
    events: list[tuple[str, dict[str, Any]]] = [("listening_started", {"engine": "e", "voice": "v", "version": "1"})]
    for _ in range(chance.randrange(4)):
        events.append(("heard", {"intent": "cramp", "slots": {}, "score": 0.97, "engine": "moonshine"}))
        events.append(("episode_opened", {"site": "calf", "side": chance.choice(["left", "right"])}))
        for step in STEPS[: chance.randint(2, len(STEPS))]:
            events.append(("step", {"protocol": "calf", "step": step}))
            events.append(("heard", {"intent": "next", "slots": {}, "score": 0.97, "engine": "moonshine"}))
        events.append(("effect", {"protocol": "calf", "step": STEPS[1], "effect": "eased"}))
        events.append(("episode_closed", {"outcome": "gone"}))
    events.append(("listening_stopped", {"reason": "ended"}))
    for seq, (kind, data) in enumerate(events, 1):
        message = event_message(Event(seq, at, night_of(at), None, kind, data), LOG, topics)
        yield at, message.topic, message.payload
        at += timedelta(seconds=chance.expovariate(1 / 600))


class Bridges:
    """All of them. Each says that it is there, and sends again what it is asked for."""

    @classmethod
    def run(cls, port: int, beds: int, sent: "Synchronized[int]", stop: Stop) -> None:
        """Send the night until ``stop``; count in ``sent``."""
        cls(port, beds, sent)._run(stop)

    def __init__(self, port: int, beds: int, sent: "Synchronized[int]") -> None:
        self._night = list(night_of_ward(beds))
        self._of_bed: dict[str, list[str]] = {}
        self._sent, self._acknowledged = sent, 0
        self._again: dict[str, int] = {}
        self._new = False
        """A connection began."""
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(500)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._connected
        self._client.on_message = self._asked
        self._client.on_publish = self._published
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe("nightvoice/+/replay", 1)
        self._new = True

    def _asked(self, _: paho.Client, __: object, message: paho.MQTTMessage) -> None:
        topic = message.topic.replace("/replay", "/events")
        after = int(message.payload.split()[-1])
        self._again[topic] = min(after, self._again.get(topic, after))

    def _published(self, *_: object) -> None:
        self._acknowledged += 1

    def _run(self, stop: Stop) -> None:
        rest = iter(self._night)
        while not stop.is_set():
            if self._new:
                self._new = False
                for number in range(len({topic for _, topic, _ in self._night})):
                    self._publish(f"nightvoice/bed{number:05}/bridge", "online", retain=True)
                # A broker that was killed may have forgotten what it acknowledged.
                self._again.update(dict.fromkeys(self._of_bed, 0))
            elif self._again:
                topic, after = self._again.popitem()
                for payload in self._of_bed.get(topic, [])[after:]:
                    self._publish(topic, payload)
            elif message := next(rest, None):
                _, topic, payload = message
                self._of_bed.setdefault(topic, []).append(payload)
                self._publish(topic, payload)
            else:
                time.sleep(0.05)
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, topic: str, payload: str, retain: bool = False) -> None:
        while self._sent.value - self._acknowledged > ON_THE_WAY:
            time.sleep(0.005)
        self._sent.value += 1
        self._client.publish(topic, payload, qos=1, retain=retain)
