"""A clock that is set while the night runs: what was written before it gets its true time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nightvoice.content.countries import NO_COUNTRY
from nightvoice.dialogue.events import Remembered, Resumed
from nightvoice.diary.backup import export_records, import_records
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.history import RESUME_WITHIN, History

NOW = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
COLD, AHEAD = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC), datetime(2036, 2, 7, 6, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def begin(diary: Diary, at: datetime, start: Mapping[str, Any] | None = None) -> int:
    """A night that begins by a wrong clock, with a cramp after ten minutes, of two minutes; return its number."""
    diary.append("listening_started", at, start)
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


@pytest.mark.parametrize("restarts", [0, 1])
@pytest.mark.parametrize("at", [COLD, AHEAD, NOW - 5 * HOUR, NOW + 5 * HOUR])
def test_a_clock_that_is_set_while_nobody_listens_moves_what_it_dated(url: str, at: datetime, restarts: int) -> None:
    booted, change = at.timestamp() - 60, NOW - at - 1200 * SECOND
    with Diary.open(url) as diary:
        diary.listening(NOW - 30 * HOUR, NOW - 29 * HOUR)
        number = begin(diary, at, {"boot": "a", "booted": booted})
        diary.append("listening_stopped", at + 900 * SECOND, {"reason": "ended"})
    for _ in range(restarts):
        with Diary.open(url) as diary:
            diary.append("listening_started", at + 900 * SECOND, {"boot": "a", "booted": booted})
            diary.append("listening_stopped", at + 1000 * SECOND, {"reason": "ended"})
    with Diary.open(url) as diary:
        diary.append("listening_started", NOW, {"boot": "a", "booted": booted + change.total_seconds()})
        diary.heard_until(NOW + HOUR)
        episode = diary.episode(number)
        night = diary.night(episode.night)
        assert (episode.onset, episode.night) == (NOW - 600 * SECOND, NOW.date())
        assert night.listened == HOUR + (900 + 100 * restarts) * SECOND
        assert [flag.at for flag in night.flags] == [NOW - 580 * SECOND]
        # The clock is set once more in the second run: what both runs wrote moves.
        diary.append("clock_set", NOW + 2 * HOUR, {"seconds": 3600.0})
        assert diary.episode(number).onset == NOW + HOUR - 600 * SECOND
        assert diary.night(episode.night).spans[0].start == NOW + HOUR - 1200 * SECOND
        before = diary.events()
    with Diary.open(url) as diary:
        diary.append(
            "listening_started", NOW + 3 * HOUR, {"boot": "a", "booted": booted + change.total_seconds() + 3600}
        )
        assert [event.kind for event in diary.events(before[-1].seq)] == ["listening_started"]


@pytest.mark.parametrize("data", [{}, {"boot": "b", "booted": 5.0}])
def test_a_run_on_another_start_or_computer_corrects_nothing(url: str, data: dict[str, Any]) -> None:
    with Diary.open(url) as diary:
        number = begin(diary, NOW - 5 * HOUR, {"boot": "a", "booted": 0.0})
        diary.append("listening_started", NOW, data)
        assert diary.episode(number).onset == NOW - 5 * HOUR + 600 * SECOND


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


def test_a_cramp_dated_years_ahead_does_not_hide_those_after_it() -> None:
    diary = Diary.open()
    for onset in (AHEAD, NOW - HOUR):
        diary.append("episode_opened", onset)
        diary.append("episode_closed", onset + 60 * SECOND, {"outcome": "stopped"})
    diary.append("heard", AHEAD, {"intent": "told", "slots": {"condition": "pregnant"}})
    behind = WriteBehindDiary(lambda: diary)
    given = History(behind, lambda *_: [], NO_COUNTRY, lambda error: None).at_start(NOW)
    found = next(event for event in given if isinstance(event, Remembered))
    assert (found.unresolved, found.told) == (-3600.0, frozenset())


def test_what_the_person_told_before_the_clock_was_set_counts_tonight() -> None:
    diary = Diary.open()
    diary.append("listening_started", COLD)
    diary.append("heard", COLD, {"intent": "told", "slots": {"condition": "pregnant"}})
    diary.append("clock_set", NOW, {"seconds": (NOW - COLD).total_seconds() - 60})
    behind = WriteBehindDiary(lambda: diary)
    given = History(behind, lambda *_: [], NO_COUNTRY, lambda error: None).at_start(NOW)
    found = next(event for event in given if isinstance(event, Remembered))
    assert found.told == {"pregnant"}
