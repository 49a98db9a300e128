"""What was nearly heard in the night: a few numbers to each, no sound and no words."""

import contextlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from nightvoice.system.atomic_file import replace_text

NEAR: Final = 0.1
"""Score from which something was nearly heard; from 0.5 on it is heard."""
MOST_AN_HOUR: Final = 60
"""Kept of an hour: a television that talks all evening fills no disk."""
KEPT: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Something that was not believed, or asked about."""

    at: datetime
    score: float
    verdict: str
    """``rejected`` or ``doubtful``."""


class NearMisses:
    """The log in ``file``, one JSON line each. What cannot be written is not missed: the night goes on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._latest: deque[datetime] = deque(maxlen=MOST_AN_HOUR)

    def read(self, since: datetime) -> list[NearMiss]:
        """Those from ``since`` (aware) on, oldest first; damaged lines are passed over."""
        found = []
        with contextlib.suppress(OSError):
            for line in self._file.read_text("utf-8", "replace").splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    entry = json.loads(line)
                    miss = NearMiss(datetime.fromisoformat(entry["at"]), float(entry["score"]), str(entry["verdict"]))
                    if miss.at >= since:
                        found.append(miss)
        return found

    def note(self, miss: NearMiss) -> None:
        """Add one, where it is near and the hour not full."""
        full = len(self._latest) == MOST_AN_HOUR and miss.at - self._latest[0] < timedelta(hours=1)
        if miss.score < NEAR or full:
            return
        self._latest.append(miss.at)
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(_line(miss))

    def forget_old(self, now: datetime) -> None:
        """Keep only the last KEPT."""
        kept = "".join(map(_line, self.read(now - KEPT)))
        with contextlib.suppress(OSError):
            if self._file.exists():
                replace_text(self._file, kept)

    def sink(self, began: datetime) -> Callable[[Mapping[str, Any]], None]:
        """Takes a night's events, and notes what of them is a near miss. ``began``: t = 0."""

        def take(event: Mapping[str, Any]) -> None:
            if event["event"] == "rejected":
                self.note(_miss(event, began))

        return take


def _miss(event: Mapping[str, Any], began: datetime) -> NearMiss:
    return NearMiss(began + timedelta(seconds=event["t"]), float(event["score"]), str(event["verdict"]))


def _line(miss: NearMiss) -> str:
    return (
        json.dumps(
            {"at": miss.at.isoformat(timespec="seconds"), "score": round(miss.score, 3), "verdict": miss.verdict}
        )
        + "\n"
    )
