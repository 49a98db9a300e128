"""A ward for tests: beds that publish as real bridges do, and the rows that the hub has stored."""

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import paho.mqtt.client as paho
import psycopg

from nightvoice.bridge.messages import Message, Topics, event_message
from nightvoice.diary.event import Event
from nightvoice.diary.night import night_of
from nightvoice.hub.roles import Role
from tests.helpers.waiting import PATIENCE_S
from tests.helpers.web_site import Site

LOG = "0f3a"
PASSWORD = "four words in a row"
Start = Callable[..., "subprocess.Popen[str]"]
"""Starts ``nightvoice`` with arguments, and settings such as ``hub__name="two"`` (a fixture)."""

Visit = Callable[[str, Role], Site]
"""``visit(name, role)`` (a fixture)."""


def event(seq: int, kind: str = "step", data: Mapping[str, Any] | None = None, at: datetime | None = None) -> Event:
    at = at or datetime.now(UTC)
    return Event(seq, at, night_of(at), None, kind, data or {"protocol": "calf", "step": "towel"})


def event_messages(bed: str, numbers: Iterable[int]) -> list[Message]:
    """Events of a bed, as its bridge publishes them."""
    return [event_message(event(number), LOG, Topics(f"nightvoice/{bed}")) for number in numbers]


class Beds:
    """Publishes for all of them."""

    def __init__(self, port: int) -> None:
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(200)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def publish(self, *messages: Message) -> None:
        """Return when the broker has them all."""
        self._wait([self._client.publish(one.topic, one.payload, qos=1, retain=one.retain) for one in messages])

    def send(self, messages: Iterable[tuple[str, str]], retain: bool = False) -> None:
        """The same for many, by topic and payload."""
        self._wait([self._client.publish(topic, payload, qos=1, retain=retain) for topic, payload in messages])

    def send_bytes(self, topic: str, payload: bytes) -> None:
        """Publish without waiting for the broker; what is published later comes later."""
        self._client.publish(topic, payload, qos=1)

    def say(self, bed: str, what: str, payload: object, retain: bool = True) -> None:
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self.publish(Message(f"nightvoice/{bed}/{what}", text, retain))

    def _wait(self, sent: list[paho.MQTTMessageInfo]) -> None:
        for one in sent:
            one.wait_for_publish(PATIENCE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Stored:
    """What is in the ward's database."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Nothing where the server is away, or the tables are not made yet."""
        try:
            with psycopg.connect(self.url) as connection:
                return connection.execute(statement).fetchall()
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return []

    def events(self) -> list[tuple[str, int]]:
        """Bed and number of each, twice where it is there twice."""
        return [(bed, seq) for bed, seq in self.rows("SELECT bed, seq FROM events ORDER BY bed, log, seq")]

    def count(self) -> int:
        found = self.rows("SELECT count(*) FROM events")
        return int(found[0][0]) if found else 0


def utc_today() -> date:
    return datetime.now(UTC).date()
