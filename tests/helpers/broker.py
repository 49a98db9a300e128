"""A real Mosquitto (Debian) in a temporary folder, on a free port, that can be killed; and somebody who listens."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from tests.helpers.waiting import PATIENCE_S, until

Bridge = Callable[..., subprocess.Popen[str]]
"""Starts ``nightvoice bridge`` with settings (a fixture)."""


class Mosquitto:
    def __init__(self, folder: Path, *lines: str) -> None:
        program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            pytest.skip("the Debian package mosquitto is not installed")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        folder.mkdir()
        file = folder / "mosquitto.conf"
        user = ("user root",) if os.geteuid() == 0 else ()
        rules = lines or ("allow_anonymous true",)
        stored = ("persistence true", f"persistence_location {folder}/", "max_queued_messages 0", *user)
        file.write_text("\n".join((f"listener {self.port} 127.0.0.1", *rules, *stored)) + "\n")
        self._command = [program, "-c", str(file)]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, "mosquitto")

    def kill(self, how: int = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


class Listener:
    """A consumer with a durable session: what came on each topic, in order."""

    def __init__(self, port: int, *topics: str, name: str = "listener") -> None:
        self.came: list[tuple[str, str, bool]] = []
        """Topic, payload, and whether it was retained."""
        self._topics = topics
        self.subscribed = threading.Event()
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=name, clean_session=False)
        self._client.reconnect_delay_set(0.1, 0.5)
        self._client.on_connect = self._connected
        self._client.on_subscribe = lambda *_: self.subscribed.set()
        self._client.on_message = self._message
        self._client.connect("127.0.0.1", port, keepalive=5)
        self._client.loop_start()
        assert self.subscribed.wait(PATIENCE_S)

    def send(self, topic: str, payload: str, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE_S)

    def on(self, topic: str) -> list[str]:
        return [payload for at, payload, _ in list(self.came) if at == topic]

    def last(self, topic: str) -> Any:
        """The latest on that topic, parsed where it is JSON; None: nothing came."""
        came = self.on(topic)
        return None if not came else json.loads(came[-1]) if came[-1].startswith("{") else came[-1]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client: paho.Client, data: Any, flags: paho.ConnectFlags, *_: Any) -> None:
        client.subscribe([(topic, 1) for topic in self._topics])
        if not flags.session_present:
            # The broker was killed, and may have thrown away what came before this subscription.
            had = [json.loads(payload)["seq"] for topic, payload, _ in self.came if topic.endswith("/events")]
            if had:
                client.publish("nightvoice/bed/replay", max(had), qos=1)

    def _message(self, client: paho.Client, data: Any, message: paho.MQTTMessage) -> None:
        self.came.append((message.topic, message.payload.decode(), message.retain))
