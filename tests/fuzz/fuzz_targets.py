"""What others may give us, broken in every way: each target takes it as the program would.

Nothing but ``NightvoiceError`` with one line may come of it, in SLOW_S, and no file outside the target's folder.
Those that ``test_fuzz.py`` runs briefly, ``scripts/bench/fuzz.py`` runs for as long as one likes.
"""

import io
import json
import shutil
import socket
import stat
import struct
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import soundfile
from hypothesis import strategies as st

from nightvoice.audio.file import FileAudio
from nightvoice.config.edit import change
from nightvoice.config.reader import known_fields, read_config
from nightvoice.content.loader import HERE, files_of, load_pack
from nightvoice.content.schema import Pack
from nightvoice.diary.backup import export_records, import_records, read_records
from nightvoice.diary.recovery import recover
from nightvoice.diary.salvage import salvage
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.insight.night import last_night
from nightvoice.models import download
from nightvoice.rehearsal.script import read_script
from nightvoice.web.app import make_app
from nightvoice.web.context import Context
from nightvoice.web.kit.access import Access
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.server import make_server
from scripts import demo_diary

SLOW_S = 20.0
"""More of a processor than this counts as hanging, also on a slow machine."""
NIGHTS = Path(__file__).parents[1] / "nights"


@dataclass(frozen=True)
class Target:
    """``take`` gets a folder of its own, with ``inside`` in it for its files, and one example."""

    name: str
    examples: st.SearchStrategy[object]
    take: Callable[[Path, object], None]


def check(target: Target, folder: Path, example: object) -> None:
    """Let ``target`` take ``example``. Raises AssertionError, or whatever got out of it."""
    inside = folder / "deep" / "inside"
    shutil.rmtree(folder, ignore_errors=True)
    inside.mkdir(parents=True)
    began, refused = time.process_time(), ""
    try:
        target.take(inside, example)
    except NightvoiceError as error:
        refused = str(error)
    assert "\n" not in refused, "more than one line"
    assert time.process_time() - began < SLOW_S, "it hangs"
    assert [path.name for path in folder.iterdir()] == ["deep"], "it wrote outside"
    assert [path.name for path in (folder / "deep").iterdir()] == ["inside"], "it wrote outside"


# --- how things break -----------------------------------------------------------------------------------------------

NASTY = (
    *("[" * 3000, "{" * 3000, "- " * 3000, "a: &a [*a]", "&a [&b [*a, *b]]", "!!python/object/apply:os.system [id]"),
    *("\0", "\x1b[2J", "\ud7ff", "99999999999999999999", "1e999", ".nan", "0x", "2026-99-99", "25:61", "<<: 1", "? :"),
    *("~", "null", "'", '"', "|", ">", "%YAML 9.9", "---", "...", "\t", "é", "\u202e", "../../../../etc/passwd", "{}"),
)


def damaged(good: list[bytes]) -> st.SearchStrategy[bytes]:
    """One of ``good`` with some stretches cut, doubled, swapped with nasty text or with noise; or only noise."""
    some = st.one_of(st.sampled_from([nasty.encode("utf-8") for nasty in NASTY]), st.binary(max_size=40))
    place = st.floats(0, 1, allow_nan=False)
    cuts = st.lists(st.tuples(place, st.integers(0, 60), some, st.integers(0, 3)), min_size=1, max_size=6)

    def break_(content: bytes, cuts: list[tuple[float, int, bytes, int]]) -> bytes:
        for where, length, new, times in cuts:
            start = round(where * len(content))
            content = content[:start] + new * times + content[start + length :]
        return content

    return st.one_of(st.builds(break_, st.sampled_from(good), cuts), st.binary(max_size=300))


# --- the targets ----------------------------------------------------------------------------------------------------


def _configuration(inside: Path, content: object) -> None:
    file = inside / "config.yaml"
    file.write_bytes(content)  # type: ignore[arg-type]
    reading = read_config(file)
    assert not [problem for problem in reading.problems if "\n" in problem]


def _changed_key(inside: Path, wish: object) -> None:
    key, value = wish  # type: ignore[misc]
    change({key: value}, inside / "config.yaml")
    assert not read_config(inside / "config.yaml").problems


