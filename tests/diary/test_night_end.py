"""Nights of somebody who sleeps by day: they end at a time of day after the person gets up."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from nightvoice.diary.backup import export_records, import_records
from nightvoice.diary.night import Night
from nightvoice.diary.recovery import recover
from nightvoice.diary.salvage import salvage
from nightvoice.diary.store import Diary

HOUR = timedelta(hours=1)
BED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the person goes to bed after a night shift; they get up at five in the afternoon."""
CRAMP = BED + 4.5 * HOUR
"""13:30."""
NIGHT = date(2026, 3, 1)
SIX = time(18)


def sleep(diary: Diary, bed: datetime = BED) -> int:
    """Write a day's sleep with one cramp and one danger sign; return the cramp's number."""
    diary.append("listening_started", bed, {"engine": "vosk", "voice": "hibari", "version": "1"})
    diary.heard_until(bed + 4 * HOUR)
    number = diary.append("episode_opened", bed + 4.5 * HOUR, {"site": "calf", "side": "left"})
    diary.append("flag", bed + 4.6 * HOUR, {"flag": "chest_pain", "action": "emergency"})
    diary.append("episode_closed", bed + 4.7 * HOUR, {"outcome": "gone"})
    diary.append("listening_stopped", bed + 8 * HOUR, {"reason": "ended"})
    return number


def facts(night: Night) -> tuple[timedelta, int, int, int]:
    return night.listened, len(night.spans), len(night.episodes), len(night.flags)


def whole(diary: Diary) -> None:
    before, of_sleep, after = diary.nights(NIGHT - timedelta(days=1), NIGHT + timedelta(days=1))
    assert facts(of_sleep) == (8 * HOUR, 1, 1, 1)
    assert facts(before) == facts(after) == (timedelta(), 0, 0, 0)
    assert {event.night for event in diary.events() if event.kind != "night_end_set"} == {NIGHT}


def test_a_day_s_sleep_is_one_night(url: str) -> None:
    with Diary.open(url, night_ends=SIX) as diary:
        sleep(diary)
        whole(diary)


def test_what_was_filed_by_noon_is_filed_anew(url: str) -> None:
    with Diary.open(url) as diary:
        sleep(diary)
        assert facts(diary.night(NIGHT)) == (3 * HOUR, 1, 0, 0)
        diary.tag(NIGHT, {"walk": True})
    with Diary.open(url, night_ends=SIX) as diary:
        whole(diary)
        assert diary.night(NIGHT).tags == {"walk": True}
        diary.rebuild()
        whole(diary)
        seq = diary.last_seq()
        diary.end_nights_at(SIX)
        assert diary.last_seq() == seq  # nothing to do
        diary.end_nights_at(time(12))
        assert facts(diary.night(NIGHT)) == (3 * HOUR, 1, 0, 0)


def test_it_may_change_while_another_process_writes(tmp_path: Path) -> None:
    file = str(tmp_path / "diary.sqlite")
    with Diary.open(file) as bedside, Diary.open(file) as page:
        bedside.append("listening_started", BED, {"engine": "vosk", "voice": "hibari", "version": "1"})
        bedside.heard_until(BED + 5 * HOUR)
        page.end_nights_at(SIX)
        bedside.heard_until(BED + 8 * HOUR)
        bedside.append("episode_opened", BED + 8 * HOUR, {"site": "calf", "side": "left"})
        assert facts(page.night(NIGHT)) == (8 * HOUR, 1, 1, 0)


def test_a_clock_that_is_set_files_by_it(url: str) -> None:
    with Diary.open(url, night_ends=SIX) as diary:
        diary.append("listening_started", BED - 9 * HOUR, {"engine": "vosk", "voice": "hibari", "version": "1"})
        number = diary.append("episode_opened", CRAMP - 9 * HOUR, {"site": "calf", "side": "left"})
        diary.append("clock_set", CRAMP + HOUR, {"seconds": 9 * 3600})
        assert diary.episode(number).night == NIGHT
        diary.rebuild()
        assert diary.episode(number).night == NIGHT


def test_a_copy_and_a_recovery_keep_it(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        sleep(diary, BED - 24 * HOUR)
        diary.end_nights_at(SIX)
        sleep(diary)
        records = list(export_records(diary))
    with Diary.open() as copy:
        import_records(copy, records, "export")
        assert copy.night_end() == SIX
        assert facts(copy.night(NIGHT)) == (8 * HOUR, 1, 1, 1)
    with Diary.open() as new:
        recover(new, salvage(file))
        assert new.night_end() == SIX
        for day in range(2):
            assert facts(new.night(NIGHT - timedelta(days=day))) == (8 * HOUR, 1, 1, 1)


@pytest.mark.parametrize("hours", [0, 1, 26])
def test_the_end_of_the_period_is_tonight(hours: int) -> None:
    with Diary.open(night_ends=SIX) as diary:
        sleep(diary)
        assert diary.period(BED + (8 + hours) * HOUR) == (NIGHT, NIGHT)
