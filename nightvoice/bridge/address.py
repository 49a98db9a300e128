"""Remembers under which topics a bed has published, so that a renamed bed leaves nothing at the broker."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from nightvoice.system.atomic_file import replace_text


@dataclass(frozen=True, slots=True)
class UsedTopics:
    """The topics of a bed, and who used them."""

    base: str
    """PREFIX/BED."""
    retained: list[str]
    """Those whose last message the broker keeps."""
    process: str
    """Id of the process that used them last (``Ownership.process``)."""


class Address:
    """The retained topics that the bridge used last, stored in ``file``."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> UsedTopics | None:
        """Return them; None if there are none, or the file cannot be read."""
        with suppress(OSError, ValueError, TypeError):
            return UsedTopics(**json.loads(self._file.read_text(encoding="utf-8")))
        return None

    def move(self, used: UsedTopics) -> None:
        """Record on disk that ``used`` are in use, and no others. Raises OSError."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_text(self._file, json.dumps(asdict(used)))
