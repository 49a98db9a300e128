"""The time of night at which cramps come, and how long they last, in numbers and words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.diary.episode import Episode
from nightvoice.diary.night import Night
from nightvoice.insight.cramp_times import cramp_durations, cramp_times
from nightvoice.insight.trend_narrative import TrendNarrator

EVENING = datetime(2026, 3, 1, 22, tzinfo=UTC)


def night(*hours: float, minutes: float | None = None) -> list[Night]:
    """Return a night with a cramp so many hours after ten in the evening."""
    episodes = []
    for number, hour in enumerate(hours):
        onset = EVENING + timedelta(hours=hour)
        ended = None if minutes is None else onset + timedelta(minutes=minutes * (number + 1))
        episodes.append(Episode(number, date(2026, 3, 1), onset, ended=ended, outcome="gone" if ended else None))
    return [Night(date(2026, 3, 1), (), tuple(episodes), ())]


def narrator() -> TrendNarrator:
    return TrendNarrator(load_pack("en").trends, lambda at: f"{at:%H:%M}", lambda minutes: f"{minutes:g} min")


def test_hours_run_through_midnight_and_at_least_from_ten_to_six() -> None:
    found = cramp_times(night(1.5, 3.25, 3.5))
    assert [hour.hour for hour in found.hours] == [22, 23, 0, 1, 2, 3, 4, 5, 6]
    assert {hour.hour: hour.cramps for hour in found.hours if hour.cramps} == {23: 1, 1: 2}
    assert [hour.hour for hour in cramp_times(night(-4, 11)).hours] == [18, 19, 20, 21, 22, 23, *range(10)]


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ((1.5,), "It came at 23:30."),
        ((1.5, 3), "They came between 23:30 and 01:00."),
        ((0, 1, 2, 2.5, 3, 9), "Half of them came between 23:00 and 01:00."),
    ],
)
def test_times_in_words(hours: tuple[float, ...], words: str) -> None:
    assert narrator().times(cramp_times(night(*hours))) == words


def test_durations_in_bands_and_words() -> None:
    found = cramp_durations([*night(1, 2, 3, minutes=2), *night(4), *night(5, minutes=10)])
    assert found.bands == [0, 2, 1, 1]
    assert narrator().durations(found) == (
        "Half of them took 5 min or less, the longest 10 min. How 1 of 5 ended is not known; they are left out."
    )
    assert narrator().durations(cramp_durations(night(1, minutes=3))) == "It took 3 min."
    assert narrator().durations(cramp_durations(night(1))) == "No cramp has a known end."
