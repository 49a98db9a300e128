"""Database errors with one-line advice, and the translation of driver errors into them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from nightvoice.errors import NightvoiceError


class StorageUnavailable(NightvoiceError):  # noqa: N818 (callers carry on without it)
    """The database currently cannot be opened, read or written."""


class StorageFull(StorageUnavailable):
    """The disk is full; everything written earlier is safe."""


class SchemaTooNew(StorageUnavailable):
    """The tables were made by a newer nightvoice."""


class StorageDamaged(StorageUnavailable):
    """The file is corrupt, or is not a database at all."""


class ForeignDatabase(StorageDamaged):
    """The database belongs to another program and must not be touched."""


class StorageRefused(NightvoiceError):  # noqa: N818
    """The database works, but does not take these values: trying again is of no use."""


class CorruptData(ValueError):  # noqa: N818
    """A row or page holds data nightvoice never writes; ``translated_errors`` turns this into StorageDamaged."""


_BUSY: Final = "another program has been writing to it for too long: close that one or try again"
_CORRUPT: Final = "is damaged: keep a copy of it, then put a backup in its place or name another file"
_MESSAGES: Final[tuple[tuple[str, type[StorageUnavailable], str], ...]] = (
    ("disk is full", StorageFull, "the disk is full: free some space, nothing written before is lost"),
    ("no space left", StorageFull, "the server's disk is full: free some space, nothing written before is lost"),
    # Without room for its shared-memory file SQLite reports an I/O error.
    ("disk i/o error", StorageFull, "cannot be written: the disk is full or failing; see how much space is free"),
    ("not a database", StorageDamaged, "is not a SQLite database: move it away or name another file"),
    ("malformed", StorageDamaged, _CORRUPT),
    ("decode", StorageDamaged, _CORRUPT),
    (
        "unable to open",
        StorageUnavailable,
        "cannot be opened: check that its folder exists and that you may write there",
    ),
    ("readonly", StorageUnavailable, "may not be written: check who owns the file and its folder"),
    ("database is locked", StorageUnavailable, _BUSY),
    ("lock timeout", StorageUnavailable, _BUSY),
)
"""Each: part of the driver's message in lower case, the error to raise, and its text."""


@contextmanager
def translated_errors(
    label: str, driver_errors: tuple[type[Exception], ...], refusals: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Turn CorruptData and ``driver_errors`` into StorageUnavailable with a message starting with ``label``.

    ``refusals``: those of ``driver_errors`` that become StorageRefused.
    """
    try:
        yield
    except CorruptData as error:
        raise StorageDamaged(f"{label}: {_CORRUPT}") from error
    except refusals as error:
        raise StorageRefused(f"{label}: {str(error).strip().splitlines()[0]}") from error
    except driver_errors as error:
        lines = str(error).strip().splitlines()
        message = lines[0] if lines else type(error).__name__
        for part, kind, advice in _MESSAGES:
            if part in message.lower():
                raise kind(f"{label}: {advice}") from error
        raise StorageUnavailable(f"{label}: {message}") from error
