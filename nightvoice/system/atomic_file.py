"""A small file for its owner alone, never half written: what was there stays until the new text is on the disk."""

import os
from collections.abc import Callable
from pathlib import Path


def replace_text(file: Path, text: str, check: Callable[[Path], None] = lambda new: None) -> None:
    """Write ``text`` beside ``file``, let ``check`` look at that, and put it in its place.

    The folder must be there. Raises OSError, and what ``check`` raises; then nothing has changed.
    """
    beside = file.with_name(file.name + ".new")
    try:
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        check(beside)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
