"""How far a follower of the event log has come: on the disk, so that it goes on there after any interruption."""

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
class Place:
    """Everything up to the event ``seq`` was delivered."""

    log: str
    """Which log: another where the diary was replaced, whose numbers then begin anew."""
    diary: str
    seq: int = 0
    at: str = ""
    """When that event happened: another time under its number is another diary's."""


class Bookmark:
    """The place, and the file it is kept in."""

    def __init__(self, file: Path, diary: Diary, from_now: bool = False) -> None:
        """``from_now``: a new follower begins with what happens next, not with the first event of all."""
        self._file, self._diary = file, diary
        found = self._found()
        self._place = found or Place(token_hex(4), diary.name)
        if found is None:
            # Before anything goes out under the name of a log, that name is on the disk.
            self.move(diary.events(after=max(0, diary.last_seq() - 1)) if from_now else ())

    @property
    def log(self) -> str:
        return self._place.log

    @property
    def seq(self) -> int:
        return self._place.seq

    def check(self) -> None:
        """Begin anew where the diary is not the one that was followed. Raises DiaryUnavailable, OSError."""
        place, diary = self._place, self._diary
        there = diary.events(after=place.seq - 1, limit=1) if place.seq else []
        # An event may be missing because its episode was deleted, but then later ones are there.
        if place.seq and (not there or (there[0].seq == place.seq and there[0].at.isoformat() != place.at)):
            self._place = Place(token_hex(4), diary.name)
            self.move(())

    def move(self, delivered: Iterable[Event]) -> None:
        """``delivered``, the latest last, need never be delivered again once this returns. Raises OSError."""
        for event in delivered:
            self._place = replace(self._place, seq=event.seq, at=event.at.isoformat())
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_text(self._file, json.dumps(asdict(self._place)))

    def _found(self) -> Place | None:
        with suppress(OSError, ValueError, TypeError):
            place = Place(**json.loads(self._file.read_text(encoding="utf-8")))
            return place if place.diary == self._diary.name else None
        return None
