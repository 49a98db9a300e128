"""Checks of ``doctor`` without devices: last night, damaged diaries, processor and microphone level."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nightvoice.audio.frames import FRAME_S, SILENCE
from nightvoice.cli.doctor import hearing, sound, storage
from nightvoice.cli.doctor.check import CheckFailedError
from nightvoice.config.schema import Config
from nightvoice.diary.store import Diary
from nightvoice.system import paths
from nightvoice.system.clock import LOCAL


def evening() -> datetime:
    return datetime.combine(date.today() - timedelta(days=1), time(22, 0), LOCAL)


def listen(*spans: tuple[float, float]) -> None:
    """Record listening; spans are in hours after ten on the last evening."""
    with Diary.open(paths.diary_url()) as diary:
        for start, end in spans:
            diary.listening(evening() + timedelta(hours=start), evening() + timedelta(hours=end))


def test_no_night_is_no_failure() -> None:
    assert storage.last_night(Config()) == "it did not listen"


def test_a_whole_night_passes() -> None:
    listen((0, 8.5))
    assert storage.last_night(Config()) == "listened for 8 h 30 min, without a gap"


def test_gaps_of_the_last_night_are_reported() -> None:
    listen((0, 2), (2.25, 4), (5, 8))
    with pytest.raises(CheckFailedError) as error:
        storage.last_night(Config())
    assert str(error.value) == "listened for 6 h 45 min, deaf for 1 h 15 min in 2 gaps, the longest from 02:00 to 03:00"
    assert not error.value.vital, "the next night is not at risk"


def test_a_quarantined_diary_is_reported() -> None:
    file = paths.diary_file()
    file.parent.mkdir(parents=True)
    assert storage.damaged_diaries(Config()) == "none"
    aside = file.with_name(f"{file.name}.damaged-20260301-030000")
    aside.touch()
    with pytest.raises(CheckFailedError, match="nothing was deleted") as failed:
        storage.damaged_diaries(Config())
    assert str(aside) in str(failed.value)


def test_processor_load_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "MAX_LOAD", float("inf"))
    assert "% of the time while somebody speaks" in hearing.processor(Config())
    monkeypatch.setattr(hearing, "MAX_LOAD", 0.0)
    with pytest.raises(CheckFailedError, match="too slow"):
        hearing.processor(Config())


@pytest.mark.parametrize(
    ("amplitude", "said"), [(0, "muted or off"), (60_000, "clipped"), (6_000, "noisy"), (60, "nothing clipped")]
)
def test_microphone_level_is_judged(monkeypatch: pytest.MonkeyPatch, amplitude: int, said: str) -> None:
    from nightvoice.audio.levels import measure

    noise = np.clip(np.random.default_rng(1).normal(0, 1, 16_000) * amplitude, -32768, 32767).astype(np.int16)
    monkeypatch.setattr(sound, "_measure", lambda config: measure(noise))
    try:
        detail = sound.level(Config())
    except CheckFailedError as error:
        detail = str(error)
    assert said in detail


class FakeCapture:
    """A microphone that gives ``share`` of the sound of a second, ``burst`` frames at a time."""

    def __init__(self, share: float, burst: int, time: SimpleNamespace) -> None:
        self._every, self._burst, self._time, self._frames = burst * FRAME_S / share, burst, time, 0
        self._next = self._every

    def take(self, timeout: float) -> object:
        if not self._frames and self._next <= self._time.now + timeout:
            self._time.now = max(self._time.now, self._next)
            self._next += self._every
            self._frames = self._burst
        if not self._frames:
            self._time.now += timeout
            return None
        self._frames -= 1
        return SILENCE


@pytest.mark.parametrize(("share", "burst", "vital"), [(1, 1, None), (1, 12, None), (0.9, 1, False), (0.6, 4, True)])
def test_a_microphone_out_of_pace_is_reported(
    monkeypatch: pytest.MonkeyPatch, share: float, burst: int, vital: bool | None
) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    capture: Any = FakeCapture(share, burst, clock)
    monkeypatch.setattr(sound, "with_microphone", lambda _config, look: look(capture))
    if vital is None:
        assert sound.pace(Config()) == "sound comes in real time"
        return
    with pytest.raises(CheckFailedError, match=rf"0\.{10 * share:.0f}. s of sound come in a second") as error:
        sound.pace(Config())
    assert error.value.vital is vital
