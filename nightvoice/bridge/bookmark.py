"""Position of a reader in the event log, kept on disk so that reading resumes there after an interruption."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex

from nightvoice.diary.event import Event
from nightvoice.diary.store import Diary
from nightvoice.system.atomic_file import replace_text


@dataclass(frozen=True, slots=True)
class Position:
    """A position in an event log: every event up to ``seq`` has been delivered."""

    log: str
    """Id of the log. A replaced diary is a new log, whose numbers start from the beginning."""
    diary: str
    """Name of the diary (``Diary.name``)."""
    seq: int = 0
    at: str = ""
    """Time of the event ``seq`` (ISO). A different time for that number means that the diary was replaced."""


class Bookmark:
    """Position of one reader of ``diary``, stored in ``file``."""

    def __init__(self, file: Path, diary: Diary, from_now: bool = False) -> None:
        """``from_now``: start a new reader at the end of the log instead of the beginning."""
        self._file, self._diary = file, diary
        found = self._read()
        self._position = found or Position(token_hex(4), diary.name)
        if found is None:
            # Store the log's id on disk before publishing anything under it.
            self.move(diary.events(after=max(0, diary.last_seq() - 1)) if from_now else ())

    @property
    def log(self) -> str:
        return self._position.log

    @property
    def seq(self) -> int:
        return self._position.seq

    def check(self) -> None:
        """Start a new log if the diary was replaced. Raises StorageUnavailable, OSError."""
        position, diary = self._position, self._diary
        found = diary.events(after=position.seq - 1, limit=1) if position.seq else []
        # If the event at the position was deleted with its episode, the first event found has a later number.
        if position.seq and (not found or (found[0].seq == position.seq and found[0].at.isoformat() != position.at)):
            self._position = Position(token_hex(4), diary.name)
            self.move(())

    def move(self, delivered: Iterable[Event]) -> None:
        """Record on disk that ``delivered``, in order of their numbers, have been delivered. Raises OSError."""
        for event in delivered:
            self._position = replace(self._position, seq=event.seq, at=event.at.isoformat())
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_text(self._file, json.dumps(asdict(self._position)))

    def _read(self) -> Position | None:
        with suppress(OSError, ValueError, TypeError):
            position = Position(**json.loads(self._file.read_text(encoding="utf-8")))
            return position if position.diary == self._diary.name else None
        return None
