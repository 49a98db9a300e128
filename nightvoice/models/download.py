"""Downloads, verifies and unpacks the models of the manifest.

A model is used only from its final folder, which a rename creates after everything has been verified.
"""

import hashlib
import http.client
import os
import shutil
import stat
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from pydantic import Field, TypeAdapter

from nightvoice.errors import NightvoiceError, reason
from nightvoice.models.store import shipped
from nightvoice.system import paths
from nightvoice.system.strict import Strict
from nightvoice.system.yaml_file import read_yaml

TIMEOUT_S = 5
"""Timeout in seconds for connecting and for each read, so that an offline machine fails quickly."""
CHUNK = 1 << 16
MAX_RATIO = 10
"""Largest ratio of unpacked size to zip size."""
MAX_PATH_BYTES = 200
"""Longest path in a zip file; file systems allow 255 bytes for each part."""


class Model(Strict):
    """An entry of the manifest."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    purpose: str
    url: str = Field(pattern=r"^https?://")
    size: int = Field(gt=0)
    """Size of the zip file in bytes."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    instead: str
    """Substitute if the model is missing."""

    @property
    def folder(self) -> Path:
        """Folder of the unpacked model; exists only if complete."""
        return paths.models_dir() / self.name


class ModelUnavailableError(Exception):
    """The model could not be downloaded, for the reason in the one-line message."""


class _WrongFileError(Exception):
    """The downloaded file is not the model and must be deleted."""


def manifest() -> list[Model]:
    """Return the models to download."""
    return TypeAdapter(list[Model]).validate_python(read_yaml(shipped("manifest.yaml")))


def fetch(model: Model, mirror: str | None = None, progress: Callable[[int], object] = lambda done: None) -> Path:
    """Download, verify and unpack ``model`` unless it exists, and return its folder.

    ``mirror`` is a URL that serves the same file; ``progress`` is called with the number of bytes so far. Raises
    ModelUnavailableError if it cannot be downloaded, and NightvoiceError if it cannot be written.
    """
    if model.folder.is_dir():
        return model.folder
    url = model.url if mirror is None else f"{mirror.rstrip('/')}/{PurePosixPath(model.url).name}"
    part = model.folder.with_name(f"{model.name}.zip.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _download(url, model.size, part, progress)
        _verify(model.sha256, part)
        _unpack(part, model)
        part.unlink()
    except _WrongFileError as error:
        part.unlink()
        raise ModelUnavailableError(f"{url}: {error}") from None
    except OSError as error:
        raise NightvoiceError(f"{error.filename or part}: cannot be written: {reason(error)}") from None
    return model.folder


def _download(url: str, size: int, part: Path, progress: Callable[[int], object]) -> None:
    """Complete ``part`` to ``size`` bytes; retry after a disconnect if the last attempt made progress."""
    with part.open("ab") as file:
        have = file.tell()
        while have < size:
            start = have
            try:
                for chunk in _body(url, start, size):
                    have += len(chunk)
                    file.write(chunk)
                    progress(have)
            except ModelUnavailableError:
                if have == start:
                    raise


def _body(url: str, start: int, size: int) -> Iterator[bytes]:
    """Yield the bytes of ``url`` from ``start`` to ``size``."""
    headers = {"User-Agent": "nightvoice"} | ({"Range": f"bytes={start}-"} if start else {})
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - Model and Config allow http and https only
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            skipped = start if response.status == http.client.PARTIAL_CONTENT else 0
            if response.length is not None and skipped + response.length != size:
                raise _WrongFileError(f"has {skipped + response.length} bytes, but should have {size}")
            response.read(start - skipped)
            while start < size:
                chunk = response.read1(CHUNK)
                if not chunk:
                    raise ModelUnavailableError(f"{url}: the connection was lost")
                start += len(chunk)
                yield chunk
    except urllib.error.HTTPError as error:
        raise ModelUnavailableError(f"{url}: {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise ModelUnavailableError(f"{url}: {getattr(error, 'reason', None) or error}") from None


def _verify(sha256: str, file: Path) -> None:
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise _WrongFileError(f"its SHA-256 is {found[:12]}…, but should be {sha256[:12]}…")


def _unpack(file: Path, model: Model) -> None:
    """Unpack the model's folder to a temporary place, then rename it; refuse any other file in the zip."""
    aside = file.with_suffix(".unpacking")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            for entry in entries:
                _refuse_unsafe(entry, model.name)
            _refuse_clashes(entries)
            if sum(entry.file_size for entry in entries) > MAX_RATIO * model.size:
                raise _WrongFileError("unpacks to far too much")
            archive.extractall(aside)
        if not (aside / model.name).is_dir():
            raise _WrongFileError(f"has no folder {model.name}")
        # Sync first: the rename must not reach the disk before the files.
        os.sync()
        (aside / model.name).rename(model.folder)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise _WrongFileError(f"cannot be unpacked: {error}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_unsafe(entry: zipfile.ZipInfo, folder: str) -> None:
    path = PurePosixPath(entry.filename)
    mode = entry.external_attr >> 16
    special = stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)
    unwritable = "\\" in entry.filename or len(entry.filename.encode()) > MAX_PATH_BYTES
    if special or unwritable or ".." in path.parts or path.parts[:1] != (folder,):
        raise _WrongFileError(f'holds "{entry.filename}", which does not belong in a model')
    if entry.header_offset < 0 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _WrongFileError(f'holds "{entry.filename}", which cannot be unpacked')


def _refuse_clashes(entries: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse a path that is both a file and a folder."""
    paths = [(PurePosixPath(entry.filename), entry.is_dir()) for entry in entries]
    folders = {folder for path, _ in paths for folder in path.parents} | {path for path, is_dir in paths if is_dir}
    for path, is_dir in paths:
        if not is_dir and path in folders:
            raise _WrongFileError(f'holds "{path}" both as a file and as a folder')
