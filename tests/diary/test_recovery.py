"""Recovery of damaged diaries: what SQLite can still read comes back, once."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nightvoice.diary.recovery import recover
from nightvoice.diary.salvage import salvage
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError

EVENING = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
NIGHTS = 60


def fill(diary: Diary, nights: int = NIGHTS, first: datetime = EVENING) -> None:
    """A cramp every night."""
    for number in range(nights):
        evening = first + timedelta(days=number)
        diary.append("listening_started", evening, {"engine": "moonshine"})
        diary.tag(evening.date(), {"walk": number % 2 == 0})
        diary.append("episode_opened", evening + timedelta(hours=4), {"site": "calf", "side": "left"})
        diary.append("step", evening + timedelta(hours=4), {"protocol": "calf", "step": "towel-stretch"})
        diary.append("notified", evening + timedelta(hours=4), {"event": 3, "cause": "help", "reached": True})
        diary.append("episode_closed", evening + timedelta(hours=4.1), {"outcome": "gone"})
        diary.heard_until(evening + timedelta(hours=8))
        diary.append("listening_stopped", evening + timedelta(hours=8), {"reason": "ended"})


def nights(diary: Diary) -> list[object]:
    """Return the content of the nights without event numbers."""
    first, last = diary.period() or (date.min, date.min)
    return [
        (
            night.date,
            night.spans,
            night.tags,
            night.flags,
            [(e.onset, e.ended, e.outcome, e.steps) for e in night.episodes],
        )
        for night in diary.nights(first, last)
    ]


def damage(file: Path, *pages: int) -> None:
    """Overwrite pages of the file (4096 bytes each, numbered from 0)."""
    with file.open("r+b") as content:
        for page in pages:
            content.seek(4096 * page)
            content.write(b"\xde\xad" * 2048)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A closed diary of NIGHTS nights."""
    file = tmp_path / "old.sqlite"
    with Diary.open(str(file)) as diary:
        fill(diary)
    return file


def test_a_whole_diary_comes_back_whole_and_only_once(old: Path, url: str) -> None:
    with Diary.open(str(old)) as before, Diary.open(url) as diary:
        fill(diary, 2, EVENING + timedelta(days=NIGHTS))
        newer = diary.events()
        back = recover(diary, salvage(old))
        assert (back.events, back.cramps, back.known, back.lost) == (len(before.events()), NIGHTS, 0, 0)
        assert diary.events()[: len(newer)] == newer, "the log only grows"
        fill(before, 2, EVENING + timedelta(days=NIGHTS))
        assert nights(diary) == nights(before)
        assert diary.latest_episodes(1)[0].onset == EVENING + timedelta(days=NIGHTS + 1, hours=4)
        events = diary.events()
        again = recover(diary, salvage(old))
        assert (again.events, again.known) == (0, len(before.events()))
        assert diary.events() == events
        shown = nights(diary)
        diary.rebuild()
        assert nights(diary) == shown


def test_rows_beyond_broken_pages_are_read(old: Path) -> None:
    with Diary.open(str(old)) as whole:
        everything = len(whole.events())
    content = old.read_bytes()
    size = len(content) // 4096
    kept = []
    for page in range(1, size):
        old.write_bytes(content)
        damage(old, page)
        with Diary.open() as diary:
            try:
                back = recover(diary, salvage(old))
                kept.append(back.cramps)
                assert back.events + back.lost == everything, "each event is counted once"
            except NightvoiceError:
                kept.append(0)  # the page that all others hang on
            diary.rebuild()
    assert sorted(kept)[2] > NIGHTS / 2, "one leaf holds few nights"
    assert sum(number > 0.8 * NIGHTS for number in kept) > 0.7 * len(kept)


def test_a_truncated_file_gives_what_is_left(old: Path) -> None:
    content = old.read_bytes()
    old.write_bytes(content[: len(content) // 4096 * 3 // 4 * 4096])
    with Diary.open() as diary:
        assert recover(diary, salvage(old)).events > 0


def test_the_write_ahead_log_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    with Diary.open(str(file)) as writing, Diary.open() as diary:
        fill(writing, 1)
        assert Path(f"{file}-wal").stat().st_size
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if not path.name.endswith("-shm")}
        assert recover(diary, salvage(file)).cramps == 1
        assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir() if not path.name.endswith("-shm")}


def test_an_open_cramp_is_closed_and_one_without_its_first_event_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    with Diary.open(str(file)) as old:
        fill(old, 1)
        old.append("episode_opened", EVENING + timedelta(days=1), {"site": "calf", "side": None})
        old.append("step", EVENING + timedelta(days=1, minutes=1), {"protocol": "calf", "step": "towel-stretch"})
    with sqlite3.connect(file) as sql:
        sql.execute("DELETE FROM events WHERE seq = (SELECT min(seq) FROM events WHERE kind = 'episode_opened')")
    with Diary.open() as diary:
        back = recover(diary, salvage(file))
        (episode,) = diary.episodes()
    assert (back.cramps, back.lost) == (1, 3)
    assert (episode.outcome, episode.ended) == ("interrupted", EVENING + timedelta(days=1, minutes=1))


def test_deleted_cramps_stay_deleted_and_newer_answers_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    with Diary.open(str(file)) as old, Diary.open() as diary:
        fill(old, 2)
        old.delete_episode(old.episodes()[0].id)
        diary.tag(EVENING.date(), {"walk": False})
        recover(diary, salvage(file))
        assert len(diary.episodes()) == 1
        assert diary.night(EVENING.date()).tags == {"walk": False}
        assert diary.night(EVENING.date() + timedelta(days=1)).tags == {"walk": False}


def test_a_file_that_cannot_be_read_at_all_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    file.write_bytes(b"no diary at all" * 1000)
    with pytest.raises(NightvoiceError, match="nothing of it can be read"):
        salvage(file)
    assert file.exists()
