"""The log file of the night: its events without spoken words, limited in size."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nightvoice.diary.marks import LOG, WORDS, may_leave
from nightvoice.diary.store import LEAD_IN
from nightvoice.errors import NightvoiceError, reason
from nightvoice.night.events import NIGHT_EVENTS, PROBLEMS, SummaryEvent

if TYPE_CHECKING:
    from nightvoice.diary.episode import Episode

SIZE: Final = 500_000
"""Maximum size of one file in bytes."""
KEPT: Final = 4
"""Number of older files kept."""


class NightLog:
    """Writes one line per event of the night, with the fields that ``night/events.py`` marks for the log.

    ``words``: also log what was said and heard. If the file cannot be written, nothing is logged.
    """

    def __init__(self, file: Path, words: bool = False) -> None:
        self._destinations = LOG | WORDS if words else LOG
        self._logger = logging.Logger("nightvoice")
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            handler = RotatingFileHandler(file, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8", delay=True)
        except OSError:
            self._logger.addHandler(logging.NullHandler())
            return
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handler.handleError = lambda record: None  # type: ignore[method-assign] # a full disk must not end the night
        self._logger.addHandler(handler)

    def event(self, event: dict[str, Any]) -> None:
        """Log one event of the night (a sink)."""
        kind = event["event"]
        if kind == SummaryEvent.kind:
            return
        shown = may_leave(event, self._destinations, kind, NIGHT_EVENTS)
        fields = " ".join(f"{name}={value}" for name, value in shown.items() if value is not None)
        self._logger.log(logging.WARNING if kind in PROBLEMS else logging.INFO, "%s %s", kind, fields)

    def trouble(self, line: str) -> None:
        """Log a problem, in one line."""
        self._logger.warning(line)


def forget(file: Path, episode: Episode) -> int:
    """Delete the lines of the time of ``episode`` from the log ``file`` and its older files; return their number.

    The log has no line about a cramp that was told of later.
    Each file is rewritten in place, since a running night goes on writing to it. Raises NightvoiceError.
    """
    if episode.told_later:
        return 0
    begin = episode.onset - LEAD_IN
    end = (episode.ended or datetime.now(episode.onset.tzinfo)) + timedelta(seconds=1)
    # The log has the time of the person's clock, as has the episode.
    first, last = (time.strftime("%Y-%m-%d %H:%M:%S") for time in (begin, end))
    count = 0
    for name in (file.name, *(f"{file.name}.{number}" for number in range(1, KEPT + 1))):
        try:
            with file.with_name(name).open("r+", encoding="utf-8", errors="surrogateescape") as log:
                lines = log.readlines()
                left = [line for line in lines if not first <= line[: len(first)] <= last]
                if len(left) < len(lines):
                    log.seek(0)
                    log.writelines(left)
                    log.truncate()
        except FileNotFoundError:
            continue
        except OSError as error:
            why = f"{file}: still has lines of that time: {reason(error)}; delete the file"
            raise NightvoiceError(why) from None
        count += len(lines) - len(left)
    return count
