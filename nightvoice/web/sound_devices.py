"""The sound devices as the page uses them. The sound library is loaded only then: most pages never need it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nightvoice.audio.devices.spec import Device
    from nightvoice.config.schema import Config

REFRESH_S: Final = 0.05
"""Longest wait for a new list while an earlier one is known. Listing takes half a second on a busy machine."""
FRESH_S: Final = 60
"""Age from which a list is not shown any more: whoever has plugged in a microphone wants to see it."""


def _connected() -> "list[Device]":
    from nightvoice.audio.devices import listing  # noqa: PLC0415

    return listing.list_devices()


class DeviceList:
    """Lists the connected devices; whoever looks again within a minute need not wait for the sound library."""

    def __init__(self, list_devices: "Callable[[], list[Device]]" = _connected) -> None:
        self._list_devices = list_devices
        self._worker = ThreadPoolExecutor(1, "devices")
        self._lock = Lock()
        self._known: Future[list[Device]] | None = None
        self._known_at = 0.0
        self._next: Future[list[Device]] | None = None

    def __call__(self) -> "list[Device]":
        """Return the devices, and look again for the next call. Raises NightvoiceError if they cannot be listed."""
        with self._lock:
            pending = self._next = self._next or self._worker.submit(self._list_devices)
            is_fresh = self._known is not None and monotonic() < self._known_at + FRESH_S
        wait([pending], REFRESH_S if is_fresh else None)
        with self._lock:
            if pending.done() and self._next is pending:
                self._known = None if pending.exception() else pending
                self._known_at, self._next = monotonic(), None
            latest = self._known or pending
        return latest.result()


def play_sample(config: "Config") -> None:
    """Speak a sentence with the voice, loudspeaker and night volume of ``config``. Raises NightvoiceError."""
    from nightvoice.speaking.say import SAMPLE, say_aloud  # noqa: PLC0415

    say_aloud(SAMPLE, config)
