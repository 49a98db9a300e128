"""A clock that is set while the night runs: what was written before it gets its true time."""

from datetime import UTC, datetime, timedelta

import pytest

from nightvoice.content.countries import NO_COUNTRY
from nightvoice.dialogue.events import Resumed
from nightvoice.diary.backup import export_records, import_records
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.history import RESUME_WITHIN, History

NOW = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
COLD, AHEAD = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC), datetime(2036, 2, 7, 6, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def begin(diary: Diary, at: datetime) -> int:
    """A night that begins by a wrong clock, with a cramp after ten minutes, of two minutes; return its number."""
    diary.append("listening_started", at)
    diary.heard_until(at + 9 * 60 * SECOND)
    diary.append("heard", at + 600 * SECOND, {"intent": "cramp"})
    number = diary.append("episode_opened", at + 600 * SECOND, {"site": "calf"})
    diary.append("step", at + 610 * SECOND, {"protocol": "calf", "step": "towel"})
    diary.append("flag", at + 620 * SECOND, {"flag": "chest", "action": "emergency"})
    diary.append("episode_closed", at + 720 * SECOND, {"outcome": "gone"})
    return number


def learn_the_time(diary: Diary, at: datetime) -> None:
    """The clock is set to NOW, twenty minutes after ``begin``."""
    diary.append("clock_set", NOW, {"seconds": (NOW - at).total_seconds() - 1200})


@pytest.mark.parametrize("at", [COLD, AHEAD, NOW - 5 * HOUR])
def test_what_a_wrong_clock_dated_is_moved_once_the_time_is_known(url: str, at: datetime) -> None:
    with Diary.open(url) as diary:
        number = begin(diary, at)
        learn_the_time(diary, at)
        diary.heard_until(NOW + HOUR)
        episode, night = diary.episode(number), diary.night(NOW.date())
        assert (episode.onset, episode.night) == (NOW - 600 * SECOND, NOW.date())
        assert episode.duration == 120 * SECOND
        assert [step.at for step in episode.steps] == [NOW - 590 * SECOND]
        assert [flag.at for flag in night.flags] == [NOW - 580 * SECOND]
        assert night.listened == HOUR + 1200 * SECOND
        assert diary.period() == (NOW.date(), NOW.date())
        diary.rebuild()
        assert diary.episode(number) == episode
        with Diary.open() as copy:
            import_records(copy, iter(export_records(diary)), "a copy")
            assert copy.episodes() == [episode]


def test_nothing_is_filed_by_a_clock_that_has_not_been_set(url: str) -> None:
    with Diary.open(url) as diary:
        begin(diary, COLD)
        diary.append("listening_stopped", COLD + HOUR, {"reason": "ended"})
        diary.listening(NOW, NOW + HOUR)
        assert diary.period() == (NOW.date(), NOW.date())
        assert not diary.night(COLD.date() - timedelta(days=1)).listened


def test_a_clock_set_wrongly_and_right_again_leaves_the_night_as_it_was(url: str) -> None:
    with Diary.open(url) as diary:
        begin(diary, NOW - 1200 * SECOND)
        before = diary.episodes(), diary.night(NOW.date()).flags
        diary.append("clock_set", NOW + 24 * HOUR, {"seconds": 86_400.0})
        diary.append("clock_set", NOW, {"seconds": -86_400.0})
        assert (diary.episodes(), diary.night(NOW.date()).flags) == before


def test_what_is_older_than_a_day_stays_where_it_is(url: str) -> None:
    with Diary.open(url) as diary:
        number = begin(diary, NOW - 72 * HOUR)
        episode = diary.episode(number)
        learn_the_time(diary, NOW + 5 * HOUR)
        assert diary.episode(number) == episode


def test_a_deleted_cramp_takes_its_words_along_although_it_was_moved(url: str) -> None:
    with Diary.open(url) as diary:
        number = begin(diary, COLD)
        learn_the_time(diary, COLD)
        diary.delete_episode(number)
        assert [event.kind for event in diary.events()] == ["listening_started", "clock_set", "episode_deleted"]


@pytest.mark.parametrize(
    ("onset", "resumed"), [(COLD, 0.0), (NOW - 60 * SECOND, -60.0), (AHEAD, 0.0), (NOW - 2 * RESUME_WITHIN, None)]
)
def test_an_open_cramp_is_resumed_unless_it_is_known_to_be_old(onset: datetime, resumed: float | None) -> None:
    diary = Diary.open()
    diary.append("episode_opened", onset)
    behind = WriteBehindDiary(lambda: diary)
    found = list(History(behind, lambda *_: [], NO_COUNTRY, lambda error: None).at_start(NOW))
    assert [event.onset for event in found if isinstance(event, Resumed)] == ([] if resumed is None else [resumed])
