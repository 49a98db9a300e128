"""Faults of disks, and damaged or foreign files."""

import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nightvoice.diary.salvage import salvage
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.storage.errors import SchemaTooNew, StorageDamaged, StorageFull, StorageUnavailable

AT = datetime(2026, 3, 2, 2, 13, tzinfo=UTC)


def one_line(error: pytest.ExceptionInfo[BaseException]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_acknowledged_events_survive_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    writer = (
        "import sys; from datetime import datetime, UTC; from nightvoice.diary.store import Diary\n"
        "diary = Diary.open(sys.argv[1]); diary.append('episode_opened', datetime.now(UTC), {'site': 'calf'})\n"
        "while True: print(diary.append('heard', datetime.now(UTC), {'intent': 'next'}), flush=True)"
    )
    with subprocess.Popen([sys.executable, "-c", writer, str(file)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(20)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout if line.endswith("\n")]
    with Diary.open(str(file)) as diary:
        assert {event.seq for event in diary.events()} >= set(acknowledged)
        unfinished = diary.unfinished()
        assert unfinished is not None
        assert unfinished.site == "calf"
        closed = diary.interrupt_unfinished()
        assert closed is not None
        assert closed.ended == diary.events()[-1].at


def test_each_commit_is_synced(tmp_path: Path) -> None:
    with Diary.open(str(tmp_path / "diary.sqlite")) as diary, diary.database.reading() as sql:
        pragmas = {name: sql(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_a_wrong_place_makes_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "mistyped" / "diary.sqlite"
    with pytest.raises(StorageUnavailable) as error:
        Diary.open(str(file))
    assert one_line(error).startswith(f"diary {file}: no such file or directory")
    assert not file.parent.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "diary.sqlite", tmp_path, Path("/proc/nightvoice/diary.sqlite")):
        with pytest.raises(StorageUnavailable) as error:
            Diary.open(str(path))
        assert one_line(error).startswith(f"diary {path}: ")
        assert "may write to" in str(error.value)


def test_reading_commands_do_not_make_a_diary(tmp_path: Path) -> None:
    file = tmp_path / "dairy.sqlite"
    with pytest.raises(NightvoiceError, match="not there yet"):
        Diary.open(str(file), create=False)
    assert not file.exists()


@pytest.mark.parametrize("content", [b"To do: buy milk.\n" * 300, b"SQLite format 3\0" + bytes(range(256)) * 20])
def test_a_file_that_is_not_a_diary_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises(StorageDamaged) as error:
        Diary.open(str(file))
    assert one_line(error).startswith(f"diary {file}: ")
    assert file.read_bytes() == content


def test_a_diary_with_damaged_pages_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        for _ in range(200):
            diary.append("heard", AT, {"intent": "next", "slots": {}, "score": 0.5})
    healthy = file.read_bytes()
    file.write_bytes(healthy[:8192] + b"\xff" * (len(healthy) - 8192))
    with pytest.raises(StorageDamaged, match="is damaged"), Diary.open(str(file)) as diary:
        diary.events()


def test_a_diary_with_damaged_text_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        diary.append("heard", AT, {"intent": "left leg"})
    file.write_bytes(file.read_bytes().replace(b"left leg", b"left \x80eg"))
    with pytest.raises(StorageDamaged, match="is damaged"), Diary.open(str(file)) as diary:
        diary.events()
    # SQLite quotes the damaged name, which the driver cannot decode.
    broken = file.read_bytes().replace(b"tableeventsevents", b"tableevent\x80event\x80")
    file.write_bytes(broken.replace(b"CREATE TABLE events", b"CREATE TABLX events"))
    with pytest.raises(StorageDamaged, match="is damaged"):
        Diary.open(str(file))
    with pytest.raises(NightvoiceError, match="nothing of it can be read"):
        salvage(file)


@pytest.mark.parametrize(
    ("column", "value"), [("night", "~026-02-28"), ("at", "noon"), ("at_offset", 10**9), ("data", "[1]"), ("data", "{")]
)
def test_a_diary_with_invalid_values_is_reported(tmp_path: Path, column: str, value: object) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        diary.append("heard", AT, {"intent": "next"})
    with sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE events SET {column} = ?", [value])
    with Diary.open(str(file)) as diary, pytest.raises(StorageDamaged, match="is damaged") as error:
        diary.events()
    assert one_line(error).startswith(f"diary {file}: ")


@pytest.mark.parametrize("free", [b"", b"\0\0\0\x09\0\0\0\x05"])
def test_a_diary_that_lost_its_table_list_is_not_taken_for_a_new_one(tmp_path: Path, free: bytes) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        diary.append("heard", AT, {"intent": "next"})
    content = bytearray(file.read_bytes())
    content[103:105] = b"\0\0"  # how many tables there are
    content[32 : 32 + len(free)] = free  # pages that are free
    file.write_bytes(content)
    with pytest.raises(StorageDamaged, match="is damaged"):
        Diary.open(str(file))
    assert file.read_bytes() == content


def test_a_failed_migration_is_reported_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)):
        pass
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")  # what 0002 creates exists
    with pytest.raises(StorageUnavailable, match="already exists") as error:
        Diary.open(str(file))
    assert one_line(error).startswith(f"diary {file}: ")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "music.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE songs (title TEXT)")
    other.close()
    with pytest.raises(StorageDamaged, match="belongs to another program"):
        Diary.open(str(file))


