"""Gives up the session of a hub that will not run again, so that the broker keeps no messages for it."""

from time import monotonic
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from nightvoice.errors import NightvoiceError
from nightvoice.hub.consumer import Consumer

_QUIET_S: Final = 3.0
"""Once no message has come for so long, none is waiting."""


class Releaser(Consumer):
    """Connects as a hub that is gone, stores what waits for it, and ends its session."""

    def run(self) -> None:
        """Run until nothing is left. Raises NightvoiceError if the broker cannot be reached."""
        self._leaving = False
        if not self._connect():
            raise NightvoiceError("the broker cannot be reached: nothing was released")
        last = monotonic()
        while not (self._leaving and monotonic() - last > _QUIET_S):
            if not self._receive():
                raise NightvoiceError("the connection to the broker was lost: run this again")
            if self._unacknowledged:
                last = monotonic()
                self._store_batch()
        self._register.sign_out(self._name)
        ended = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
        ended.SessionExpiryInterval = 0
        self._stopping = True
        self._client.disconnect(properties=ended)

    def _on_connect(self, client: paho.Client, _: Any, flags: Any, reason: ReasonCode, __: Any) -> None:
        if reason.is_failure:
            raise NightvoiceError(f"the broker does not let us in: {reason}")
        self._connected = True
        client.on_unsubscribe = self._on_unsubscribe
        client.unsubscribe(list(self._shared_topics()))

    def _on_unsubscribe(self, *_: object) -> None:
        self._leaving = True
