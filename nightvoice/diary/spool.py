"""Keeps the events that the diary could not take until it can."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from nightvoice.diary.connect import sqlite_file
from nightvoice.system import paths
from nightvoice.system.atomic_file import replace_text
from nightvoice.system.counting import plural

_SUFFIX: Final = ".unwritten"

Entry = tuple[str, datetime, Mapping[str, Any]]
"""Kind, time and data of an event."""


class Spool:
    """Keeps events in the first of several files that can be written.

    ``lasting``: files on a disk, the first of them beside the diary. ``fleeting``: files in memory, which take the
    events when every disk is full or hangs, and are gone when the computer restarts.
    """

    def __init__(self, lasting: Sequence[Path], fleeting: Sequence[Path] = ()) -> None:
        self._lasting, self._fleeting = tuple(lasting), tuple(fleeting)
        self._beside, self._files = self._lasting[0], self._lasting + self._fleeting

    def waiting(self) -> str | None:
        """Return in one line that events wait here, and what to do; None if none do."""
        entries, file = self.read(), next((file for file in self._files if file.exists()), None)
        return self.advice(len(entries), file) if entries and file else None

    def advice(self, count: int, file: Path) -> str:
        """Return in one line that ``count`` events wait in ``file``, and what to do."""
        until = " before the computer restarts" if file in self._fleeting else ""
        waits = plural(count, "event of a night waits", "events of a night wait")
        written = "it is" if count == 1 else "they are"
        return f"{waits} in {file}: start nightvoice run{until}, and {written} written"

    def read(self) -> list[Entry]:
        """Return the kept events in order. A file that could not be deleted may hold the beginning of another's."""
        entries: list[Entry] = []
        for file in self._files:
            if file == self._beside or _is_ours(file.parent):
                entries = [*entries, *(entry for entry in _read(file) if entry not in entries)]
        return entries

    def count(self) -> int:
        """Return how many events wait here."""
        return len(self.read())

    def save(self, entries: Iterable[Entry], in_memory: bool = False) -> Path | None:
        """Replace what is kept by ``entries``; return the file that holds them now, or None if no file can.

        ``in_memory``: use only the files in memory, and leave the others: their disk may hang.
        """
        files = self._fleeting if in_memory else self._files
        text = "".join(_line(entry) for entry in entries)
        for file in files:
            try:
                if file != self._beside:
                    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    if not _is_ours(file.parent):
                        continue
                replace_text(file, text)
            except OSError:
                continue
            _delete(other for other in files if other != file)
            return file
        return None

    def clear(self) -> None:
        """Keep nothing more."""
        _delete(self._files)


def spool_of(url: str) -> Spool:
    """Return the spool of the diary at ``url``."""
    file = sqlite_file(url)
    beside = file.with_name(file.name + _SUFFIX) if file else paths.data_dir() / f"diary{_SUFFIX}"
    # A digest: the URL of a server may hold a password, and two diaries may have one name.
    name = f"{sha256(os.fsencode(file.absolute() if file else url)).hexdigest()[:16]}{_SUFFIX}"
    return Spool((beside, paths.state_dir() / name), [folder / name for folder in paths.memory_dirs()])


def _is_ours(folder: Path) -> bool:
    """Return whether ``folder`` is there and owned by this user: in ``/dev/shm`` anybody can make one."""
    with suppress(OSError):
        return folder.stat().st_uid == os.geteuid()
    return False


def _delete(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):  # what cannot be deleted is recognized as written when it is read
            file.unlink(missing_ok=True)


def _line(entry: Entry) -> str:
    kind, at, data = entry
    return json.dumps({"kind": kind, "at": at.isoformat(), "data": dict(data)}) + "\n"


def _read(file: Path) -> list[Entry]:
    """Return the events in ``file`` up to the first invalid line."""
    entries: list[Entry] = []
    with suppress(OSError, ValueError, KeyError, TypeError):
        for line in file.read_text(encoding="utf-8").splitlines():
            found = json.loads(line)
            entries.append((str(found["kind"]), datetime.fromisoformat(found["at"]), dict(found["data"])))
    return entries
