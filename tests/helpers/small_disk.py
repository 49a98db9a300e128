"""A small disk that a test can fill, make read-only, or unmount."""

import ctypes
import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

_READ_ONLY, _REMOUNT, _DETACH = 1, 32, 2


class SmallDisk:
    """A tmpfs of 640 KiB mounted at ``folder``. Skips the test where mounting is not permitted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.films = folder / "films"
        """The file that ``fill`` fills the disk with; delete it to make room again."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._mount(0)

    def fill(self) -> None:
        """Leave no free block."""
        with self.films.open("wb", buffering=0) as films, suppress(OSError):
            while True:
                films.write(b"x" * 4096)
        assert shutil.disk_usage(self.folder).free == 0

    def make_read_only(self) -> None:
        self._mount(_READ_ONLY | _REMOUNT)

    def unmount(self) -> None:
        """Detach the file system, even while files on it are open."""
        self._libc.umount2(os.fsencode(self.folder), _DETACH)

    def _mount(self, flags: int) -> None:
        if self._libc.mount(b"tmpfs", os.fsencode(self.folder), b"tmpfs", flags, b"size=640k"):
            pytest.skip(f"a small disk cannot be mounted here: {os.strerror(ctypes.get_errno())}")
