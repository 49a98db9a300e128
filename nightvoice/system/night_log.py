"""The log of what happened, in a file that never grows large and holds no word that was spoken."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

SIZE: Final = 500_000
"""Bytes after which a new file is begun."""
KEPT: Final = 4
"""Older files that are kept."""
SAFE: Final = (
    *("intent", "score", "engine", "voice", "claim", "reason", "seconds", "part"),
    *("protocol", "step", "effect", "flag", "action", "outcome", "order"),
)
"""What is logged of an event; neither what was said nor what was heard, nor the free text of why."""
_OURS: Final = frozenset({"part_failed", "diary", "diary_unavailable"})
"""Events whose ``why`` is about the program."""


class NightLog:
    """``words``: log also what was said and heard. Where the file cannot be written there is no log."""

    def __init__(self, file: Path, words: bool = False) -> None:
        self._words = words
        self._logger = logging.Logger("nightvoice")
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            handler = RotatingFileHandler(file, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8", delay=True)
        except OSError:
            self._logger.addHandler(logging.NullHandler())
            return
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handler.handleError = lambda record: None  # type: ignore[method-assign] # a full disk is not the log's affair
        self._logger.addHandler(handler)

    def event(self, event: dict[str, Any]) -> None:
        """One event of the night (a sink)."""
        name = event["event"]
        if name == "summary":
            return
        shown = set(SAFE) | ({"text", "why", "slots", "site", "side"} if self._words else set())
        if name in _OURS:
            shown |= {"why"}
        fields = " ".join(f"{key}={value}" for key, value in event.items() if key in shown and value is not None)
        self._logger.log(logging.WARNING if name in _OURS else logging.INFO, "%s %s", name, fields)

    def trouble(self, line: str) -> None:
        """What went wrong, in one line."""
        self._logger.warning(line)
