"""The parent's side of a sound worker: starts it, exchanges messages with it, ends it."""

import json
import multiprocessing
import subprocess
import sys
from typing import Final

from nightvoice.audio.devices.spec import DeviceSpec
from nightvoice.audio.devices.worker import FAILED
from nightvoice.errors import NightvoiceError

_EXIT_S: Final = 0.5
"""Time to wait for a killed worker; a worker that hangs in a driver is left to the system."""


class WorkerClient:
    """A worker process for one ``task`` (list, input or output); see ``worker``."""

    def __init__(self, task: str, spec: DeviceSpec = None) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        with theirs:
            fd = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-m", "nightvoice.audio.devices.worker", str(fd), task, json.dumps(spec)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[fd],
                process_group=0,  # Ctrl-C must not reach the worker
            )

    def receive(self, timeout: float | None) -> bytes | None:
        """Return the worker's next message, or None after ``timeout`` seconds.

        Raises NightvoiceError with the reason if the worker has ended.
        """
        try:
            if not self._ours.poll(timeout):
                return None
            message = self._ours.recv_bytes()
        except (EOFError, OSError) as error:
            raise NightvoiceError(self._exit_reason()) from error
        if message.startswith(FAILED):
            raise NightvoiceError(message[1:].decode())
        return message

    def send(self, message: bytes) -> None:
        """Send ``message`` to the worker. Raises NightvoiceError if it has ended."""
        try:
            self._ours.send_bytes(message)
        except OSError as error:
            raise NightvoiceError(self._exit_reason()) from error

    def kill(self) -> None:
        """End the worker; a ``receive`` in another thread then raises NightvoiceError."""
        self._process.kill()
        try:
            self._process.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            return

    def close(self) -> None:
        """End the worker and close the connection; no thread may be in ``receive``."""
        self.kill()
        self._ours.close()

    def _exit_reason(self) -> str:
        try:
            code = self._process.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            code = 0
        how = f"was ended by signal {-code}" if code < 0 else "has ended"
        return f"the sound library {how}: run nightvoice doctor"
