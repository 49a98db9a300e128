"""The log of what was nearly heard."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightvoice.listening.near_misses import MAX_PER_HOUR, RETENTION, NearMiss, NearMisses

AT = datetime(2026, 3, 2, 2, 13, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> NearMisses:
    return NearMisses(tmp_path / "state" / "near.jsonl")


def test_near_misses_of_a_night_are_noted_and_words_are_not(log: NearMisses, tmp_path: Path) -> None:
    sink = log.sink(AT)
    events = [
        {
            "t": 60.0,
            "event": "rejected",
            "score": 0.31,
            "verdict": "doubtful",
            "text": "i have a clamp",
            "intent": "cramp",
        },
        {"t": 90.0, "event": "rejected", "score": 0.01, "verdict": "rejected", "text": "the weather", "intent": ""},
        {"t": 95.0, "event": "heard", "score": 0.9, "text": "i have a cramp", "intent": "cramp"},
    ]
    for event in events:
        sink(event)
    assert log.read(AT) == [NearMiss(AT + timedelta(minutes=1), 0.31, "doubtful")]
    assert "clamp" not in (tmp_path / "state" / "near.jsonl").read_text()


def test_a_talking_television_does_not_fill_the_disk(log: NearMisses) -> None:
    for second in range(3 * 3600):
        log.add(NearMiss(AT + timedelta(seconds=second), 0.3, "rejected"))
    assert len(log.read(AT)) == 3 * MAX_PER_HOUR


def test_old_ones_are_forgotten_and_damaged_lines_passed_over(log: NearMisses, tmp_path: Path) -> None:
    log.add(NearMiss(AT, 0.3, "rejected"))
    log.add(NearMiss(AT + RETENTION, 0.4, "rejected"))
    file = tmp_path / "state" / "near.jsonl"
    file.write_text(file.read_text() + '{"at": 5}\nnot json\n[]\n')
    assert [miss.score for miss in log.read(AT)] == [0.3, 0.4]
    log.prune(AT + RETENTION + timedelta(minutes=1))
    assert [miss.score for miss in log.read(AT)] == [0.4]
    assert len(file.read_text().splitlines()) == 1


def test_a_place_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    log = NearMisses(tmp_path / "file" / "near.jsonl")
    log.add(NearMiss(AT, 0.3, "rejected"))
    log.prune(AT)
    assert log.read(AT) == []
