"""The night cache always agrees with the diary."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightvoice.diary.night import Night
from nightvoice.diary.store import Diary
from nightvoice.web.night_cache import MAX_FIGURES, NightCache

FIRST = date(2026, 1, 1)
NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)


@pytest.fixture
def diary() -> Diary:
    return Diary.open()


def at(night: int) -> datetime:
    return datetime(2026, 1, 1, 23, tzinfo=UTC) + timedelta(days=night)


STEPS = st.one_of(
    st.tuples(st.just("cramp"), st.integers(0, 29)),
    st.tuples(st.just("tag"), st.integers(0, 29)),
    st.tuples(st.just("note"), st.integers(0, 29)),
    st.tuples(st.just("forget"), st.integers(0, 29)),
    st.tuples(st.just("rate"), st.integers(0, 5)),
    st.tuples(st.just("delete"), st.integers(0, 5)),
    st.tuples(st.just("look"), st.integers(0, 29)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=25))
def test_it_agrees_with_the_diary_whatever_happens(steps: list[tuple[str, int]]) -> None:
    with Diary.open() as diary:
        past = NightCache(diary, lambda: NOW)
        for what, number in steps:
            night = FIRST + timedelta(days=number)
            episodes = diary.episodes()
            match what:
                case "cramp":
                    diary.append("episode_opened", at(number), {"site": "calf"})
                    diary.append("episode_closed", at(number), {"outcome": "gone"})
                case "tag":
                    diary.tag(night, {"walk": True})
                case "note":
                    diary.note(night, "a note")
                case "forget":
                    diary.note(night, None)
                case "rate" if number < len(episodes):
                    diary.edit_episode(episodes[number].id, severity=number)
                case "delete" if number < len(episodes):
                    diary.delete_episode(episodes[number].id)
                case "look":
                    until = FIRST + timedelta(days=29)
                    assert past.nights(night, until) == diary.nights(night, until)
        until = FIRST + timedelta(days=29)
        assert past.nights(FIRST, until) == diary.nights(FIRST, until)


def test_the_last_night_grows_without_an_event(diary: Diary) -> None:
    past = NightCache(diary, lambda: NOW)
    night = FIRST + timedelta(days=29)
    diary.listening(at(29), at(29) + timedelta(hours=1))
    assert past.nights(FIRST, night)[-1].listened == timedelta(hours=1)
    diary.listening(at(29), at(29) + timedelta(hours=2))
    assert past.nights(FIRST, night)[-1].listened == timedelta(hours=2)


def test_another_program_writes_very_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightvoice.web.night_cache.MAX_EVENTS", 20)
    file = str(tmp_path / "diary.sqlite")
    with Diary.open(file) as diary, Diary.open(file) as other:
        past = NightCache(diary, lambda: NOW)
        assert past.nights(FIRST, FIRST)[0].tags == {}
        other.tag(FIRST, {"walk": True})
        for _ in range(20):
            other.append("heard", at(5), {"intent": "next"})
        assert past.nights(FIRST, FIRST)[0].tags == {"walk": True}


def test_figures_are_computed_again_only_when_a_night_has_changed() -> None:
    computed: list[int] = []

    def count(nights: Sequence[Night]) -> int:
        computed.append(len(nights))
        return sum(len(night.episodes) for night in nights)

    with Diary.open() as diary:
        past = NightCache(diary, lambda: NOW)

        def cramps() -> int:
            return past.figures("cramps", past.nights(FIRST, FIRST + timedelta(days=29)), count)

        assert [cramps(), cramps()] == [0, 0]
        assert len(computed) == 1
        diary.append("episode_opened", at(3), {"site": "calf"})
        assert [cramps(), cramps()] == [1, 1]
        assert len(computed) == 2


def test_only_the_latest_figures_are_kept() -> None:
    with Diary.open() as diary:
        past = NightCache(diary, lambda: NOW)
        for number in range(MAX_FIGURES + 3):
            assert past.figures(number, [], len) == 0
        assert len(past._figures) == MAX_FIGURES
