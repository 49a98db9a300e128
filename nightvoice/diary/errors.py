"""What can go wrong with the file on the disk or the server, each as one line that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from nightvoice.errors import NightvoiceError


class DiaryUnavailable(NightvoiceError):  # noqa: N818 (an outcome to live with, not a fault)
    """The diary cannot be opened, read or written just now."""


class DiaryFull(DiaryUnavailable):
    """There is no room left for it; what was written before is safe."""


class DiaryTooNew(DiaryUnavailable):
    """A newer nightvoice has written it."""


class DiaryDamaged(DiaryUnavailable):
    """The file is no diary, or broken."""


class DiaryForeign(DiaryDamaged):
    """It is a database of another program: not ours to touch."""


class Damage(ValueError):  # noqa: N818
    """Values or pages that we never wrote; a Database makes a DiaryDamaged of it."""


class NoSuchEpisode(NightvoiceError):  # noqa: N818
    """There is no episode of that number, or not any more."""


_BUSY: Final = "another program has been writing to it for too long: close that one or try again"
_BROKEN: Final = "is damaged: keep a copy of it, then put a backup in its place or name another file"
_REASONS: Final[tuple[tuple[str, type[DiaryUnavailable], str], ...]] = (
    ("disk is full", DiaryFull, "the disk is full: free some space, nothing written before is lost"),
    ("no space left", DiaryFull, "the server's disk is full: free some space, nothing written before is lost"),
    # Without room for its shared-memory file SQLite reports an I/O error.
    ("disk i/o error", DiaryFull, "cannot be written: the disk is full or failing; see how much space is free"),
    ("not a database", DiaryDamaged, "is not a diary: move it away or name another file"),
    ("malformed", DiaryDamaged, _BROKEN),
    ("decode", DiaryDamaged, _BROKEN),
    ("unable to open", DiaryUnavailable, "cannot be opened: check that its folder exists and that you may write there"),
    ("readonly", DiaryUnavailable, "may not be written: check who owns the file and its folder"),
    ("database is locked", DiaryUnavailable, _BUSY),
    ("lock timeout", DiaryUnavailable, _BUSY),
)


@contextmanager
def plain_errors(name: str, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turn Damage, and the driver's ``errors``, into a DiaryUnavailable that begins with ``name``."""
    try:
        yield
    except Damage as damage:
        raise DiaryDamaged(f"diary {name}: {_BROKEN}") from damage
    except errors as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        for part, kind, advice in _REASONS:
            if part in reason.lower():
                raise kind(f"diary {name}: {advice}") from error
        raise DiaryUnavailable(f"diary {name}: {reason}") from error
