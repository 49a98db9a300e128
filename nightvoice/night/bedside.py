"""Keeps two programs from answering at one bedside, or from writing one night into a diary twice."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from nightvoice.diary.connect import sqlite_file
from nightvoice.system import paths
from nightvoice.system.instance_lock import InstanceLock

STOP_IT = "stop it first (as a service: systemctl --user stop nightvoice)"


@contextmanager
def sole_listener(program: str, diary: str | None = None, instead: str = "") -> Iterator[None]:
    """Hold the bedside of this user, and the SQLite diary at the URL ``diary``, while the block runs.

    ``instead``: what to do rather than stop the other program. Raises NightvoiceError if another program holds either.
    """
    refusal = f"already listens here; {instead}, or {STOP_IT}" if instead else f"already listens here; {STOP_IT}"
    files = [paths.bedside_lock_file()]
    if diary is not None and (file := sqlite_file(diary)) is not None:
        # Programs with other state folders, for example in a container, may share the diary.
        files.append(file.with_name(f"{file.name}.lock"))
    with ExitStack() as held:
        for file in files:
            lock = InstanceLock.acquire(file, program, refusal)
            if lock is not None:
                held.enter_context(closing(lock))
        yield
