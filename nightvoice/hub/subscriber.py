"""Follows what the broker says of every bed."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as paho

from nightvoice.bridge.settings import Broker
from nightvoice.hub.connection import make_client
from nightvoice.hub.live_state import TOPICS, LiveState


class Subscriber:
    """Keeps ``ward`` up to date from a thread of its own, whenever there is a connection."""

    def __init__(self, broker: Broker, prefix: str, ward: LiveState, tell: Callable[[str], None]) -> None:
        self._broker, self._prefix, self._ward, self._tell = broker, prefix, ward, tell
        self.connected = False
        self._client = make_client(broker, f"nightvoice-ward-{uuid.uuid4().hex[:8]}")
        self._client.reconnect_delay_set(1, 10)
        self._client.on_connect = self._came_in
        self._client.on_disconnect = self._went
        self._client.on_message = self._message

    def start(self) -> None:
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=30)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _came_in(self, client: paho.Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            self._tell(f"{self._broker.host}:{self._broker.port} does not let us in: {reason}")
            return
        self.connected = True
        self._tell(f"connected to {self._broker.host}:{self._broker.port}")
        client.subscribe([(f"{self._prefix}/+/{topic}", 1) for topic in TOPICS])

    def _went(self, *_: object) -> None:
        if self.connected:
            self.connected = False
            self._tell(f"connection to {self._broker.host}:{self._broker.port} lost")

    def _message(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        self._ward.take(message.topic, message.payload, message.retain, datetime.now(UTC))
