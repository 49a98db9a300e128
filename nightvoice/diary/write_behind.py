"""Diary access during the night: a slow disk delays nobody, and a failing disk loses no event."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

from nightvoice.diary import log
from nightvoice.diary.errors import NoSuchEpisode
from nightvoice.diary.spool import Entry, Spool
from nightvoice.diary.store import Diary
from nightvoice.storage.errors import ForeignDatabase, StorageDamaged, StorageUnavailable
from nightvoice.system.counting import plural

WRITE_TIMEOUT_S: Final = 0.3
"""Longest wait for an event to reach the disk, which usually takes milliseconds."""
QUERY_TIMEOUT_S: Final = 1.0
"""Longest wait for an answer from the diary."""
CLOSE_TIMEOUT_S: Final = 3.0
"""Longest wait for the last events when closing."""
SLOW_S: Final = 5.0
"""Seconds without an answer from the disk after which the user is told, and the events are saved in memory."""
SAVE_TIMEOUT_S: Final = 1.0
"""Longest wait for the events to be saved in memory when closing."""
_DAMAGED: Final = ".damaged-"
_HELPERS: Final = ("-wal", "-shm")
"""Suffixes of the files that SQLite keeps beside the diary."""
_NO_ANSWER: Final = "the diary does not answer: is its disk busy?"

Answer = TypeVar("Answer")


class WriteBehindDiary:
    """Reads and writes a diary in a background thread.

    Events that cannot be written stay in memory and in ``spool`` and are written later, by this process or the next
    one. A damaged diary is quarantined, never deleted, and a new one is created.
    """

    def __init__(self, open_: Callable[[], Diary], file: Path | None = None, spool: Spool | None = None) -> None:
        """``open_`` opens the diary and is retried until it succeeds; only ``file`` may be quarantined."""
        self._open, self._file, self._spool = open_, file, spool
        self._diary: Diary | None = None
        self._unwritten: deque[Entry] = deque(spool.read() if spool else ())
        self._from_spool = len(self._unwritten)
        """Number of events at the front of ``_unwritten`` that an earlier process left."""
        self._kept_in: Path | None = None
        """File that holds the unwritten events."""
        self._overdue: Future[Any] | None = None
        """The latest job, if one before it took too long."""
        self._overdue_since = 0.0
        """Monotonic time."""
        self._told_slow = False
        self._saving: threading.Thread | None = None
        self._failure: str | None = None
        self._notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="diary", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """Reason why events are waiting to be written, or None."""
        return self._failure or ("the disk is slow" if self._behind else None)

    @property
    def waiting(self) -> int:
        """Number of events that are not in the diary yet."""
        return len(self._unwritten)

    def notices(self) -> list[str]:
        """Return the one-line user messages since the last call. Call it now and then: it looks after a slow disk."""
        if self._behind and monotonic() - self._overdue_since >= SLOW_S:
            if not self._told_slow:
                self._told_slow = True
                self._notices.put(f"{_NO_ANSWER} What happens is kept until it does")
            self._save_in_memory()
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
            raise StorageUnavailable(_NO_ANSWER) from None

    def close(self) -> str | None:
        """Write pending events if possible and close the diary; return where the others are, in one line."""
        self._submit(self._flush)
        self._jobs.put(None)
        self._thread.join(CLOSE_TIMEOUT_S)
        if self._unwritten and self._thread.is_alive():
            if self._saving is not None:
                self._saving.join(SAVE_TIMEOUT_S)
            self._save_in_memory().join(SAVE_TIMEOUT_S)
        if not (count := self.waiting):
            return None
        why = self._failure or _NO_ANSWER
        if self._spool is None or self._kept_in is None:
            return f"{why}; {plural(count, 'event')} of the night could not be kept anywhere"
        return f"{why}; {self._spool.advice(count, self._kept_in)}"

    def _save_in_memory(self) -> threading.Thread:
        """Save the unwritten events without the diary's disk; in a thread, in case that hangs as well."""
        if self._saving is None or not self._saving.is_alive():
            self._saving = threading.Thread(target=self._save, args=(True,), name="diary spool", daemon=True)
            self._saving.start()
        return self._saving

    def _run(self, job: Callable[[], None]) -> None:
        """Run ``job`` in the thread; wait for it unless an earlier job is still overdue."""
        behind, future = self._behind, self._submit(job)
        if not behind:
            try:
                return future.result(WRITE_TIMEOUT_S)
            except TimeoutError:
                self._overdue_since = monotonic()
        self._overdue = future

    @property
    def _behind(self) -> bool:
        """Whether a job is overdue."""
        return self._overdue is not None and not self._overdue.done()

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
                self._take_in()
                while self._unwritten:
                    self._append(*self._unwritten[0])
                    self._unwritten.popleft()
            except StorageUnavailable as error:
                if str(error) != self._failure:
                    self._failure = str(error)
                    self._notices.put(self._failure)
                self._save()
                return
            if self._failure is not None or self._told_slow:
                self._failure, self._told_slow = None, False
                self._notices.put("the diary is written again; nothing was lost")
            if self._spool is not None:
                self._spool.clear()

    def _take_in(self) -> None:
        """Write what an earlier process left, unless it was killed between writing an event and clearing the spool."""
        if not self._from_spool:
            return
        try:
            with self._opened().database.reading() as sql:
                while self._from_spool and log.is_written(sql, *self._unwritten[0]):
                    self._unwritten.popleft()
                    self._from_spool -= 1
        except StorageDamaged as error:
            self._quarantine(error)
        if self._from_spool:
            one, many = "event that could not be written earlier is", "events that could not be written earlier are"
            self._notices.put(f"{plural(self._from_spool, one, many)} written now")
        self._from_spool = 0

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

    def _save(self, in_memory: bool = False) -> None:
        """Save a copy of the unwritten events."""
        if self._spool is not None:
            self._kept_in = self._spool.save(self._unwritten.copy(), in_memory)


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
