"""The write-behind diary on disks that are full, slow, read-only or broken."""

import stat
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightvoice.diary import write_behind
from nightvoice.diary.event import Event
from nightvoice.diary.spool import Spool
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary, quarantined
from nightvoice.storage.errors import StorageDamaged, StorageFull, StorageUnavailable

AT = datetime(2026, 3, 2, 2, 13, tzinfo=UTC)


def make(file: Path) -> WriteBehindDiary:
    return WriteBehindDiary(lambda: Diary.open(str(file)), file, Spool([file.with_name(file.name + ".unwritten")]))


def written(file: Path) -> list[Event]:
    with Diary.open(str(file), create=False) as diary:
        return diary.events()


class Faulty(Diary):
    """A diary that calls ``fault`` before it writes an event."""

    fault: staticmethod = staticmethod(lambda: None)

    def append(self, kind, at, data=None):  # type: ignore[no-untyped-def]
        self.fault()
        return super().append(kind, at, data)


def test_events_are_on_the_disk_at_once_and_in_order(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    journal = make(file)
    journal.query(lambda diary: None, timeout=20)
    for number in range(5):
        journal.write("heard", AT + timedelta(seconds=number), {"intent": str(number)})
    assert [event.data["intent"] for event in written(file)] == ["0", "1", "2", "3", "4"]
    assert journal.failure is None
    assert journal.notices() == []
    journal.close()


def test_events_on_a_full_disk_are_kept_and_written_later(tmp_path: Path) -> None:
    def full() -> None:
        raise StorageFull("diary: the disk is full")

    file, spool = tmp_path / "diary.sqlite", tmp_path / "spool"
    diary = Faulty.open(str(file))
    diary.fault = full
    journal = WriteBehindDiary(lambda: diary, file, Spool([spool]))
    journal.write("heard", AT, {"intent": "next"})
    journal.write("heard", AT, {"intent": "back"})
    assert journal.failure == "diary: the disk is full"
    assert journal.notices() == ["diary: the disk is full"], "told once"
    assert stat.S_IMODE(spool.stat().st_mode) == 0o600
    assert written(file) == []
    diary.fault = lambda: None
    journal.heard_until(AT + timedelta(minutes=1))
    assert [event.data["intent"] for event in written(file)] == ["next", "back"]
    assert journal.failure is None
    assert "nothing was lost" in journal.notices()[0]
    assert not spool.exists()
    journal.close()


def test_the_next_process_writes_what_the_last_one_could_not(tmp_path: Path) -> None:
    blocked, file = tmp_path / "no folder" / "diary.sqlite", tmp_path / "diary.sqlite"
    (tmp_path / "no folder").touch()
    spool = tmp_path / "spool"
    first = WriteBehindDiary(lambda: Diary.open(str(blocked)), blocked, Spool([spool]))
    first.write("heard", AT, {"intent": "cramp"})
    assert first.failure is not None
    with pytest.raises(StorageUnavailable):
        first.query(Diary.unfinished)
    first.close()
    second = WriteBehindDiary(lambda: Diary.open(str(file)), file, Spool([spool]))
    second.write("heard", AT + timedelta(hours=1), {"intent": "next"})
    second.close()
    assert [event.data["intent"] for event in written(file)] == ["cramp", "next"]
    assert not spool.exists()


def test_a_hanging_disk_delays_nobody_and_loses_nothing(tmp_path: Path) -> None:
    goes_on = threading.Event()
    file = tmp_path / "diary.sqlite"
    diary = Faulty.open(str(file))
    diary.fault = goes_on.wait
    journal = WriteBehindDiary(lambda: diary, file)
    began = time.monotonic()
    for number in range(50):
        journal.write("heard", AT, {"intent": str(number)})
    with pytest.raises(StorageUnavailable, match="does not answer"):
        journal.query(Diary.unfinished, timeout=0.1)
    assert time.monotonic() - began < 50 * write_behind.WRITE_TIMEOUT_S / 2, "not each of them waited"
    assert journal.failure == "the disk is slow"
    goes_on.set()
    journal.close()
    assert len(written(file)) == 50


RUBBISH = b"SQLite format 3\0" + b"\xff" * 8000


def test_a_damaged_diary_is_quarantined_and_a_new_one_started(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    file.write_bytes(RUBBISH)
    journal = make(file)
    journal.write("heard", AT, {"intent": "cramp"})
    journal.close()
    assert [event.data["intent"] for event in written(file)] == ["cramp"]
    (aside,) = quarantined(file)
    assert aside.read_bytes() == RUBBISH
    assert str(aside) in " ".join(journal.notices())


def test_a_diary_that_breaks_during_the_night_is_quarantined(tmp_path: Path) -> None:
    def broken() -> None:
        raise StorageDamaged("diary: is damaged")

    file = tmp_path / "diary.sqlite"
    diary = Faulty.open(str(file))
    journal = WriteBehindDiary(iter([diary, Diary.open(str(tmp_path / "another"))]).__next__, file)
    journal.write("heard", AT, {"intent": "next"})
    diary.fault = broken
    journal.write("heard", AT, {"intent": "cramp"})
    journal.close()
    assert [event.data["intent"] for event in written(quarantined(file)[0])] == ["next"]
    assert [event.data["intent"] for event in written(tmp_path / "another")] == ["cramp"]


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "bookmarks.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    journal = make(file)
    journal.write("heard", AT, {"intent": "cramp"})
    assert "another program" in (journal.failure or "")
    journal.close()
    assert quarantined(file) == []
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]


def test_an_invalid_event_does_not_block_the_others(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    journal = make(file)
    journal.write("no such kind", AT, {})
    journal.write("heard", AT, {"intent": "next"})
    journal.close()
    assert [event.kind for event in written(file)] == ["heard"]
    assert "no such kind" in journal.notices()[0]
