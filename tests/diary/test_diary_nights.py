"""Nights: the date under which they are filed, and the time listened."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from nightvoice.diary.night import Span, merged, night_of
from nightvoice.diary.store import Diary

CET = timezone(timedelta(hours=1))
HOUR = timedelta(hours=1)
EVENING = datetime(2026, 3, 1, 22, 30, tzinfo=CET)
NIGHT = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("at", "night"),
    [
        ("2026-03-01T12:00+01:00", date(2026, 3, 1)),
        ("2026-03-01T23:59+01:00", date(2026, 3, 1)),
        ("2026-03-02T00:00+01:00", date(2026, 3, 1)),
        ("2026-03-02T11:59:59+01:00", date(2026, 3, 1)),
        ("2026-03-02T12:00+01:00", date(2026, 3, 2)),
        # The person's clock counts, not UTC: 11:00 is before noon, 12:30 after.
        ("2026-03-02T11:00-08:00", date(2026, 3, 1)),
        ("2026-03-02T12:30+14:00", date(2026, 3, 2)),
        ("2026-01-01T03:00+00:00", date(2025, 12, 31)),
    ],
)
def test_a_night_runs_from_noon_to_noon(at: str, night: date) -> None:
    assert night_of(datetime.fromisoformat(at)) == night


def test_heartbeats_extend_the_time_listened(url: str) -> None:
    with Diary.open(url) as diary:
        diary.append("listening_started", EVENING, {})
        for beat in range(1, 9):
            diary.heard_until(EVENING + beat * HOUR)
        night = diary.night(NIGHT)
    assert (night.listened, night.gaps) == (8 * HOUR, ())


def test_a_power_cut_leaves_a_gap_from_the_last_heartbeat_to_the_restart(url: str) -> None:
    with Diary.open(url) as diary:
        diary.append("listening_started", EVENING, {})
        diary.heard_until(EVENING + 2 * HOUR)
        diary.append("listening_started", EVENING + 5 * HOUR, {})
        diary.heard_until(EVENING + 8 * HOUR)
        night = diary.night(NIGHT)
    assert night.listened == 5 * HOUR
    assert night.gaps == (Span(EVENING + 2 * HOUR, EVENING + 5 * HOUR),)


def test_a_dead_microphone_is_a_gap_even_while_the_assistant_runs(url: str) -> None:
    with Diary.open(url) as diary:
        diary.append("listening_started", EVENING, {})
        lost, found = EVENING + HOUR, EVENING + 3 * HOUR
        diary.append("gap", found, {"start": lost.isoformat(), "end": found.isoformat(), "reason": "microphone"})
        diary.append("listening_stopped", EVENING + 4 * HOUR, {"reason": "asked"})
        night = diary.night(NIGHT)
    assert night.listened == 2 * HOUR
    assert night.gaps == (Span(lost, found),)


def test_listening_starts_again_after_a_stop(url: str) -> None:
    with Diary.open(url) as diary:
        diary.append("listening_started", EVENING, {})
        diary.append("listening_stopped", EVENING + HOUR, {"reason": "asked"})
        diary.heard_until(EVENING + 3 * HOUR)
        diary.heard_until(EVENING + 4 * HOUR)
        assert diary.night(NIGHT).listened == 2 * HOUR


def test_a_late_heartbeat_never_shortens_a_span(url: str) -> None:
    with Diary.open(url) as diary:
        diary.append("listening_started", EVENING, {})
        diary.heard_until(EVENING + 2 * HOUR)
        diary.heard_until(EVENING + HOUR)
        assert diary.night(NIGHT).listened == 2 * HOUR


def test_listening_for_days_is_split_at_noon(url: str) -> None:
    with Diary.open(url) as diary:
        diary.append("listening_started", EVENING, {})
        diary.heard_until(EVENING + 38 * HOUR)  # noon is 13.5 hours on, and again 24 later
        diary.heard_until(EVENING + 39 * HOUR)
        hours = [night.listened / HOUR for night in diary.nights(NIGHT, NIGHT + timedelta(days=2))]
    assert hours == [13.5, 24.0, 1.5]


def test_a_night_without_listening_is_part_of_the_period(url: str) -> None:
    with Diary.open(url) as diary:
        diary.listening(EVENING, EVENING + 8 * HOUR)
        nights = diary.nights(NIGHT - timedelta(days=1), NIGHT + timedelta(days=1))
    assert [(night.date.day, night.listened / HOUR) for night in nights] == [(28, 0), (1, 8), (2, 0)]


def test_overlapping_spans_count_once(url: str) -> None:
    with Diary.open(url) as diary:
        diary.listening(EVENING, EVENING + 4 * HOUR)
        diary.listening(EVENING + HOUR, EVENING + 2 * HOUR)
        diary.listening(EVENING + 3 * HOUR, EVENING + 5 * HOUR)
        assert diary.night(NIGHT).spans == (Span(EVENING, EVENING + 5 * HOUR),)
    assert merged([]) == ()


@pytest.mark.parametrize(
    ("night", "wall_start", "wall_end", "hours"),
    [
        # Clocks go forward on 29 March 2026 and back on 25 October in Berlin.
        (date(2026, 3, 28), datetime(2026, 3, 28, 22), datetime(2026, 3, 29, 6), 7),
        (date(2026, 10, 24), datetime(2026, 10, 24, 22), datetime(2026, 10, 25, 6), 9),
    ],
)
def test_hours_are_elapsed_time_when_the_clocks_change(
    url: str, night: date, wall_start: datetime, wall_end: datetime, hours: int
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, end = wall_start.replace(tzinfo=berlin), wall_end.replace(tzinfo=berlin)
    with Diary.open(url) as diary:
        diary.append("listening_started", start, {})
        number = diary.append("episode_opened", start + HOUR, {})
        diary.append("episode_closed", end, {"outcome": "gone"})
        diary.heard_until(end)
        told = diary.night(night)
        episode = diary.episode(number)
    assert told.listened == hours * HOUR
    assert episode.duration == (hours - 1) * HOUR
    assert (episode.onset.hour, episode.ended and episode.ended.hour) == (23, 6)


def test_a_span_across_a_change_of_the_clocks_has_its_elapsed_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = Span(datetime(2026, 3, 28, 22, tzinfo=berlin), datetime(2026, 3, 29, 6, tzinfo=berlin))
    assert span.duration == 7 * HOUR


def test_an_episode_over_noon_stays_in_the_night_in_which_it_began(url: str) -> None:
    onset = datetime(2026, 3, 2, 11, 58, tzinfo=UTC)
    with Diary.open(url) as diary:
        diary.append("episode_opened", onset, {})
        assert diary.episodes(night=NIGHT + timedelta(days=1)) == []
        assert len(diary.episodes(night=NIGHT)) == len(diary.episodes(since=NIGHT)) == 1
        diary.append("flag", onset + timedelta(minutes=4), {"flag": "clot", "action": "urgent"})
        diary.append("episode_closed", onset + timedelta(minutes=5), {"outcome": "escalated"})
        night = diary.night(NIGHT)
    assert (len(night.episodes), len(night.flags)) == (1, 1)
