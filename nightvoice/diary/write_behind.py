"""The diary as the night needs it: nobody waits for a disk, and nothing is lost for the want of one."""

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

from nightvoice.diary.errors import DiaryDamaged, DiaryForeign, DiaryUnavailable, NoSuchEpisode
from nightvoice.diary.store import Diary
from nightvoice.system.atomic_file import replace_text

WRITE_S: Final = 0.3
"""How long what happens next waits for an event to be on the disk: usually it takes milliseconds."""
ASK_S: Final = 1.0
"""How long an answer from the diary is waited for."""
CLOSE_S: Final = 3.0
"""How long the last events may take."""
_DAMAGED: Final = ".damaged-"

Entry = tuple[str, datetime, Mapping[str, Any]]
Answer = TypeVar("Answer")


class WriteBehindDiary:
    """Writes and reads in a thread of its own. What cannot be written now is kept in memory and, where that can be
    written, in ``spare``, and written later: by this night or by the next one.

    ``open_`` opens the diary, also again while there is none. If its ``file`` turns out to be damaged, that is set
    aside, never deleted, and a new one begun.
    """

    def __init__(self, open_: Callable[[], Diary], file: Path | None = None, spare: Path | None = None) -> None:
        self._open, self._file, self._spare = open_, file, spare
        self._diary: Diary | None = None
        self._unwritten: deque[Entry] = deque(_read(spare))
        self._behind = False
        self._failure: str | None = None
        self._news: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="diary", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """Why events are waiting to be written, or None."""
        return self._failure or ("the disk is slow" if self._behind else None)

    def news(self) -> list[str]:
        """What there is to know since the last call: one line each."""
        news = []
        with suppress(queue.Empty):
            while True:
                news.append(self._news.get_nowait())
        return news

    def write(self, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        """On the disk when this returns, if the disk is well; it never takes longer than WRITE_S."""
        self._unwritten.append((kind, at, data))
        self._run(self._flush)

    def heard_until(self, at: datetime) -> None:
        """As ``Diary.heard_until``; while that cannot be written, nothing happens."""

        def note() -> None:
            self._flush()
            if not self._unwritten:
                with suppress(DiaryUnavailable):
                    self._opened().heard_until(at)

        self._run(note)

    def ask(self, question: Callable[[Diary], Answer], patience: float = ASK_S) -> Answer:
        """What the diary answers, with all that was written. Raises DiaryUnavailable after ``patience`` seconds."""
        future = self._submit(lambda: question(self._opened()))
        try:
            return future.result(patience)
        except TimeoutError:
            raise DiaryUnavailable("the diary does not answer: is its disk busy?") from None

    def close(self) -> None:
        """Write what can be written and let go of the diary."""
        self._submit(self._flush)
        self._jobs.put(None)
        self._thread.join(CLOSE_S)

    def _run(self, job: Callable[[], None]) -> None:
        future = self._submit(job)
        if self._behind:
            self._behind = self._jobs.qsize() > 1
            return
        try:
            future.result(WRITE_S)
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
            except Exception as error:  # of one job, not of the night
                future.set_exception(error)
        if self._diary is not None:
            self._diary.close()

    def _opened(self) -> Diary:
        if self._diary is None:
            try:
                self._diary = self._open()
            except DiaryDamaged as error:
                self._set_aside(error)
                self._diary = self._open()
        return self._diary

    def _flush(self) -> None:
        if self._unwritten:
            try:
                while self._unwritten:
                    self._append(*self._unwritten[0])
                    self._unwritten.popleft()
            except DiaryUnavailable as error:
                if str(error) != self._failure:
                    self._failure = str(error)
                    self._news.put(self._failure)
                self._save()
                return
            if self._failure is not None:
                self._failure = None
                self._news.put("the diary is written again; nothing was lost")
            if self._spare is not None:
                self._spare.unlink(missing_ok=True)

    def _append(self, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        try:
            self._opened().append(kind, at, data)
        except NoSuchEpisode:
            return  # deleted on the page while it was being rated
        except DiaryDamaged as error:
            self._set_aside(error)
            self._opened().append(kind, at, data)
        except DiaryUnavailable:
            raise
        except Exception as error:  # one event that cannot be written must not keep the others from the disk
            self._news.put(f"an event ({kind}) could not be written: {type(error).__name__}: {error}")

    def _set_aside(self, error: DiaryDamaged) -> None:
        """Move the damaged file out of the way. Raises ``error`` where it is no file of ours to move."""
        if self._diary is not None:
            with suppress(Exception):
                self._diary.close()
            self._diary = None
        if self._file is None or isinstance(error, DiaryForeign):
            raise error
        try:
            aside = set_aside(self._file)
        except OSError:
            raise error from None
        self._news.put(f"the diary was damaged: it is kept as {aside}, and a new one begun; run: nightvoice recover")

    def _save(self) -> None:
        if self._spare is not None:
            with suppress(OSError):
                _write(self._spare, list(self._unwritten))


def set_aside(file: Path) -> Path:
    """Give a damaged diary another name, with the files that belong to it; return that name. Raises OSError."""
    return _renamed(file, file.with_name(f"{file.name}{_DAMAGED}{datetime.now():%Y%m%d-%H%M%S}"))


def was_recovered(aside: Path) -> Path:
    """Give a damaged diary that was read a name that asks for nothing more; return that name. Raises OSError."""
    return _renamed(aside, aside.with_name(aside.name.replace(_DAMAGED, ".recovered-")))


def _renamed(file: Path, name: Path) -> Path:
    for suffix in ("", "-wal", "-shm"):
        part = Path(f"{file}{suffix}")
        if part.exists():
            part.rename(f"{name}{suffix}")
    return name


def damaged(file: Path) -> list[Path]:
    """The damaged diaries that were set aside and not yet read."""
    found = sorted(file.parent.glob(f"{file.name}{_DAMAGED}*"))
    return [path for path in found if not path.name.endswith(("-wal", "-shm"))]


def _write(file: Path, entries: list[Entry]) -> None:
    lines = (json.dumps({"kind": kind, "at": at.isoformat(), "data": dict(data)}) + "\n" for kind, at, data in entries)
    replace_text(file, "".join(lines))


def _read(file: Path | None) -> list[Entry]:
    """What an earlier night could not write; of a file cut short, what is whole."""
    entries: list[Entry] = []
    if file is not None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            for line in file.read_text(encoding="utf-8").splitlines():
                found = json.loads(line)
                entries.append((str(found["kind"]), datetime.fromisoformat(found["at"]), dict(found["data"])))
    return entries
