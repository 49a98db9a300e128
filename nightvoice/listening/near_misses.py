"""A log of near misses: sounds that were almost taken for a cramp or a command, without the sound or the words."""

import contextlib
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from nightvoice.system.atomic_file import replace_text

MIN_SCORE: Final = 0.1
"""Score from which a rejection is a near miss; from 0.5 on it would have been heard."""
MAX_PER_HOUR: Final = 60
"""Limit on what is logged, so that a television that talks all evening does not fill the disk."""
RETENTION: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A result that was rejected, or asked about."""

    at: datetime
    score: float
    verdict: str
    """``rejected`` or ``doubtful``."""


class NearMisses:
    """The log in ``file``, one JSON object per line. Write errors are ignored: the night matters more."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._latest: deque[datetime] = deque(maxlen=MAX_PER_HOUR)

    def read(self, since: datetime) -> list[NearMiss]:
        """Return the near misses from ``since`` (time zone aware) on, oldest first; damaged lines are skipped."""
        found = []
        with contextlib.suppress(OSError):
            for line in self._file.read_text("utf-8", "replace").splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    entry = json.loads(line)
                    miss = NearMiss(datetime.fromisoformat(entry["at"]), float(entry["score"]), str(entry["verdict"]))
                    if miss.at >= since:
                        found.append(miss)
        return found

    def add(self, miss: NearMiss) -> None:
        """Log ``miss`` if its score is high enough and the hour's limit is not reached."""
        full = len(self._latest) == MAX_PER_HOUR and miss.at - self._latest[0] < timedelta(hours=1)
        if miss.score < MIN_SCORE or full:
            return
        self._latest.append(miss.at)
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(self._file, "a", encoding="utf-8", opener=_open_private) as file:
                file.write(_line(miss))

    def prune(self, now: datetime) -> None:
        """Delete entries older than RETENTION."""
        kept = "".join(map(_line, self.read(now - RETENTION)))
        with contextlib.suppress(OSError):
            if self._file.exists():
                replace_text(self._file, kept)

    def sink(self, began: datetime) -> Callable[[Mapping[str, Any]], None]:
        """Return a sink that logs the near misses among a night's events. ``began`` is the time of t = 0."""

        def take(event: Mapping[str, Any]) -> None:
            if event["event"] == "rejected":
                self.add(_miss(event, began))

        return take


def _open_private(file: str, flags: int) -> int:
    return os.open(file, flags, 0o600)


def _miss(event: Mapping[str, Any], began: datetime) -> NearMiss:
    return NearMiss(began + timedelta(seconds=event["t"]), float(event["score"]), str(event["verdict"]))


def _line(miss: NearMiss) -> str:
    return (
        json.dumps(
            {"at": miss.at.isoformat(timespec="seconds"), "score": round(miss.score, 3), "verdict": miss.verdict}
        )
        + "\n"
    )
