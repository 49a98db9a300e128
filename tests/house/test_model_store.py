"""Downloads from a real HTTP server: a file that is not exactly right is never used."""

import hashlib
import io
import socket
import stat
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.models import download, store
from nightvoice.models.download import Model, ModelUnavailableError
from nightvoice.system import paths

NAME = "small-model"
GOOD = {f"{NAME}/README": b"a model", f"{NAME}/am/final.mdl": bytes(range(256)) * 2000}


def zipped(files: dict[str, bytes], mode: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


@dataclass
class Server:
    """Serves ``content`` at any path; ``cuts``: byte counts after which successive connections break."""

    content: bytes
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int = 200
    asked: list[str | None] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server(zipped(GOOD))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers["Range"]
            told.asked.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and told.ranges else 0
            body = told.content[start:] if told.status == 200 else b""
            self.send_response(206 if start and told.status == 200 else told.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: told.cuts.pop(0)] if told.cuts else body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        told.url = f"http://127.0.0.1:{http.server_port}/models"
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield told
        http.shutdown()


def model_of(content: bytes, **changes: object) -> Model:
    entry = {
        "name": NAME,
        "purpose": "test",
        "url": f"https://models.invalid/{NAME}.zip",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "CC0-1.0",
        "instead": "nothing",
    }
    return Model.model_validate(entry | changes)


def leftovers() -> list[str]:
    return sorted(path.name for path in paths.models_dir().iterdir())


def test_a_valid_model_is_unpacked_with_progress_and_fetched_once(server: Server) -> None:
    model, told = model_of(server.content), list[int]()
    folder = download.fetch(model, server.url, told.append)
    assert {str(file.relative_to(folder.parent)) for file in folder.rglob("*") if file.is_file()} == set(GOOD)
    assert (folder / "am/final.mdl").read_bytes() == GOOD[f"{NAME}/am/final.mdl"]
    assert told[-1] == model.size
    assert leftovers() == [NAME]
    download.fetch(model, server.url)
    assert server.asked == [None]


def test_a_wrong_size_is_refused_before_the_download(server: Server) -> None:
    size = len(server.content)
    with pytest.raises(ModelUnavailableError, match=f"has {size} bytes, but should have {size + 7}"):
        download.fetch(model_of(server.content, size=size + 7), server.url)
    assert leftovers() == []


def test_a_file_with_a_wrong_hash_is_neither_unpacked_nor_kept(server: Server) -> None:
    with pytest.raises(ModelUnavailableError, match="its SHA-256 is"):
        download.fetch(model_of(server.content, sha256="0" * 64), server.url)
    assert leftovers() == []


@pytest.mark.parametrize(
    "names",
    [["../evil"], ["/etc/evil"], [f"{NAME}/../../evil"], [f"{NAME}/..\\evil"], ["other/file"], [f"{NAME}"]],
    ids=["above", "absolute", "up from inside", "backslash", "another folder", "a file for a folder"],
)
def test_a_zip_with_paths_outside_its_folder_is_refused(server: Server, names: list[str]) -> None:
    server.content = zipped(({} if names == [NAME] else GOOD) | dict.fromkeys(names, b"evil"))
    with pytest.raises(ModelUnavailableError, match=r"which does not belong in a model|has no folder"):
        download.fetch(model_of(server.content), server.url)
    assert leftovers() == []
    assert not list(paths.data_dir().rglob("*evil*"))


@pytest.mark.parametrize("names", [["a", "a/b"], ["a/b", "a"], ["a", "a/"], ["a/", "a"], ["a/b", "a/b/c/d"]], ids=str)
def test_a_zip_with_a_path_that_is_file_and_folder_is_refused(server: Server, names: list[str]) -> None:
    server.content = zipped({f"{NAME}/{name}": b"" for name in names})
    with pytest.raises(ModelUnavailableError, match="both as a file and as a folder"):
        download.fetch(model_of(server.content), server.url)
    assert leftovers() == []


def test_a_zip_with_too_long_a_name_is_refused(server: Server) -> None:
    server.content = zipped(GOOD | {f"{NAME}/{'a' * 300}": b""})
    with pytest.raises(ModelUnavailableError, match="which does not belong in a model"):
        download.fetch(model_of(server.content), server.url)
    assert leftovers() == []


def test_a_zip_with_a_link_is_refused(server: Server) -> None:
    server.content = zipped({f"{NAME}/link": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777)
    with pytest.raises(ModelUnavailableError, match="which does not belong in a model"):
        download.fetch(model_of(server.content), server.url)
    assert leftovers() == []


def test_a_zip_bomb_is_refused(server: Server) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{NAME}/zeros", bytes(5_000_000))
    server.content = buffer.getvalue()
    with pytest.raises(ModelUnavailableError, match="far too much"):
        download.fetch(model_of(server.content), server.url)
    assert leftovers() == []


def test_a_file_that_is_not_a_zip_is_refused(server: Server) -> None:
    server.content = b"<html>Please log in</html>"
    with pytest.raises(ModelUnavailableError, match="cannot be unpacked"):
        download.fetch(model_of(server.content), server.url)
    assert leftovers() == []


ACCENT = zipped({f"{NAME}/é": b"a model"})
KIND = ACCENT.index(b"PK\1\2") + 10
"""Position of the compression method in the zip directory."""


@pytest.mark.parametrize(
    "content",
    [ACCENT[1:], ACCENT.replace("é".encode(), b"\xff\xff"), ACCENT[:KIND] + b"\x0c" + ACCENT[KIND + 1 :]],
    ids=["begins before its beginning", "a name that is no text", "a compression that we do not use"],
)
def test_a_damaged_zip_is_refused(server: Server, content: bytes) -> None:
    server.content = content
    with pytest.raises(ModelUnavailableError, match="cannot be unpacked"):
        download.fetch(model_of(server.content), server.url)
    assert leftovers() == []


def test_an_interrupted_download_resumes_where_it_stopped(server: Server) -> None:
    server.cuts = [100_000, 150_000]
    folder = download.fetch(model_of(server.content), server.url)
    assert (folder / "am/final.mdl").read_bytes() == GOOD[f"{NAME}/am/final.mdl"]
    assert server.asked == [None, "bytes=100000-", "bytes=250000-"]


def test_a_download_resumes_in_a_later_run(server: Server) -> None:
    server.cuts = [100_000, 0]
    with pytest.raises(ModelUnavailableError, match="the connection was lost"):
        download.fetch(model_of(server.content), server.url)
    assert leftovers() == [f"{NAME}.zip.part"]
    download.fetch(model_of(server.content), server.url)
    assert server.asked[-1] == "bytes=100000-"
    assert leftovers() == [NAME]


def test_a_server_without_range_requests_works(server: Server) -> None:
    server.ranges = False
    server.cuts = [100_000]
    folder = download.fetch(model_of(server.content), server.url)
    assert (folder / "am/final.mdl").read_bytes() == GOOD[f"{NAME}/am/final.mdl"]


def test_a_partial_file_of_another_model_is_discarded(server: Server) -> None:
    paths.models_dir().mkdir(parents=True)
    (paths.models_dir() / f"{NAME}.zip.part").write_bytes(b"x" * 1000)
    with pytest.raises(ModelUnavailableError, match="SHA-256"):
        download.fetch(model_of(server.content), server.url)
    assert download.fetch(model_of(server.content), server.url).is_dir()


def test_interrupted_unpacking_is_restarted(server: Server) -> None:
    half = paths.models_dir() / f"{NAME}.zip.unpacking" / NAME
    half.mkdir(parents=True)
    (half / "half").write_bytes(b"")
    folder = download.fetch(model_of(server.content), server.url)
    assert not (folder / "half").exists()
    assert leftovers() == [NAME]


def test_a_missing_file_is_reported_with_its_url(server: Server) -> None:
    server.status = 404
    with pytest.raises(ModelUnavailableError, match=rf"{server.url}/{NAME}.zip: 404 Not Found"):
        download.fetch(model_of(server.content), server.url)


def test_a_server_that_is_down_is_reported() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ModelUnavailableError, match="refused"):
            download.fetch(model_of(b"zip"), url)


def test_an_unwritable_folder_is_a_one_line_error(server: Server) -> None:
    paths.data_dir().parent.mkdir()
    paths.data_dir().write_text("a file in its place")
    with pytest.raises(NightvoiceError, match="cannot be written: not a directory"):
        download.fetch(model_of(server.content), server.url)


def test_the_manifest_contains_the_vosk_model() -> None:
    (vosk,) = [model for model in download.manifest() if model.name == store.VOSK]
    assert vosk.folder == store.vosk_folder(None)
    assert vosk.url.startswith("https://")
