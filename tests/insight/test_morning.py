"""Whole mornings and evenings: typed words to the real assistant and a real diary."""

import json
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from nightvoice.cli import app
from nightvoice.diary.store import Diary

NIGHT = date(2026, 3, 1)
CRAMP = {5: "i have a cramp in my left calf", 18: "yes", 60: "it's gone"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Isolate the test from the user's configuration."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set a zone whose clocks go forward on 29 March 2026 and back on 25 October."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def rehearse(folder: Path, words: dict[int, str], begin: str = "2026-03-02T07:00", until: int = 200) -> list[str]:
    """Return the spoken texts; the diary is ``diary.sqlite`` in ``folder``."""
    night = [{"at": at, "say": say} for at, say in words.items()]
    script = folder / "night.yaml"
    script.write_text(yaml.safe_dump({"from": begin, "until": until, "night": night}), encoding="utf-8")
    arguments = ["rehearse", "--script", str(script), "--json", "--diary", str(folder / "diary.sqlite")]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    events: list[dict[str, Any]] = [json.loads(line) for line in result.output.splitlines()]
    return [event["text"] for event in events if event["event"] == "said"]


def opened(folder: Path) -> Diary:
    return Diary.open(str(folder / "diary.sqlite"), create=False)


def test_morning_answers_are_stored_in_the_diary(home: Path) -> None:
    answers = {105: "good morning", 130: "yes", 138: "it was six", 146: "two out of ten", 156: "about half an hour"}
    rehearse(home, CRAMP | answers)
    with opened(home) as diary:
        (episode,) = diary.episodes()
        assert (episode.severity, episode.soreness, episode.sleep_lost_minutes) == (6, 2, 30)


def test_deleting_an_episode_removes_the_morning_answers_about_it(home: Path) -> None:
    rehearse(home, CRAMP | {105: "good morning", 130: "yes", 138: "it was six"})
    with opened(home) as diary:
        diary.delete_episode(diary.episodes()[0].id)
        kept = json.dumps([event.data for event in diary.events()])
    assert "number" not in kept
    assert "calf" not in kept


def test_an_unanswered_morning_stores_nothing(home: Path) -> None:
    said = rehearse(home, CRAMP | {105: "good morning"})
    assert said[-1] in ("That can wait. I'll be quiet now.", "Another time, then. I'll be quiet now.")
    with opened(home) as diary:
        assert not [event for event in diary.events() if event.kind == "episode_edited"]


def test_a_danger_sign_is_reported_first_and_once(home: Path) -> None:
    said = rehearse(home, {5: "my leg is swollen", 110: "stop", 120: "good morning"})
    told = said[said.index("Good morning.") :]
    assert told[1].startswith("In the night you told me that a leg was swollen, hot, red, or dark.")
    assert sum("swollen" in text for text in told) == 1


def test_the_evening_check_in_tags_the_day(home: Path) -> None:
    answers = {5: "good evening", 8: "yes", 12: "no", 16: "no", 20: "yes"}
    said = rehearse(home, answers, "2026-03-01T21:30", 60)
    assert said[-1] in ("Thank you. Sleep well.", "Thanks. Have a good night.")
    with opened(home) as diary:
        assert diary.night(NIGHT).tags == {"walk": True, "standing": False, "alcohol": False, "stretches": True}
    # The second time there are no questions left.
    assert len(rehearse(home, {5: "good evening"}, "2026-03-01T22:30", 30)) == 1


def test_dialogues_start_at_the_configured_times(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTVOICE_DAILY__MORNING", "08:00")
    assert rehearse(home, {}, "2026-03-02T07:59:30", 40)[0] == "Good morning."
    assert rehearse(home, {}, "2026-03-02T07:59:30", 29) == []


@pytest.mark.parametrize(
    ("begin", "onset", "offsets"),
    [
        # From summer time to winter time half past two comes twice; the second time is an hour later.
        ("2026-10-25T02:59:50+02:00", "2026-10-25T02:00:05+01:00", (2, 1)),
        ("2026-03-29T01:59:50+01:00", "2026-03-29T03:00:05+02:00", (1, 2)),
    ],
)
def test_the_clocks_can_change_while_listening(
    home: Path, berlin: None, begin: str, onset: str, offsets: tuple[int, int]
) -> None:
    rehearse(home, {15: "i have a cramp in my left calf", 28: "yes", 60: "it's gone"}, begin, 100)
    night = datetime.fromisoformat(begin).date() - timedelta(days=1)
    with opened(home) as diary:
        told = diary.night(night)
        (episode,) = told.episodes
        events = diary.events()
    first, last = events[0].at.utcoffset(), events[-1].at.utcoffset()
    assert (first, last) == tuple(timedelta(hours=hours) for hours in offsets)
    assert abs(episode.onset - datetime.fromisoformat(onset)) < timedelta(seconds=1)
    assert episode.onset.isoformat()[:16] == onset[:16]
    assert episode.duration is not None
    assert timedelta(seconds=40) < episode.duration < timedelta(seconds=50)
    assert abs(told.listened - timedelta(seconds=100)) < timedelta(seconds=1)
