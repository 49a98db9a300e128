"""What a killed program leaves of JACK, where PortAudio looks for devices, too.

Every client of libjack2 opens a database in shared memory. One that was killed in that moment leaves it locked, and
whoever initialises PortAudio after it waits for ever, until the computer starts anew.
"""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

DATABASE: Final = Path(f"/dev/shm/jack_db-{os.getuid()}")  # noqa: S108 - where libjack2 has it
_PATIENCE_S: Final = 3.0
"""PortAudio is initialised in less than a second."""
_AGAIN: Final = "NIGHTVOICE_SOUND_AGAIN"
"""Set in a process that was begun anew, so that this happens once."""


@contextmanager
def unlocked() -> Iterator[None]:
    """PortAudio is initialised in here. Where that hangs, this process begins anew, without the database.

    It holds names that programs gave to their ports; who uses it now keeps what he has open.
    """
    timer = threading.Timer(_PATIENCE_S, _begin_anew)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _begin_anew() -> None:
    if _AGAIN in os.environ or not DATABASE.is_dir():
        return
    shutil.rmtree(DATABASE, ignore_errors=True)
    os.environ[_AGAIN] = "1"
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the very same program
