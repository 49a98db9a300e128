"""As a systemd service: that it is ready, that it is alive, that it is ending (man 3 sd_notify)."""

import os
import socket
from contextlib import suppress


class SystemdNotifier:
    """Tells systemd, where it started us with ``NotifyAccess``; else nobody."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]

    def ready(self) -> None:
        """It listens."""
        self._tell("READY=1\nSTATUS=listening")

    def alive(self) -> None:
        """It still does: without this, systemd begins it anew."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """It was told to end."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)  # a night never waits for systemd
            sender.sendto(message.encode(), self._address)
