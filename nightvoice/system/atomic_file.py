"""Replaces small private files atomically: the old content stays until the new content is on disk."""

import os
from collections.abc import Callable
from pathlib import Path


def replace_text(file: Path, text: str, check: Callable[[Path], None] = lambda new: None) -> None:
    """Write ``text`` to a temporary file, run ``check`` on it, and rename it to ``file``; mode 0600.

    The folder must exist. Raises OSError and any error of ``check``; ``file`` is then unchanged.
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
