"""A cramp that the person enters afterwards, on SQLite and PostgreSQL."""

import time as clock_time
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from nightvoice.diary.backup import export_records, import_records
from nightvoice.diary.errors import NoSuchEpisode
from nightvoice.diary.recovery import recover
from nightvoice.diary.salvage import salvage
from nightvoice.diary.store import Diary
from nightvoice.diary.told_later import onset_of
from nightvoice.errors import NightvoiceError
from nightvoice.history import remembered

AT = datetime(2026, 3, 2, 3, 12, tzinfo=UTC)
NIGHT = date(2026, 3, 1)


@pytest.fixture
def diary(url: str) -> Iterator[Diary]:
    with Diary.open(url) as diary:
        yield diary


def test_it_is_kept_marked_and_makes_no_night_a_listened_one(diary: Diary) -> None:
    told = diary.add_episode(AT, site="calf", side="left", minutes=5, severity=6, notes="on the boat")
    assert told.told_later
    assert (told.night, told.onset, told.ended, told.outcome) == (NIGHT, AT, AT + timedelta(minutes=5), "gone")
    assert (told.site, told.side, told.severity, told.notes) == ("calf", "left", 6, "on the boat")
    assert diary.episodes() == [told]
    assert diary.night(NIGHT).spans == ()
    diary.rebuild()
    assert diary.episodes() == [told]


def test_without_a_duration_it_is_not_under_way(diary: Diary) -> None:
    told = diary.add_episode(AT)
    assert (told.ended, told.outcome) == (None, None)
    assert diary.unfinished() is None
    assert diary.interrupt_unfinished() is None
    diary.append("episode_opened", AT + timedelta(hours=1), {"site": "calf", "side": None})
    assert diary.episode(told.id) == told


def test_it_leaves_a_cramp_under_way_alone(diary: Diary) -> None:
    now = datetime.now(UTC)
    opened = diary.append("episode_opened", now, {"site": None, "side": None})
    diary.add_episode(AT, minutes=5)
    diary.append("site", now, {"site": "calf", "side": None})
    assert diary.episode(opened).site == "calf"


def test_it_is_edited_and_deleted_like_others_but_deletes_nothing_that_was_heard(diary: Diary) -> None:
    diary.append("heard", AT, {"intent": "good_morning"})
    told = diary.add_episode(AT, minutes=5)
    assert diary.edit_episode(told.id, outcome="eased", soreness=2).told_later
    diary.delete_episode(told.id)
    assert [event.kind for event in diary.events()] == ["heard", "episode_deleted"]
    with pytest.raises(NoSuchEpisode):
        diary.episode(told.id)


def test_one_cramp_is_not_entered_twice(diary: Diary) -> None:
    diary.append("episode_opened", AT + timedelta(seconds=40), {"site": "calf", "side": None})
    diary.append("episode_closed", AT + timedelta(minutes=9), {"outcome": "gone"})
    for onset, minutes in ((AT, None), (AT + timedelta(minutes=5), 20), (AT - timedelta(minutes=5), 6)):
        with pytest.raises(NightvoiceError, match="number 1"):
            diary.add_episode(onset, minutes=minutes)
    diary.add_episode(AT - timedelta(minutes=5), minutes=5)
    diary.add_episode(AT + timedelta(minutes=10), minutes=5)
    assert len(diary.episodes()) == 3


@pytest.mark.parametrize(
    ("onset", "fields", "says"),
    [
        (datetime.now(UTC) + timedelta(hours=1), {}, "still to come"),
        (datetime(2025, 12, 31, tzinfo=UTC), {}, "too long ago"),
        (AT, {"minutes": 0}, "from 1 to 600"),
        (AT, {"minutes": "five"}, "from 1 to 600"),
        (AT, {"severity": 11}, "from 0 to 10"),
        (AT, {"site": "ear"}, "one of calf"),
        (AT, {"outcome": "gone"}, "is not asked"),
        (AT, {"colour": "red"}, "cannot be edited"),
    ],
)
def test_what_cannot_be_is_refused(onset: datetime, fields: dict[str, object], says: str) -> None:
    with Diary.open() as diary:
        with pytest.raises(NightvoiceError, match=says):
            diary.add_episode(onset, **fields)
        assert diary.events() == []


def test_its_time_is_the_person_s_when_the_computer_s_clock_is_set(diary: Diary) -> None:
    wrong = AT + timedelta(hours=5)
    diary.append("listening_started", wrong, {})
    diary.append("heard", wrong, {"intent": "cramp"})
    told = diary.add_episode(AT, minutes=5)
    diary.append("heard", wrong + timedelta(minutes=1), {"intent": "cramp"})
    diary.append("clock_set", wrong - timedelta(hours=2), {"seconds": -7200})
    assert diary.episode(told.id) == told


