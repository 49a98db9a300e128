"""Events that the diary could not take, kept in the first file that can be written."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer

from nightvoice.cli.diary_option import open_diary, written_at_end
from nightvoice.diary.spool import Entry, Spool, spool_of
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.storage.errors import StorageFull
from nightvoice.system import paths

AT = datetime(2026, 3, 2, 2, 13, tzinfo=UTC)
EVENTS: list[Entry] = [("heard", AT + timedelta(seconds=number), {"intent": str(number)}) for number in range(4)]


def full() -> Diary:
    raise StorageFull("diary: the disk is full: free some space")


def test_the_first_file_that_can_be_written_keeps_the_events_for_its_user_only(tmp_path: Path) -> None:
    beside, state, memory = tmp_path / "gone" / "a", tmp_path / "state" / "b", tmp_path / "memory" / "c"
    spool = Spool([beside, state], [memory])
    assert spool.save(EVENTS, in_memory=True) == memory
    assert spool.save(EVENTS) == state
    assert not memory.exists(), "one file holds them"
    assert not beside.parent.exists(), "no folder is made beside the diary"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    assert spool.read() == EVENTS
    beside.parent.mkdir()
    assert spool.save(EVENTS) == beside
    assert not state.exists()
    spool.clear()
    assert spool.waiting() is None


def test_a_file_that_cannot_be_deleted_adds_nothing_twice(tmp_path: Path) -> None:
    beside, state = tmp_path / "a", tmp_path / "b"
    Spool([beside]).save(EVENTS[:2])
    Spool([state]).save(EVENTS[1:])
    assert Spool([beside, state]).read() == EVENTS


def test_events_that_are_in_the_diary_already_are_not_written_again(tmp_path: Path) -> None:
    """A process was killed after it had written the first events, and before it cleared the spool."""
    spool, clock = Spool([tmp_path / "spool"]), ("clock_set", AT, {"seconds": 3600.0})
    diary = Diary.open()
    for event in (clock, EVENTS[0]):
        diary.append(*event)
    spool.save([clock, *EVENTS])
    journal = WriteBehindDiary(lambda: diary, spool=spool)
    journal.write("heard", AT + timedelta(hours=2), {"intent": "later"})
    heard = [event.data["intent"] for event in diary.events() if event.kind == "heard"]
    assert heard == ["0", "1", "2", "3", "later"]
    assert [event.kind for event in diary.events()].count("clock_set") == 1
    assert journal.notices() == ["3 events that could not be written earlier are written now"]
    journal.close()


def test_a_folder_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared" / "spool"
    spool = Spool([tmp_path / "gone" / "a"], [shared])
    assert spool.save(EVENTS) == shared
    monkeypatch.setattr(os, "geteuid", lambda: shared.stat().st_uid + 1)
    assert spool.save(EVENTS) is None
    assert spool.read() == []


def test_each_diary_has_files_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(paths, "memory_dirs", list)
    first, second = (spool_of(str(tmp_path / name / "diary.sqlite")) for name in ("one", "two"))
    first.save(EVENTS)
    assert second.read() == []
    assert spool_of(f"sqlite:///{tmp_path}/one/diary.sqlite").read() == EVENTS
    spool_of("postgresql://me:hush@host/diary").save(EVENTS)
    assert not [file for file in (tmp_path / "state").rglob("*") if "hush" in file.name]


def test_a_program_whose_events_wait_says_where_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = WriteBehindDiary(full, spool=Spool([tmp_path / "spool"]))
    with pytest.raises(typer.Exit) as ended, written_at_end(journal):
        journal.write(*EVENTS[0])
    assert ended.value.exit_code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"nightvoice: diary: the disk is full: free some space; 1 event of a night waits in {tmp_path}"
    )


def test_an_error_is_not_hidden_by_the_events_that_wait(capsys: pytest.CaptureFixture[str]) -> None:
    journal = WriteBehindDiary(full)
    journal.write(*EVENTS[0])
    with pytest.raises(KeyError), written_at_end(journal):
        raise KeyError
    assert "1 event of the night could not be kept anywhere" in capsys.readouterr().err


def test_reading_commands_say_that_events_wait(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "diary.sqlite"
    Diary.open(str(file)).close()
    spool_of(str(file)).save(EVENTS)
    open_diary(str(file)).close()
    assert capsys.readouterr().err.startswith("nightvoice: not complete: 4 events of a night wait in ")
