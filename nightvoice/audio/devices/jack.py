"""Recovery from a JACK database that a killed program left locked, which makes PortAudio hang.

Every client of libjack2 opens a database in shared memory. A client killed while it does so leaves the database locked,
and from then on PortAudio never returns from its initialisation, until the computer restarts.
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
_TIMEOUT_S: Final = 3.0
"""PortAudio initialises in less than a second."""
_RESTARTED: Final = "NIGHTVOICE_SOUND_AGAIN"
"""Environment variable that marks a restarted process, so that it restarts only once."""


@contextmanager
def restart_on_hang() -> Iterator[None]:
    """Initialise PortAudio within this context: if that hangs, delete the database and restart this process.

    The database only holds names of ports; programs that use it keep what they have open.
    """
    timer = threading.Timer(_TIMEOUT_S, _restart)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _restart() -> None:
    if _RESTARTED in os.environ or not DATABASE.is_dir():
        return
    shutil.rmtree(DATABASE, ignore_errors=True)
    os.environ[_RESTARTED] = "1"
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the very same program
