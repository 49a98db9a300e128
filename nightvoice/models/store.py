"""Models that are downloaded: the manifest, the download, the check, the unpacking.

A model is used only from its final folder, which appears by one rename after everything was checked.
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
from nightvoice.models.checksums import SUMS, verify
from nightvoice.system import paths
from nightvoice.system.strict import Strict
from nightvoice.system.yaml_file import read_yaml

TIMEOUT_S = 5
"""For connecting and for every single read, so that an offline machine is told within seconds."""
VOSK = "vosk-model-small-en-us-0.15"
CHUNK = 1 << 16
UNPACKED_LIMIT = 10
"""A zip may unpack to so many times its size."""
LONGEST_NAME = 200
"""Bytes of a file's path in a zip; file systems take 255 of each part."""


class Model(Strict):
    """An entry of the manifest."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    purpose: str
    url: str = Field(pattern=r"^https?://")
    size: int = Field(gt=0)
    """Bytes of the zip."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    instead: str
    """What does the model's work where the model is not there."""

    @property
    def folder(self) -> Path:
        """Where the unpacked model is; it exists only when complete."""
        return paths.models_dir() / self.name


class ModelUnavailableError(Exception):
    """The model could not be had; the message says why in one line."""


class _WrongFileError(Exception):
    """What came is not the model: nothing of it may be kept."""


def manifest() -> list[Model]:
    """The models to download."""
    return TypeAdapter(list[Model]).validate_python(read_yaml(shipped("manifest.yaml")))


def shipped(name: str) -> Path:
    """A file that comes with nightvoice: inside the package in an installed wheel, else in the repository's models/.

    Raises NightvoiceError where it is missing, or a model that is not the one that was released.
    """
    package = Path(__file__).parent.parent
    for file in (package / "_models" / name, package.parent / "models" / name):
        if file.is_file():
            if file.suffix == ".onnx":
                verify(file, name, file.with_name(SUMS))
            return file
    raise NightvoiceError(f"models/{name} is missing: install nightvoice again")


def vosk_folder(configured: Path | None) -> Path:
    """Vosk's model: the ``configured`` folder, else where setup puts the one of the manifest (it may not be there)."""
    return configured or paths.models_dir() / VOSK


def fetch(model: Model, mirror: str | None = None, progress: Callable[[int], object] = lambda done: None) -> Path:
    """Download, check and unpack ``model`` unless it is there; return its folder.

    ``mirror`` is an address that has the same file; ``progress`` is told the bytes that are here. Raises
    ModelUnavailableError where it cannot be had, NightvoiceError where it cannot be written.
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
    """Fill ``part`` up to ``size`` bytes from what is there; try again after a cut as long as each try brings some."""
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
    """The bytes of ``url`` from ``start`` up to ``size``."""
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
                    raise ModelUnavailableError(f"{url}: the connection was cut")
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
    """Unpack the one folder that is named as the model, elsewhere first; refuse whatever else the zip would write."""
    aside = file.with_suffix(".unpacking")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            for entry in entries:
                _refuse_tricks(entry, model.name)
            _refuse_clashes(entries)
            if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT * model.size:
                raise _WrongFileError("unpacks to far too much")
            archive.extractall(aside)
        if not (aside / model.name).is_dir():
            raise _WrongFileError(f"has no folder {model.name}")
        # The rename must not reach the disk before the files do.
        os.sync()
        (aside / model.name).rename(model.folder)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise _WrongFileError(f"cannot be unpacked: {error}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_tricks(entry: zipfile.ZipInfo, folder: str) -> None:
    path = PurePosixPath(entry.filename)
    mode = entry.external_attr >> 16
    special = stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)
    unwritable = "\\" in entry.filename or len(entry.filename.encode()) > LONGEST_NAME
    if special or unwritable or ".." in path.parts or path.parts[:1] != (folder,):
        raise _WrongFileError(f'holds "{entry.filename}", which has no place in a model')
    if entry.header_offset < 0 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _WrongFileError(f'holds "{entry.filename}", which cannot be unpacked')


def _refuse_clashes(entries: Iterable[zipfile.ZipInfo]) -> None:
    """What is a file cannot be a folder, too."""
    paths = [(PurePosixPath(entry.filename), entry.is_dir()) for entry in entries]
    folders = {folder for path, _ in paths for folder in path.parents} | {path for path, is_dir in paths if is_dir}
    for path, is_dir in paths:
        if not is_dir and path in folders:
            raise _WrongFileError(f'holds "{path}" both as a file and as a folder')
