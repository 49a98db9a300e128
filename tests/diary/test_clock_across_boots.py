"""A computer without a clock battery that is switched off before it learns the time of the night."""

from datetime import UTC, datetime, timedelta

import pytest

from nightvoice.diary.store import Diary

NOW = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
COLD = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)
AHEAD = datetime(2036, 2, 7, 6, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def start(diary: Diary, boot: str, at: datetime, synced: bool = False) -> None:
    """The program starts a minute after the computer."""
    data = {"boot": boot, "booted": (at - MINUTE).timestamp(), "synced": synced}
    diary.append("listening_started", at, data)


def stop(diary: Diary, at: datetime) -> None:
    diary.append("listening_stopped", at, {"reason": "ended"})


def night_by_a_wrong_clock(diary: Diary, at: datetime) -> int:
    """Until NOW the clock is right; then the computer starts again at ``at``, for six hours with a cramp in the third.

    Return the number of the cramp.
    """
    start(diary, "a", NOW - HOUR, synced=True)
    stop(diary, NOW)
    start(diary, "b", at)
    diary.heard_until(at + HOUR)
    number = diary.append("episode_opened", at + 3 * HOUR, {"site": "calf"})
    diary.append("episode_closed", at + 3 * HOUR + MINUTE, {"outcome": "gone"})
    diary.heard_until(at + 6 * HOUR)
    stop(diary, at + 6 * HOUR)
    return number


@pytest.mark.parametrize("at", [COLD, NOW - 43 * MINUTE, NOW - 72 * HOUR, AHEAD])
@pytest.mark.parametrize("learnt_later", [False, True])
def test_a_night_between_two_known_times_is_dated_by_them(url: str, at: datetime, learnt_later: bool) -> None:
    with Diary.open(url) as diary:
        number = night_by_a_wrong_clock(diary, at)
        morning = NOW + 6 * HOUR + 10 * MINUTE
        if learnt_later:
            start(diary, "c", COLD)
            diary.append("clock_set", morning, {"seconds": (morning - COLD).total_seconds()})
        else:
            start(diary, "c", morning, synced=True)
        episode, night = diary.episode(number), diary.night(NOW.date())
        assert abs(episode.onset - (NOW + 3 * HOUR + 5 * MINUTE)) <= 5 * MINUTE
        assert (episode.night, episode.duration) == (NOW.date(), MINUTE)
        assert abs(night.listened - 7 * HOUR) <= MINUTE
        assert diary.period() == (NOW.date(), NOW.date())
        events = diary.events()
        diary.append("clock_set", morning + HOUR, {"seconds": 60.0})
        assert [event.kind for event in diary.events(events[-1].seq)] == ["clock_set"], "once is enough"


def test_nothing_is_filed_before_the_newest_time_known_to_be_right(url: str) -> None:
    with Diary.open(url) as diary:
        night_by_a_wrong_clock(diary, NOW - 43 * MINUTE)
        assert diary.night(NOW.date()).listened == HOUR
        start(diary, "c", NOW - 43 * MINUTE)
        diary.heard_until(NOW + HOUR)
        assert diary.night(NOW.date()).listened == HOUR


def test_a_night_that_may_have_been_in_any_of_three_days_is_left_as_it_is(url: str) -> None:
    with Diary.open(url) as diary:
        number = night_by_a_wrong_clock(diary, NOW - 24 * HOUR)
        onset = diary.episode(number).onset
        start(diary, "c", NOW + 72 * HOUR, synced=True)
        assert diary.episode(number).onset == onset


def test_a_clock_that_contradicts_nothing_is_believed(url: str) -> None:
    with Diary.open(url) as diary:
        number = night_by_a_wrong_clock(diary, NOW + MINUTE)
        onset = diary.episode(number).onset
        start(diary, "c", NOW + 7 * HOUR, synced=True)
        assert diary.episode(number).onset == onset
        assert diary.night(NOW.date()).listened == 7 * HOUR


def test_an_imported_start_of_no_possible_time_stops_no_night(url: str) -> None:
    with Diary.open(url) as diary:
        diary.append("listening_started", NOW, {"boot": "a", "booted": 1e18})
        start(diary, "b", NOW + HOUR, synced=True)
        stop(diary, NOW + 2 * HOUR)
        assert diary.night(NOW.date()).listened == HOUR


def test_where_no_clock_was_ever_known_to_be_right_all_is_filed(url: str) -> None:
    with Diary.open(url) as diary:
        start(diary, "a", NOW + 24 * HOUR)
        stop(diary, NOW + 25 * HOUR)
        start(diary, "b", NOW)
        stop(diary, NOW + HOUR)
        assert diary.night(NOW.date()).listened == HOUR