def _pack(inside: Path, broken: object) -> None:
    name, content = broken  # type: ignore[misc]
    shutil.copytree(HERE, inside / "content", ignore=shutil.ignore_patterns("*.py", "__pycache__", "sample", "de"))
    (inside / "content" / name).write_bytes(content)
    load_pack.__wrapped__("en", inside / "content")


def _recording(inside: Path, content: object) -> None:
    file = inside / "night.wav"
    file.write_bytes(content)  # type: ignore[arg-type]
    room = FileAudio(file)
    try:
        for number, _ in enumerate(room.frames()):
            if number > 3000:
                break
    finally:
        room.close()


def _import(inside: Path, content: object) -> None:
    file = inside / "diary.jsonl"
    file.write_bytes(content)  # type: ignore[arg-type]
    with Diary.open(str(inside / "new.sqlite")) as diary:
        import_records(diary, read_records(file), str(file))
        diary.episodes()


def _opened(inside: Path, content: object) -> None:
    file = inside / "diary.sqlite"
    file.write_bytes(content)  # type: ignore[arg-type]
    with Diary.open(str(file), create=False) as diary:
        diary.episodes()
        diary.events()


def _recovered(inside: Path, content: object) -> None:
    file = inside / "diary.sqlite"
    file.write_bytes(content)  # type: ignore[arg-type]
    with Diary.open() as diary:
        recover(diary, salvage(file))
        diary.rebuild()


def _archive(inside: Path, content: object) -> None:
    model = download.Model(
        name="model", purpose="x", url="https://localhost/model.zip", size=1000, sha256="0" * 64, licence="x",
        instead="x",
    )  # fmt: skip
    (inside / "model.zip.part").write_bytes(content)  # type: ignore[arg-type]
    before, download.paths.models_dir = download.paths.models_dir, lambda: inside
    try:
        download._unpack(inside / "model.zip.part", model)
    except download._WrongFileError as error:
        raise NightvoiceError(str(error)) from None
    finally:
        download.paths.models_dir = before
    assert not [path for path in inside.rglob("*") if path.is_symlink()]


def _script(inside: Path, content: object) -> None:
    file = inside / "night.yaml"
    file.write_bytes(content)  # type: ignore[arg-type]
    read_script(file)


def _archives() -> st.SearchStrategy[bytes]:
    names = st.sampled_from(
        ["model/a", "model/b/c", "../out", "/out", "model/../../out", "model\\..\\out", "model", "other/a", "model/./a"]
    )
    modes = st.sampled_from([0, 0o644 | stat.S_IFREG, 0o777 | stat.S_IFLNK, 0o644 | stat.S_IFIFO, 0o755 | stat.S_IFDIR])
    entries = st.lists(
        st.tuples(names, modes, st.sampled_from([b"", b"x" * 50, b"\0" * 50_000, b"../../out"])),
        unique_by=lambda entry: entry[0],
    )

    def pack(entries: list[tuple[str, int, bytes]]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, mode, content in entries:
                entry = zipfile.ZipInfo(name)
                entry.external_attr = mode << 16
                archive.writestr(entry, content)
        return out.getvalue()

    whole = entries.map(pack)
    return st.one_of(whole, whole.flatmap(lambda content: damaged([content])))


def _recordings() -> list[bytes]:
    files = []
    for kind, rate, channels in (("WAV", 16_000, 1), ("WAV", 44_100, 2), ("FLAC", 16_000, 1), ("OGG", 16_000, 1)):
        out = io.BytesIO()
        soundfile.write(out, [[0.1] * channels] * 4000, rate, format=kind)
        files.append(out.getvalue())
    huge = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 1, 1, 16000, 32000, 2, 16,
                       b"data", 0xFFFFFFFE)  # fmt: skip
    return [*files, huge]


def _diaries(folder: Path) -> tuple[bytes, bytes]:
    """A few nights as an export, and as a SQLite file."""
    file = folder / "demo.sqlite"
    file.unlink(missing_ok=True)
    with Diary.open(str(file)) as diary:
        demo_diary.write(diary, last_night(Page.now()), nights=10)
        lines = "\n".join(json.dumps(line) for line in export_records(diary))
    return lines.encode(), file.read_bytes()


