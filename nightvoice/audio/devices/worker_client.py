"""Our side of a sound process: start it, hear from it, end it."""

import json
import multiprocessing
import subprocess
import sys
from typing import Final

from nightvoice.audio.devices.spec import DeviceSpec
from nightvoice.audio.devices.worker import FAILED
from nightvoice.errors import NightvoiceError

_END_S: Final = 0.5
"""How long a killed process is waited for: one that hangs in a driver is left to the system."""


class WorkerClient:
    """A sound process that was started to ``task`` (list, input, output)."""

    def __init__(self, task: str, wanted: DeviceSpec = None) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        with theirs:
            fd = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-m", "nightvoice.audio.devices.worker", str(fd), task, json.dumps(wanted)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[fd],
                process_group=0,  # Ctrl-C is for us
            )

    def receive(self, timeout: float | None) -> bytes | None:
        """Its next message, or None after ``timeout`` seconds. Raises NightvoiceError that says why it has ended."""
        try:
            if not self._ours.poll(timeout):
                return None
            message = self._ours.recv_bytes()
        except (EOFError, OSError) as error:
            raise NightvoiceError(self._end()) from error
        if message.startswith(FAILED):
            raise NightvoiceError(message[1:].decode())
        return message

    def send(self, message: bytes) -> None:
        """Raises NightvoiceError where it has ended."""
        try:
            self._ours.send_bytes(message)
        except OSError as error:
            raise NightvoiceError(self._end()) from error

    def kill(self) -> None:
        """End it. Whoever waits in ``receive`` sees that."""
        self._process.kill()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            return

    def close(self) -> None:
        """End it, and let go of it; nobody may be in ``receive``."""
        self.kill()
        self._ours.close()

    def _end(self) -> str:
        try:
            code = self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            code = 0
        how = f"was ended by signal {-code}" if code < 0 else "has ended"
        return f"the sound library {how}: run nightvoice doctor"
