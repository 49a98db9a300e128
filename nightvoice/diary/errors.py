"""What can go wrong with the file on the disk, each as one line that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError

from nightvoice.errors import NightvoiceError


class DiaryUnavailable(NightvoiceError):  # noqa: N818 (an outcome to live with, not a fault)
    """The diary cannot be opened, read or written just now."""


class DiaryFull(DiaryUnavailable):
    """There is no room left for it; what was written before is safe."""


class DiaryTooNew(DiaryUnavailable):
    """A newer nightvoice has written it."""


class DiaryDamaged(DiaryUnavailable):
    """The file is no diary, or broken."""


_REASONS: Final[tuple[tuple[str, type[DiaryUnavailable], str], ...]] = (
    ("disk is full", DiaryFull, "the disk is full: free some space, nothing written before is lost"),
    # Without room for its shared-memory file SQLite reports an I/O error.
    ("disk i/o error", DiaryFull, "cannot be written: the disk is full or failing; see how much space is free"),
    ("not a database", DiaryDamaged, "is not a diary: move it away or name another file"),
    ("malformed", DiaryDamaged, "is damaged: keep a copy of it, then put a backup in its place or name another file"),
    ("unable to open", DiaryUnavailable, "cannot be opened: check that its folder exists and that you may write there"),
    ("readonly", DiaryUnavailable, "may not be written: check who owns the file and its folder"),
    ("locked", DiaryUnavailable, "another program has been writing to it for too long: close that one or try again"),
)


@contextmanager
def plain_errors(name: str) -> Iterator[None]:
    """Turn the database's errors into a DiaryUnavailable that begins with ``name``."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        for part, kind, advice in _REASONS:
            if part in reason.lower():
                raise kind(f"diary {name}: {advice}") from error
        raise DiaryUnavailable(f"diary {name}: {reason}") from error
