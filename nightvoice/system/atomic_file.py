"""Replaces small private files atomically: the old content stays until the new content is on disk."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def replace_text(file: Path, text: str, check: Callable[[Path], None] = lambda new: None) -> None:
    """Write ``text`` to a temporary file, run ``check`` on it, and rename it to ``file``; mode 0600.

    The folder must exist. Raises OSError and any error of ``check``; ``file`` is then unchanged.
    """
    # A name of its own, since two programs may replace the file at the same time; mkstemp makes it private.
    handle, name = tempfile.mkstemp(prefix=file.name, suffix=".new", dir=file.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        check(beside)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
