"""Remembers under which topics a bed has published, so that a renamed bed leaves nothing at the broker."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from nightvoice.bridge.messages import Message
from nightvoice.system.atomic_file import replace_text


class Address:
    """The retained topics that the bridge used last, stored in ``file``."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def clear_others(self, topics: Sequence[str]) -> Iterator[Message]:
        """Yield messages that remove what was retained on other topics than ``topics`` (an empty payload does)."""
        for topic in self._read():
            if topic not in topics:
                yield Message(topic, "", retain=True)

    def move(self, topics: Sequence[str]) -> None:
        """Record on disk that ``topics`` are in use, and no others. Raises OSError."""
        if self._read() != list(topics):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_text(self._file, json.dumps(list(topics)))

    def _read(self) -> list[str]:
        with suppress(OSError, ValueError):
            found = json.loads(self._file.read_text(encoding="utf-8"))
            if isinstance(found, list):
                return [topic for topic in found if isinstance(topic, str) and topic]
        return []
