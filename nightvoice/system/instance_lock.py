"""Locks that only one program on this device may hold at a time."""

import fcntl
import os
from pathlib import Path
from typing import Self

from nightvoice.errors import NightvoiceError, one_line

SHOWN_LETTERS = 80
"""Most letters shown of the name in a lock file."""


class InstanceLock:
    """A locked file that names its holder. The system releases it when the process ends, however it ends."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def acquire(cls, file: Path, program: str, refusal: str) -> Self | None:
        """Lock ``file`` for ``program``; None if it cannot be locked here, as in a read-only folder.

        Raises NightvoiceError if another program holds it: its name, followed by ``refusal``.
        """
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.write(handle, f"{program} (process {os.getpid()})".encode())
        except BlockingIOError:
            holder = one_line(os.read(handle, SHOWN_LETTERS).decode(errors="replace")) or "another program"
            os.close(handle)
            raise NightvoiceError(f"{holder} {refusal}") from None
        except OSError:  # a full disk, or a file system without locks
            os.close(handle)
            return None
        return cls(handle)

    def close(self) -> None:
        """Release the lock. The file stays: removing it could let two programs lock two files of one name."""
        os.close(self._handle)
