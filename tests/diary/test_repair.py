"""``nightvoice repair``: diaries of a computer whose clock was wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nightvoice.cli import app
from nightvoice.diary.night import Span
from nightvoice.diary.repair import repair
from nightvoice.diary.spans import write_span
from nightvoice.diary.store import Diary

NOW = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
COLD, AHEAD = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC), datetime(2036, 2, 7, 6, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def old_night(diary: Diary, at: datetime) -> int:
    """A night of an earlier release: the clock is set from ``at`` to NOW in the middle of a cramp of two minutes."""
    diary.append("listening_started", at - 30 * SECOND)
    number = diary.append("episode_opened", at - 20 * SECOND)
    diary.append("flag", at - 10 * SECOND, {"flag": "chest", "action": "emergency"})
    diary.append("listening_stopped", at, {"reason": "clock"})
    diary.append("listening_started", NOW)
    diary.append("episode_closed", NOW + 100 * SECOND, {"outcome": "gone"})
    diary.heard_until(NOW + HOUR)
    with diary.database.writing() as sql:
        if at == COLD:  # earlier releases filed spans of 1970, too
            write_span(sql, Span(at - 30 * SECOND, at))
    return number


@pytest.mark.parametrize("at", [COLD, AHEAD])
def test_a_wrong_clock_that_was_set_is_corrected_once(url: str, at: datetime) -> None:
    with Diary.open(url) as diary:
        number = old_night(diary, at)
        assert repair(diary, NOW + HOUR).changes == 1
        episode, night = diary.episode(number), diary.night(NOW.date())
        assert (episode.onset, episode.duration) == (NOW - 20 * SECOND, 120 * SECOND)
        assert [flag.at for flag in night.flags] == [NOW - 10 * SECOND]
        assert night.listened == HOUR + 30 * SECOND
        assert diary.period() == (NOW.date(), NOW.date())
        diary.rebuild()
        assert diary.episode(number) == episode
        before = diary.events()
        again = repair(diary, NOW + HOUR)
        assert (again.changes, again.spans, again.cramps, diary.events()) == (0, 0, (), before)


def test_listening_that_nobody_can_date_is_removed_and_a_cramp_is_kept(tmp_path: Path) -> None:
    file = str(tmp_path / "diary.sqlite")
    with Diary.open(file) as diary:
        diary.listening(COLD, COLD + HOUR)
        diary.listening(AHEAD, AHEAD + HOUR)
        diary.listening(NOW, NOW + HOUR)
        number = diary.append("episode_opened", COLD)
        assert diary.period() == (NOW.date(), NOW.date())
    shown = CliRunner().invoke(app, ["repair", "--diary", file], catch_exceptions=False).stdout
    assert "2 periods" in shown
    assert f"Cramp {number} has" in shown
    with Diary.open(file) as diary:
        assert diary.episode(number).onset == COLD
        assert diary.night(NOW.date()).listened == HOUR
        assert not diary.night(AHEAD.date()).listened


def test_a_cramp_of_1970_is_exported_without_the_years_after_it(tmp_path: Path) -> None:
    pytest.importorskip("fhir.resources")
    file = str(tmp_path / "diary.sqlite")
    with Diary.open(file) as diary:
        diary.append("episode_opened", COLD)
        diary.listening(AHEAD, AHEAD + HOUR)
        diary.listening(NOW, NOW + HOUR)
    shown = CliRunner().invoke(app, ["episodes", "export", "--format", "fhir", "--diary", file], catch_exceptions=False)
    assert shown.stdout.count('"QuestionnaireResponse"') == 2
    assert shown.stdout.count('"Observation"') == 1


def test_a_diary_without_wrong_nights_stays_as_it_is(tmp_path: Path) -> None:
    file = str(tmp_path / "diary.sqlite")
    with Diary.open(file) as diary:
        diary.append("listening_started", NOW)
    assert "nothing to repair" in CliRunner().invoke(app, ["repair", "--diary", file], catch_exceptions=False).stdout


def test_nights_are_filed_again_after_their_end_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    afternoon = NOW.replace(hour=13, minute=30)
    file = str(tmp_path / "diary.sqlite")
    with Diary.open(file) as diary:
        number = diary.append("episode_opened", afternoon)
        diary.append("episode_closed", afternoon + 60 * SECOND, {"outcome": "gone"})
        assert diary.episode(number).night == NOW.date()
    monkeypatch.setenv("NIGHTVOICE_DIARY__URL", file)
    monkeypatch.setenv("NIGHTVOICE_DAILY__NIGHT_ENDS", "18:00")
    for told in ("end at 18:00", "nothing to repair"):
        assert told in CliRunner().invoke(app, ["repair"], catch_exceptions=False).stdout
        with Diary.open(file) as diary:
            assert diary.episode(number).night == (NOW - 24 * HOUR).date()


def test_what_stands_under_a_wrong_night_is_filed_again(url: str) -> None:
    with Diary.open(url) as diary:
        number = diary.append("episode_opened", NOW)
        with diary.database.writing() as sql:
            sql("UPDATE events SET night = '2020-01-01'")
            sql("UPDATE episodes SET night = '2020-01-01'")
        assert repair(diary, NOW).refiled == 1
        assert diary.episode(number).night == NOW.date()
        assert repair(diary, NOW).refiled == 0
