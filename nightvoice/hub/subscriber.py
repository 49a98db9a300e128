"""Keeps the live state up to date from the broker."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as paho

from nightvoice.bridge.settings import Broker
from nightvoice.hub.connection import make_client
from nightvoice.hub.live_state import TOPICS, LiveState


class Subscriber:
    """Updates ``live_state`` in a background thread, and reconnects when the connection is lost.

    ``log`` is called with a line when the connection is made or lost.
    """

    def __init__(self, broker: Broker, prefix: str, live_state: LiveState, log: Callable[[str], None]) -> None:
        self._broker, self._prefix, self._live_state, self._log = broker, prefix, live_state, log
        self.connected = False
        self._client = make_client(broker, f"nightvoice-ward-{uuid.uuid4().hex[:8]}")
        self._client.reconnect_delay_set(1, 10)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self) -> None:
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=30)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: paho.Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            self._log(f"{self._broker.host}:{self._broker.port} does not let us in: {reason}")
            return
        self.connected = True
        self._log(f"connected to {self._broker.host}:{self._broker.port}")
        client.subscribe([(f"{self._prefix}/+/{topic}", 1) for topic in TOPICS])

    def _on_disconnect(self, *_: object) -> None:
        if self.connected:
            self.connected = False
            self._log(f"connection to {self._broker.host}:{self._broker.port} lost")

    def _on_message(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        self._live_state.update(message.topic, message.payload, message.retain, datetime.now(UTC))
