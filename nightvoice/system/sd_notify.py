"""Notifies systemd that the service is ready, alive or stopping (man 3 sd_notify)."""

import os
import socket
from contextlib import suppress


class SystemdNotifier:
    """Sends notifications to systemd; a no-op unless systemd started this process with ``NotifyAccess``."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]

    def ready(self) -> None:
        """Report that nightvoice is listening."""
        self._send("READY=1\nSTATUS=listening")

    def alive(self) -> None:
        """Reset the watchdog; without this, systemd restarts the service."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Report that the service is shutting down."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)  # never block the night on systemd
            sender.sendto(message.encode(), self._address)
