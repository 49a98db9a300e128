"""Nights whose disk is full, read-only, locked or hangs: the guidance goes on, and no event is lost."""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nightvoice import assembly
from nightvoice.diary import write_behind
from nightvoice.diary.spool import Spool, spool_of
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.rehearsal.script import ScriptedUtterance
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system import paths
from tests.nights.rehearsed_night import CRAMP, Night

MORNING = (*CRAMP, ScriptedUtterance(at=110, say="good morning"))


@pytest.fixture(scope="module")
def usual() -> Night:
    """The same night on a disk that works."""
    night = Night()
    night.play()
    return night


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep unwritten events of the tests from the real folders."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(paths, "memory_dirs", lambda: [tmp_path / "memory"])


def with_disk(disk: Any, relief: Callable[[], None] = lambda: None, script: Any = CRAMP) -> Night:
    """A night whose diary is on ``disk``; ``relief`` comes when the cramp is over."""
    night = Night(script)
    night.diary = journal = assembly.open_diary(str(disk.folder / "diary.sqlite"))
    frames = night.audio.frames

    def relieved() -> Any:
        for number, frame in enumerate(frames()):
            if number == round(100 / 0.032):
                relief()
            if number == round(140 / 0.032):  # the night goes faster than a busy disk
                with suppress(StorageUnavailable):
                    journal.query(lambda diary: diary.name, 60)
            yield frame

    night.audio.frames = relieved  # type: ignore[method-assign]
    night.play()
    night.left = night.diary.close()
    return night


def hanging(wakes: threading.Event) -> type[Diary]:
    """A diary whose disk hangs once the night has begun, until it ``wakes``."""

    class Hanging(Diary):
        def append(self, kind: str, at: datetime, data: Mapping[str, Any] | None = None) -> int:
            if kind != "listening_started":
                wakes.wait(60)
            return super().append(kind, at, data)

    return Hanging


def test_on_a_disk_that_hangs_the_guidance_goes_on_and_all_is_written_at_last(usual: Night, tmp_path: Path) -> None:
    wakes = threading.Event()

    night = Night()
    file = str(tmp_path / "diary.sqlite")
    night.diary = WriteBehindDiary(lambda: hanging(wakes).open(file))
    night.play()
    assert night.said == usual.said
    assert night.diary.failure == "the disk is slow"
    wakes.set()
    night.diary.close()
    with Diary.open(file, create=False) as diary:
        assert [episode.outcome for episode in diary.episodes()] == ["gone"]
        assert isinstance(usual.diary, Diary)
        assert [event.kind for event in diary.events()] == [event.kind for event in usual.diary.events()]


def test_on_a_full_disk_the_guidance_goes_on_and_all_is_written_later(usual: Night, small_disk: Any) -> None:
    small_disk.fill()
    night = with_disk(small_disk, small_disk.films.unlink)
    assert night.said == usual.said
    assert any("full" in event["why"] for event in night.named("diary_unavailable"))
    assert any("nothing was lost" in event["why"] for event in night.named("diary"))
    with Diary.open(str(small_disk.folder / "diary.sqlite"), create=False) as diary:
        (episode,) = diary.episodes()
        assert (episode.outcome, diary.events()[0].kind) == ("gone", "listening_started")


def test_on_a_read_only_disk_the_guidance_goes_on_and_it_is_said(usual: Night, small_disk: Any) -> None:
    small_disk.make_read_only()
    night = with_disk(small_disk)
    assert night.said == usual.said
    assert any("read-only" in event["why"] for event in night.named("diary_unavailable"))
    assert night.named("summary")[0]["why"]
    assert list(small_disk.folder.iterdir()) == []


def in_the_diary(file: Path) -> list[str | None]:
    with Diary.open(str(file), create=False) as diary:
        return [episode.outcome for episode in diary.episodes()]


def test_what_a_full_disk_did_not_take_all_night_is_kept_elsewhere_and_taken_in_at_the_next_start(
    small_disk: Any, tmp_path: Path
) -> None:
    file = small_disk.folder / "diary.sqlite"
    Diary.open(str(file)).close()
    small_disk.fill()
    night = with_disk(small_disk, script=MORNING)
    (spool,) = (tmp_path / "state" / "nightvoice").iterdir()
    assert night.left is not None
    assert "the disk is full" in night.left
    assert f"events of a night wait in {spool}: start nightvoice run, and they are written" in night.left
    assert "\n" not in night.left
    (told,) = [text for text in night.said if "can't sum up the night" in text]
    assert "look at the computer" in told
    assert not any("no cramp" in text.lower() for text in night.said), "that would not be true"
    assert night.named("summary")[0]["text"] == ""
    assert "full" in night.named("summary")[0]["why"]
    assert spool_of(str(file)).waiting()

    small_disk.films.unlink()
    later = assembly.open_diary(str(file))
    later.heard_until(night.began)
    assert later.close() is None
    assert "could not be written earlier are written now" in later.notices()[0]
    assert in_the_diary(file) == ["gone"]
    assert spool_of(str(file)).waiting() is None


def test_what_a_disk_that_hangs_did_not_take_is_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for timeout in ("CLOSE_TIMEOUT_S", "SLOW_S"):
        monkeypatch.setattr(write_behind, timeout, 0.0)
    wakes = threading.Event()

    file, memory = str(tmp_path / "diary.sqlite"), tmp_path / "memory" / "unwritten"
    night = Night(MORNING)
    spool = Spool([tmp_path / "nowhere" / "unwritten"], [memory])
    night.diary = WriteBehindDiary(lambda: hanging(wakes).open(file), spool=spool)
    night.play()
    told = [event["why"] for event in night.named("diary_unavailable") if "is kept" in event["why"]]
    assert len(told) == 1, "one line"
    assert any("can't sum up the night" in text for text in night.said)
    left = night.diary.close()
    assert left is not None
    assert f"wait in {memory}: start nightvoice run before the computer restarts" in left
    later = WriteBehindDiary(lambda: Diary.open(str(tmp_path / "later.sqlite")), spool=spool)
    later.heard_until(night.began)
    assert later.close() is None
    assert in_the_diary(tmp_path / "later.sqlite") == ["gone"]
    wakes.set()


def test_a_diary_that_another_program_locks_is_told_once_and_written_when_it_is_free(
    usual: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nightvoice.storage.sqlite.LOCK_TIMEOUT_S", 0.01)
    file, night = tmp_path / "diary.sqlite", Night()
    Diary.open(str(file)).close()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    night.diary = journal = assembly.open_diary(str(file))
    night.play()
    assert night.said == usual.said
    (told,) = [event["why"] for event in night.named("diary_unavailable")]
    assert "another program has been writing to it for too long: close that one" in told
    other.execute("ROLLBACK")
    assert journal.close() is None
    assert in_the_diary(file) == ["gone"]
    other.close()
