"""Diary access during the night: a slow disk delays nobody, and a failing disk loses no event."""

import json
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from nightvoice.diary.errors import NoSuchEpisode
from nightvoice.diary.store import Diary
from nightvoice.storage.errors import ForeignDatabase, StorageDamaged, StorageUnavailable
from nightvoice.system.atomic_file import replace_text

WRITE_TIMEOUT_S: Final = 0.3
"""Longest wait for an event to reach the disk, which usually takes milliseconds."""
QUERY_TIMEOUT_S: Final = 1.0
"""Longest wait for an answer from the diary."""
CLOSE_TIMEOUT_S: Final = 3.0
"""Longest wait for the last events when closing."""
_DAMAGED: Final = ".damaged-"
_HELPERS: Final = ("-wal", "-shm")
"""Suffixes of the files that SQLite keeps beside the diary."""

Entry = tuple[str, datetime, Mapping[str, Any]]
Answer = TypeVar("Answer")


class WriteBehindDiary:
    """Reads and writes a diary in a background thread.

    Events that cannot be written stay in memory and in the file ``spool`` and are written later, by this process or
    the next one. A damaged diary is quarantined, never deleted, and a new one is created.
    """

    def __init__(self, open_: Callable[[], Diary], file: Path | None = None, spool: Path | None = None) -> None:
        """``open_`` opens the diary and is retried until it succeeds; only ``file`` may be quarantined."""
        self._open, self._file, self._spool = open_, file, spool
        self._diary: Diary | None = None
        self._unwritten: deque[Entry] = deque(_read_spool(spool))
        self._behind = False
        self._failure: str | None = None
        self._notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="diary", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """Reason why events are waiting to be written, or None."""
        return self._failure or ("the disk is slow" if self._behind else None)

    def notices(self) -> list[str]:
        """Return the one-line user messages since the last call."""
        notices = []
        with suppress(queue.Empty):
            while True:
                notices.append(self._notices.get_nowait())
        return notices

    def write(self, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        """Write an event to disk before returning, unless the disk fails or takes longer than WRITE_TIMEOUT_S."""
        self._unwritten.append((kind, at, data))
        self._run(self._flush)

    def heard_until(self, at: datetime) -> None:
        """Write a heartbeat like ``Diary.heard_until``; skip it while the diary cannot be written."""

        def beat() -> None:
            self._flush()
            if not self._unwritten:
                with suppress(StorageUnavailable):
                    self._opened().heard_until(at)

        self._run(beat)

    def query(self, question: Callable[[Diary], Answer], timeout: float = QUERY_TIMEOUT_S) -> Answer:
        """Call ``question`` with the diary after all pending writes and return its result.

        Raises StorageUnavailable if that fails or takes longer than ``timeout`` seconds.
        """
        future = self._submit(lambda: question(self._opened()))
        try:
            return future.result(timeout)
        except TimeoutError:
            raise StorageUnavailable("the diary does not answer: is its disk busy?") from None

    def close(self) -> None:
        """Write pending events if possible and close the diary."""
        self._submit(self._flush)
        self._jobs.put(None)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self, job: Callable[[], None]) -> None:
        """Run ``job`` in the thread; wait for it unless an earlier job is still overdue."""
        future = self._submit(job)
        if self._behind:
            self._behind = self._jobs.qsize() > 1
            return
        try:
            future.result(WRITE_TIMEOUT_S)
        except TimeoutError:
            self._behind = True

    def _submit(self, job: Callable[[], Answer]) -> Future[Answer]:
        future: Future[Answer] = Future()
        self._jobs.put((future, job))
        return future

    # In the thread

    def _work(self) -> None:
        while (task := self._jobs.get()) is not None:
            future, job = task
            try:
                future.set_result(job())
            except Exception as error:  # fail this job only; keep the thread running
                future.set_exception(error)
        if self._diary is not None:
            self._diary.close()

    def _opened(self) -> Diary:
        if self._diary is None:
            try:
                self._diary = self._open()
            except StorageDamaged as error:
                self._quarantine(error)
                self._diary = self._open()
        return self._diary

    def _flush(self) -> None:
        if self._unwritten:
            try:
                while self._unwritten:
                    self._append(*self._unwritten[0])
                    self._unwritten.popleft()
            except StorageUnavailable as error:
                if str(error) != self._failure:
                    self._failure = str(error)
                    self._notices.put(self._failure)
                self._save_spool()
                return
            if self._failure is not None:
                self._failure = None
                self._notices.put("the diary is written again; nothing was lost")
            if self._spool is not None:
                self._spool.unlink(missing_ok=True)

    def _append(self, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        try:
            self._opened().append(kind, at, data)
        except NoSuchEpisode:
            return  # deleted on the page while it was being rated
        except StorageDamaged as error:
            self._quarantine(error)
            self._opened().append(kind, at, data)
        except StorageUnavailable:
            raise
        except Exception as error:  # one bad event must not keep the others from the disk
            self._notices.put(f"an event ({kind}) could not be written: {type(error).__name__}: {error}")

    def _quarantine(self, error: StorageDamaged) -> None:
        """Move the damaged file aside. Raises ``error`` if it is not a diary or cannot be moved."""
        if self._diary is not None:
            with suppress(Exception):
                self._diary.close()
            self._diary = None
        if self._file is None or isinstance(error, ForeignDatabase):
            raise error
        try:
            moved = quarantine(self._file)
        except OSError:
            raise error from None
        self._notices.put(f"the diary was damaged: it is kept as {moved}, and a new one begun; run: nightvoice recover")

    def _save_spool(self) -> None:
        if self._spool is not None:
            with suppress(OSError):
                _write_spool(self._spool, list(self._unwritten))


def quarantine(file: Path) -> Path:
    """Rename a damaged diary and its helper files and return the new name. Raises OSError."""
    return _rename(file, file.with_name(f"{file.name}{_DAMAGED}{datetime.now():%Y%m%d-%H%M%S}"))


def mark_recovered(quarantined: Path) -> Path:
    """Rename a recovered diary so that the user is not asked to recover it again; return the new name.

    Raises OSError.
    """
    return _rename(quarantined, quarantined.with_name(quarantined.name.replace(_DAMAGED, ".recovered-")))


def quarantined(file: Path) -> list[Path]:
    """Return the quarantined copies of ``file`` that have not been recovered yet."""
    found = sorted(file.parent.glob(f"{file.name}{_DAMAGED}*"))
    return [path for path in found if not path.name.endswith(_HELPERS)]


def _rename(file: Path, name: Path) -> Path:
    for suffix in ("", *_HELPERS):
        part = Path(f"{file}{suffix}")
        if part.exists():
            part.rename(f"{name}{suffix}")
    return name


def _write_spool(file: Path, entries: list[Entry]) -> None:
    lines = (json.dumps({"kind": kind, "at": at.isoformat(), "data": dict(data)}) + "\n" for kind, at, data in entries)
    replace_text(file, "".join(lines))


def _read_spool(file: Path | None) -> list[Entry]:
    """Return the events an earlier process could not write, up to the first invalid line."""
    entries: list[Entry] = []
    if file is not None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            for line in file.read_text(encoding="utf-8").splitlines():
                found = json.loads(line)
                entries.append((str(found["kind"]), datetime.fromisoformat(found["at"]), dict(found["data"])))
    return entries