def test_it_moves_with_the_time_at_which_a_night_ends(diary: Diary) -> None:
    told = diary.add_episode(datetime(2026, 3, 2, 13, 0, tzinfo=UTC))
    assert told.night == date(2026, 3, 2)
    diary.end_nights_at(time(18))
    assert diary.episode(told.id).night == NIGHT


def test_its_time_and_length_are_edited_and_each_keeps_the_other(diary: Diary) -> None:
    told = diary.add_episode(AT, minutes=5)
    later = AT + timedelta(minutes=30)
    moved = diary.edit_episode(told.id, onset=later)
    assert (moved.onset, moved.ended, moved.outcome) == (later, later + timedelta(minutes=5), "gone")
    longer = diary.edit_episode(told.id, minutes=20, severity=4)
    assert (longer.onset, longer.ended, longer.severity) == (later, later + timedelta(minutes=20), 4)
    assert diary.edit_episode(told.id, minutes=None).ended is None
    assert diary.edit_episode(told.id, minutes=3, outcome="eased").outcome == "eased"
    edited = diary.episodes()
    diary.rebuild()
    assert diary.episodes() == edited


def test_an_edited_time_decides_the_night_if_nights_end_at_another_time(diary: Diary) -> None:
    told = diary.add_episode(datetime(2026, 3, 1, 13, 0, tzinfo=UTC))
    diary.edit_episode(told.id, onset=AT)
    diary.end_nights_at(time(18))
    assert diary.episode(told.id).night == NIGHT
    assert {event.night for event in diary.events() if event.episode == told.id} == {NIGHT}
    edited = diary.episodes()
    diary.rebuild()
    assert diary.episodes() == edited


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"onset": AT + timedelta(days=1)}, "is not in the night of 2026-03-01; delete the cramp and add it there"),
        ({"onset": datetime(2025, 12, 31, tzinfo=UTC)}, "a time with its zone"),
        ({"onset": AT + timedelta(hours=2)}, "has a cramp at that time already"),
        ({"minutes": 150}, "has a cramp at that time already"),
        ({"minutes": 0}, "from 1 to 600"),
        ({"minutes": "five"}, "from 1 to 600"),
    ],
)
def test_no_time_or_length_that_cannot_be_is_taken(fields: dict[str, object], says: str) -> None:
    with Diary.open() as diary:
        diary.add_episode(AT + timedelta(hours=2), minutes=5)
        told = diary.add_episode(AT, minutes=5)
        with pytest.raises(NightvoiceError, match=says):
            diary.edit_episode(told.id, **fields)
        assert diary.episode(told.id) == told


@pytest.mark.parametrize("fields", [{"onset": AT}, {"minutes": 5}])
def test_the_times_of_a_cramp_that_was_heard_stay_as_measured(fields: dict[str, object]) -> None:
    with Diary.open() as diary:
        heard = diary.append("episode_opened", AT, {"site": "calf", "side": None})
        with pytest.raises(NightvoiceError, match="were measured"):
            diary.edit_episode(heard, **fields)


def test_it_survives_export_import_and_recovery(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    with Diary.open(str(file)) as diary, Diary.open() as copy, Diary.open() as other:
        told = diary.add_episode(AT, site="calf", notes="on the boat")
        told = diary.edit_episode(told.id, onset=AT + timedelta(minutes=7), minutes=4)
        import_records(copy, export_records(diary), "copy")
        assert copy.episodes() == [told]
        assert recover(other, salvage(file)).cramps == 1
        assert other.episodes() == [told]


def test_an_unresolved_cramp_is_remembered_behind_it() -> None:
    with Diary.open() as diary:
        told = diary.add_episode(AT, minutes=5)
        assert remembered(told, [], [], AT + timedelta(hours=1)).unresolved is None


@pytest.mark.parametrize(
    ("clock", "ends", "expected"),
    [
        (time(3, 12), time(12), datetime(2026, 3, 29, 3, 12)),
        (time(23, 0), time(12), datetime(2026, 3, 28, 23, 0)),
        (time(13, 0), time(18), datetime(2026, 3, 29, 13, 0)),
    ],
)
def test_the_time_of_a_night(clock: time, ends: time, expected: datetime) -> None:
    assert onset_of(date(2026, 3, 28), clock, ends).replace(tzinfo=None) == expected


def test_a_time_that_the_clock_skipped_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    clock_time.tzset()
    try:
        with pytest.raises(NightvoiceError, match="set forward"):
            onset_of(date(2026, 3, 28), time(2, 30), time(12))
    finally:
        monkeypatch.undo()
        clock_time.tzset()
