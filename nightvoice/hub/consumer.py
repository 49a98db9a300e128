"""Stores the broker's messages, and acknowledges each only when it is on the database's disk.

All hubs share one MQTT 5 subscription, so more hubs give more throughput. Messages that a hub has not
acknowledged when it dies stay in its session at the broker. After a broker crash, the hub asks the beds to publish
events again that the broker may have lost.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from time import monotonic, sleep
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from nightvoice.bridge.settings import Broker
from nightvoice.errors import one_line
from nightvoice.hub.connection import make_client
from nightvoice.hub.hub_register import KEPT_FOR, SIGN_IN_INTERVAL_S
from nightvoice.hub.messages import Parsed, UndatableEventError, bed_of, parse
from nightvoice.hub.replay_requests import ReplayRequests
from nightvoice.hub.store import Store
from nightvoice.storage.errors import StorageRefused, StorageUnavailable
from nightvoice.system.backoff import Reconnection
from nightvoice.system.counting import plural

SHARE: Final = "nightvoice"
"""The name of the shared subscription."""
SESSION_S: Final = round(KEPT_FOR.total_seconds())
"""Seconds for which the broker keeps messages for a disconnected hub."""
BATCH: Final = 1000
"""Most messages in one transaction. The broker sends up to twice as many unacknowledged ones (back-pressure)."""
BATCH_BYTES: Final = 1_000_000
"""Size of the messages in one transaction, which has some thousand events then."""
KEEPALIVE_S: Final = 30
POLL_S: Final = 0.5
"""Longest wait for messages before the hub checks whether it should stop."""
RETENTION_INTERVAL_S: Final = 3600.0
"""How often expired events and nights are deleted."""


class Consumer:
    """One hub with a unique ``name``. ``log`` is called with one line at a time."""

    def __init__(self, broker: Broker, name: str, prefix: str, store: Store, log: Callable[[str], None]) -> None:
        self._broker, self._name, self._prefix, self._store, self._log = broker, name, prefix, store, log
        self._unacknowledged: list[paho.MQTTMessage] = []
        self._stopping = self._connected = False
        self._reconnection = Reconnection(log)
        self._register = store.hubs
        self._retention_applied, self._signed_in = -RETENTION_INTERVAL_S, -SIGN_IN_INTERVAL_S
        self._client = self._make_client()
        self._replay_requests = ReplayRequests(store, prefix, partial(self._client.publish, qos=1))

    def run(self) -> None:
        """Run until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        while not self._stopping:
            if self._connect():
                while not self._stopping and self._receive():
                    if self._connected:
                        self._store_batch()
                self._connected = False
            self._pause(self._reconnection.next_delay())
        self._client.disconnect()

    def _make_client(self) -> paho.Client:
        client = make_client(self._broker, f"nightvoice-hub-{self._name}", manual_ack=True)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _connect(self) -> bool:
        self._unacknowledged.clear()  # the broker redelivers them
        self._replay_requests.reconnected()
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_S
        properties.ReceiveMaximum = 2 * BATCH
        try:
            self._client.connect(
                self._broker.host, self._broker.port, KEEPALIVE_S, clean_start=False, properties=properties
            )
        except (OSError, ValueError) as error:
            self._reconnection.failed(f"no connection to {self._broker.host}:{self._broker.port}: {error}")
            return False
        return True

    def _on_connect(self, client: paho.Client, _: Any, flags: Any, reason: ReasonCode, __: Any) -> None:
        if reason.is_failure:
            self._reconnection.failed(f"{self._broker.host}:{self._broker.port} does not let us in: {reason}")
            return
        self._connected = True
        self._reconnection.connected()
        at_least_once = SubscribeOptions(qos=1)
        shared = [(topic, at_least_once) for topic in self._shared_topics()]
        client.subscribe([*shared, (f"{self._prefix}/+/bridge", SubscribeOptions(qos=0))])

    def _shared_topics(self) -> Iterator[str]:
        for what in ("events", "batch", "night"):
            yield f"$share/{SHARE}/{self._prefix}/+/{what}"

    def _on_subscribe(self, _: paho.Client, __: Any, ___: int, reasons: list[ReasonCode], ____: Any) -> None:
        place = f"{self._broker.host}:{self._broker.port}"
        if any(reason.is_failure for reason in reasons):
            self._reconnection.failed(
                f"{place} refuses a subscription; it has to allow shared ones, and {self._prefix}/#"
            )
        else:
            self._log(f"connected to {place} as {self._name}")

    def _on_disconnect(self, *_: object) -> None:
        if self._connected and not self._stopping:
            # The broker disconnects the older of two clients with one name; the library drops the reason.
            advice = f"if that goes on, another hub is called {self._name}, too"
            self._reconnection.failed(f"connection to {self._broker.host}:{self._broker.port} lost; {advice}")

    def _on_message(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        if message.topic.endswith("/bridge"):
            with suppress(ValueError):
                if message.payload == b"online":
                    self._replay_requests.note_online(bed_of(message.topic), message.retain)
        else:
            self._unacknowledged.append(message)

    def _receive(self) -> bool:
        """Receive pending messages, at most a batch, and return whether the connection is up."""
        wait = 0.0 if self._unacknowledged or self._replay_requests.waiting else POLL_S
        while True:
            had = len(self._unacknowledged)
            if self._client.loop(wait) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return False
            if not had < len(self._unacknowledged) < BATCH:
                return True
            wait = 0.0

    def _store_batch(self) -> None:
        """Store and acknowledge a batch, ask for missing events and apply retention; retry later without a database."""
        try:
            batch = self._next_batch()
            if batch:
                parsed = self._parse(batch)
                add_all(self._store, parsed, self._log)
                # Before the acknowledgement, so that no deletion is lost.
                if deleting := sorted(
                    {item.row["bed"] for item in parsed if item.row.get("kind") == "episode_deleted"}
                ):
                    self._erase(deleting)
                for message in batch:
                    self._client.ack(message.mid, message.qos)
                del self._unacknowledged[: len(batch)]
                self._reconnection.connected()
            self._sign_in()
            self._replay_requests.ask_some()
            self._apply_retention()
        except StorageUnavailable as error:
            self._reconnection.failed(str(error))
            self._pause(1.0)

    def _next_batch(self) -> list[paho.MQTTMessage]:
        """Return the messages of the next transaction, of about BATCH_BYTES at most."""
        size = 0
        for count, message in enumerate(self._unacknowledged[:BATCH], 1):
            size += len(message.payload)
            if size >= BATCH_BYTES:
                return self._unacknowledged[:count]
        return self._unacknowledged[:BATCH]

    def _parse(self, batch: list[paho.MQTTMessage]) -> list[Parsed]:
        """Return the valid messages. Invalid ones are logged and acknowledged like the others."""
        rows: list[Parsed] = []
        now = datetime.now(UTC)
        for message in batch:
            try:
                parsed = parse(message.topic, message.payload, now)
            except ValueError as error:
                parsed = [error]
            for item in parsed:
                if isinstance(item, ValueError):
                    self._log(one_line(f"a message on {message.topic} {item}: not stored"))
                    if isinstance(item, UndatableEventError):
                        rows.append(item.left_out)
                else:
                    rows.append(item)
        return rows

    def _sign_in(self) -> None:
        if monotonic() - self._signed_in >= SIGN_IN_INTERVAL_S:
            self._register.sign_in(self._name)
            self._signed_in = monotonic()

    def _apply_retention(self) -> None:
        if monotonic() - self._retention_applied < RETENTION_INTERVAL_S:
            return
        if dropped := self._store.drop_expired():
            self._log(str(dropped))
        self._erase(None)  # an event may arrive after its deletion, from the session of a hub that died
        self._retention_applied = monotonic()

    def _erase(self, beds: list[str] | None) -> None:
        if erased := self._store.erase_deleted(beds):
            whose = f" of {', '.join(beds)}" if beds else ""
            self._log(f"Deleted here what was deleted in the diary{whose}: {plural(erased, 'cramp')}.")

    def _pause(self, seconds: float) -> None:
        """Wait while keeping the connection alive."""
        until = monotonic() + seconds
        while not self._stopping and (left := until - monotonic()) > 0:
            if self._client.loop(min(left, POLL_S)) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                sleep(min(left, POLL_S))

    def _stop(self, *_: object) -> None:
        self._stopping = True


def add_all(store: Store, messages: list[Parsed], log: Callable[[str], None]) -> None:
    """Store ``messages``. One that the database refuses is logged and left out: it must not keep out the others."""
    try:
        store.add(messages)
    except StorageRefused as error:
        if len(messages) == 1:
            log(one_line(f"a message of {messages[0].row['bed']} is not stored: {error}"))
            return
        half = len(messages) // 2
        add_all(store, messages[:half], log)
        add_all(store, messages[half:], log)