class Page:
    """The page, served over a diary of ten nights; a target for forms and addresses."""

    def __init__(self, folder: Path) -> None:
        self._diary = Diary.open(str(folder / "page.sqlite"))
        demo_diary.write(self._diary, last_night(self.now()), nights=10)
        context = Context(self._diary, Access.open(folder / "web.json"), now=self.now)
        door = socket.create_server(("127.0.0.1", 0))
        self._port = door.getsockname()[1]
        self._server = make_server(make_app(context, AllowedHosts(True)))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [door]}, daemon=True)
        self._thread.start()
        self._cookie = ""
        shown = self._ask("GET", "/evening")[1]
        self._token = shown.split('name="csrf" value="')[1].split('"')[0]

    @staticmethod
    def now():  # type: ignore[no-untyped-def]
        from datetime import datetime

        return datetime(2026, 3, 2, 8, 0).astimezone()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._diary.close()

    def target(self) -> Target:
        night, episode = str(last_night(self.now())), self._diary.episodes()[-1].id
        paths = [f"/nights/{night}", "/evening", "/settings", "/profile", f"/episodes/{episode}", "/login", "/logout",
                 f"/episodes/{episode}/rating", f"/nights/{night}?x=1", "/nights", "/trends", "/report", "/patterns",
                 "/why/massage", "/nights/{}", "/episodes/{}", "/trends?back={}", "/report?back={}",
                 "/nights?until={}", "/{}"]  # fmt: skip
        names = ["note", "severity", "soreness", "sleep_lost_minutes", "onset", "ended", "site", "side", "outcome",
                 "password", "tag-walk", *known_fields()]  # fmt: skip
        text = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.integers().map(str), st.dates().map(str))
        form = st.dictionaries(st.one_of(st.sampled_from(names), st.text(max_size=10)), text, max_size=8)
        return Target("web", st.tuples(st.sampled_from(paths), text, st.one_of(st.none(), form)), self._take)

    def _take(self, _inside: Path, request: object) -> None:
        path, word, form = request  # type: ignore[misc]
        body = None if form is None else urlencode(form | {"csrf": self._token}, errors="surrogatepass")
        status, text = self._ask("GET" if form is None else "POST", path.format(urlencode({"": word})[1:]), body)
        assert status < 500, f"{status} {path}"
        assert "Traceback" not in text

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=SLOW_S)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, path, body, kind | ({"Cookie": self._cookie} if self._cookie else {}))
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        if found := answer.getheader("set-cookie"):
            self._cookie = found.split(";")[0]
        return answer.status, text


def targets(folder: Path) -> list[Target]:
    """All but the page. ``folder``: for what the examples are made of."""
    config = "".join(f"{key.split('.')[0]}: {{{key.split('.')[1]}: null}}\n" for key in known_fields() if "." in key)
    configs = [config.encode(), b"language: en\naudio:\n  night_volume: 0.2\n  input_device: USB\n", b"safety: {}\n"]
    pack = [f"en/{name}.yaml" for name in files_of(Pack)] + ["claims.yaml"]
    broken = st.sampled_from(pack).flatmap(lambda name: st.tuples(st.just(name), damaged([(HERE / name).read_bytes()])))
    values = st.one_of(st.sampled_from(NASTY), st.text(max_size=30), st.integers().map(str), st.floats().map(str))
    export, sqlite = _diaries(folder)
    nights = [file.read_bytes() for file in sorted(NIGHTS.glob("*.yaml"))]
    return [
        Target("configuration", damaged(configs), _configuration),
        Target("changed key", st.tuples(st.sampled_from(sorted(known_fields())), values), _changed_key),
        Target("content pack", broken, _pack),
        Target("recording", damaged(_recordings()), _recording),
        Target("import", damaged([export, b"\n".join(export.splitlines()[:5])]), _import),
        Target("diary", damaged([sqlite]), _opened),
        Target("damaged diary", damaged([sqlite]), _recovered),
        Target("archive", _archives(), _archive),
        Target("written night", damaged(nights), _script),
    ]
