"""Verifies that model files are the released ones, by SHA-256 lists in the format of ``sha256sum``."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from nightvoice.errors import NightvoiceError, reason

SUMS: Final = "SHA256SUMS"
"""Name of the list of checksums in models/."""


def verify(file: Path, name: str, sums: Path) -> None:
    """Raise NightvoiceError unless ``file`` has the checksum of ``name`` in the list ``sums``.

    An unchanged file is hashed only once per process, so that restarting the listener at night is fast.
    """
    wanted = _listed(sums).get(name)
    if wanted is None:
        raise NightvoiceError(f"{sums}: has no checksum of {name}; install nightvoice again")
    try:
        state = file.stat()
        found = _digest(file, state.st_mtime_ns, state.st_size)
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be read: {reason(error)}") from None
    if found != wanted:
        raise NightvoiceError(
            f"{file} is not the file that was released (its SHA-256 is {found[:12]}…, but should be {wanted[:12]}…): "
            "install nightvoice again; if you trained it, run scripts/train/checksums"
        )


def _listed(sums: Path) -> dict[str, str]:
    """Return the checksums by file name."""
    try:
        lines = (line.split() for line in sums.read_text("utf-8").splitlines())
        return {name: digest for digest, name in lines}
    except (OSError, ValueError):
        raise NightvoiceError(f"{sums}: is not a list of checksums; install nightvoice again") from None


@cache
def _digest(file: Path, _modified: int, _size: int) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