def test_a_diary_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        diary.append("heard", AT, {"intent": "next"})
    with sqlite3.connect(file) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9000'")
    newer.close()
    before = file.read_bytes()
    with pytest.raises(SchemaTooNew) as error:
        Diary.open(str(file))
    assert "was written by a newer nightvoice (schema 9000)" in one_line(error)
    assert file.read_bytes() == before


def test_a_writer_that_keeps_the_lock_is_not_waited_for_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nightvoice.storage.sqlite.LOCK_TIMEOUT_S", 0.05)
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="another program"):
            diary.append("heard", AT, {"intent": "next"})
        assert diary.events() == []  # reading is still possible
        other.execute("ROLLBACK")
        other.close()
        diary.append("heard", AT, {"intent": "next"})


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://me:hush@host/diary", "mysql://…: use a file's path, sqlite:///PATH or postgresql://HOST/DATABASE"),
        ("postgresql://me:hush@host/diary?colour=red", "is not a URL"),
        ("postgresql://me:hush@127.0.0.1:1/diary?password=hush", "postgresql://"),
    ],
)
def test_wrong_urls_are_refused_without_showing_the_password(url: str, says: str) -> None:
    if url.startswith("postgresql"):
        pytest.importorskip("psycopg")
    with pytest.raises(NightvoiceError) as error:
        Diary.open(url)
    assert says in one_line(error)
    assert "hush" not in one_line(error)


def append_many(diary: Diary, written: list[int]) -> None:
    while len(written) < 10_000:
        written.append(diary.append("heard", AT, {"intent": "next"}))


def test_a_full_disk_loses_nothing_and_writing_goes_on_when_there_is_space(small_disk: Any) -> None:
    with Diary.open(str(small_disk.folder / "diary.sqlite")) as diary:
        number = diary.append("episode_opened", AT, {"site": "calf"})
        small_disk.fill()
        written: list[int] = []
        with pytest.raises(StorageFull) as error:
            append_many(diary, written)
        assert "free some space" in one_line(error)
        assert [event.seq for event in diary.events()] == [number, *written]
        small_disk.films.unlink()
        diary.append("episode_closed", AT, {"outcome": "gone"})
        assert diary.episode(number).outcome == "gone"


def test_creating_a_diary_on_a_full_disk_is_reported(small_disk: Any) -> None:
    small_disk.fill()
    with pytest.raises(StorageFull) as error:
        Diary.open(str(small_disk.folder / "diary.sqlite"))
    assert "full" in one_line(error)


def test_a_read_only_disk_is_reported(small_disk: Any) -> None:
    file = small_disk.folder / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        diary.append("heard", AT, {"intent": "next"})
    small_disk.make_read_only()
    with pytest.raises(StorageUnavailable) as error:
        Diary.open(str(file))
    assert "read-only file system" in one_line(error)
