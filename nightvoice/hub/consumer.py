"""From the broker into the ward's tables: nothing is acknowledged before it is on the database's disk.

All hubs share one subscription (MQTT 5), so more of them are more throughput. What one of them has not acknowledged
when it dies waits in its session at the broker; what a broker forgot when it died, the beds are asked for again.
"""

import signal
from collections.abc import Callable
from contextlib import suppress
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
from nightvoice.hub.messages import BedEvent, BedNight, bed_of, read
from nightvoice.hub.store import Store
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system.backoff import Reconnection

SHARE: Final = "nightvoice"
"""The name of the shared subscription."""
SESSION_S: Final = 7 * 24 * 3600
"""So long the broker keeps what a hub that is away has not fetched."""
BATCH: Final = 1000
"""Messages of one transaction, at most; the broker sends twice as many ahead, and then waits (back-pressure)."""
KEEPALIVE_S: Final = 30
LOOK_S: Final = 0.5
"""How long it waits for messages before it looks whether it should end."""
TIDY_S: Final = 3600.0
"""How often what is too old is dropped."""


class Consumer:
    """One hub; ``name``: another one for each. ``tell``: one line for whoever runs it."""

    def __init__(self, broker: Broker, name: str, prefix: str, store: Store, tell: Callable[[str], None]) -> None:
        self._broker, self._name, self._prefix, self._store, self._tell = broker, name, prefix, store, tell
        self._waiting: list[paho.MQTTMessage] = []
        """Came, and is not acknowledged."""
        self._asked: set[tuple[str, bool]] = set()
        """Beds that were asked since the connection began for what may have been lost."""
        self._to_ask: set[tuple[str, bool]] = set()
        """Beds that are there: as the broker has kept it, or as they just said themselves."""
        self._ended = self._inside = False
        self._reconnection = Reconnection(tell)
        self._tidied = -TIDY_S
        self._client = self._make_client()

    def run(self) -> None:
        """Until Ctrl-C or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        while not self._ended:
            if self._connect():
                while not self._ended and self._receive():
                    if self._inside:
                        self._work()
                self._inside = False
            self._pause(self._reconnection.next_delay())
        self._client.disconnect()

    def _make_client(self) -> paho.Client:
        client = make_client(self._broker, f"nightvoice-hub-{self._name}", manual_ack=True)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._came
        return client

    def _connect(self) -> bool:
        self._waiting.clear()  # the broker sends it again
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

    def _connected(self, client: paho.Client, _: Any, flags: Any, reason: ReasonCode, __: Any) -> None:
        if reason.is_failure:
            self._reconnection.failed(f"{self._broker.host}:{self._broker.port} does not let us in: {reason}")
            return
        self._inside = True
        self._reconnection.connected()
        self._asked.clear()
        once = SubscribeOptions(qos=1)
        client.subscribe(
            [
                (f"$share/{SHARE}/{self._prefix}/+/events", once),
                (f"$share/{SHARE}/{self._prefix}/+/night", once),
                (f"{self._prefix}/+/bridge", SubscribeOptions(qos=0)),
            ]
        )

    def _subscribed(self, _: paho.Client, __: Any, ___: int, reasons: list[ReasonCode], ____: Any) -> None:
        place = f"{self._broker.host}:{self._broker.port}"
        if any(reason.is_failure for reason in reasons):
            self._reconnection.failed(
                f"{place} refuses a subscription; it has to allow shared ones, and {self._prefix}/#"
            )
        else:
            self._tell(f"connected to {place} as {self._name}")

    def _disconnected(self, *_: object) -> None:
        if self._inside and not self._ended:
            # The broker throws out the elder of two of one name, and the library loses its reason for it.
            advice = f"where that goes on, another hub is called {self._name}, too"
            self._reconnection.failed(f"connection to {self._broker.host}:{self._broker.port} lost; {advice}")

    def _came(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        if message.topic.endswith("/bridge"):
            with suppress(ValueError):
                if message.payload == b"online":
                    self._to_ask.add((bed_of(message.topic), message.retain))
        else:
            self._waiting.append(message)

    def _receive(self) -> bool:
        """Take in what is there, up to a batch; whether the connection stands."""
        wait = 0.0 if self._waiting else LOOK_S
        while True:
            had = len(self._waiting)
            if self._client.loop(wait) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return False
            if not had < len(self._waiting) < BATCH:
                return True
            wait = 0.0

    def _work(self) -> None:
        """Store what came, acknowledge it, and see to the rest; where the database is away, later."""
        try:
            batch = self._waiting[:BATCH]
            if batch:
                self._store.add(self._readable(batch))
                for message in batch:
                    self._client.ack(message.mid, message.qos)
                del self._waiting[: len(batch)]
                self._reconnection.connected()
            self._ask()
            self._tidy()
        except StorageUnavailable as error:
            self._reconnection.failed(str(error))
            self._pause(1.0)

    def _readable(self, batch: list[paho.MQTTMessage]) -> list[BedEvent | BedNight]:
        """What can be stored; of the rest it is told, and nobody sends that again."""
        told = []
        for message in batch:
            try:
                told.append(read(message.topic, message.payload))
            except ValueError as error:
                self._tell(one_line(f"a message on {message.topic} {error}: not stored"))
        return told

    def _ask(self) -> None:
        """Each bed that is there for what came after the number before which nothing is missing."""
        new = self._to_ask - self._asked
        if new:
            beds = {bed for bed, _ in new}
            have = self._store.complete(beds)
            for bed in beds:
                log, seq = have.get(bed, ("", 0))
                self._client.publish(f"{self._prefix}/{bed}/replay", f"{log} {seq}".strip(), qos=1)
            self._asked |= new
        self._to_ask.clear()

    def _tidy(self) -> None:
        if monotonic() - self._tidied < TIDY_S:
            return
        if dropped := self._store.drop_old():
            self._tell(str(dropped))
        self._tidied = monotonic()

    def _pause(self, seconds: float) -> None:
        """Wait, with the connection kept alive."""
        until = monotonic() + seconds
        while not self._ended and (left := until - monotonic()) > 0:
            if self._client.loop(min(left, LOOK_S)) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                sleep(min(left, LOOK_S))

    def _end(self, *_: object) -> None:
        self._ended = True
