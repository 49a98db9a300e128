"""A loudspeaker is woken before the first sound, and kept awake."""

import json
import threading
from dataclasses import asdict
from typing import ClassVar

import numpy as np
import pytest

from nightvoice.audio.devices import speaker
from nightvoice.audio.devices.speaker import FAINT, PLAYING_RATE, WAKE_S, PlaybackStream
from nightvoice.audio.devices.spec import Device
from nightvoice.audio.devices.worker import MORE, OPENED
from nightvoice.audio.player import Block, PlaybackQueue
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.speaking import say
from nightvoice.speaking.voice import Speech

DEVICE = asdict(Device(0, "HDMI", 0, 1, PLAYING_RATE))
OPEN = OPENED + json.dumps({"device": DEVICE, "rate": PLAYING_RATE, "channels": 1, "latency": 0.01}).encode()


class FakeWorker:
    """A worker that requests ``blocks`` blocks and then waits or fails."""

    blocks: ClassVar[int]
    played: ClassVar[list[Block]]

    def __init__(self, *_: object) -> None:
        self._messages = iter([OPEN, *[MORE] * self.blocks])

    def receive(self, _timeout: float | None) -> bytes | None:
        message = next(self._messages, None)
        if message is None:
            raise NightvoiceError("the loudspeaker takes no more sound")
        return message

    def send(self, block: bytes) -> None:
        self.played.append(np.frombuffer(block, dtype=np.float32))

    def kill(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> type[FakeWorker]:
    FakeWorker.played, FakeWorker.blocks = [], 200
    monkeypatch.setattr(speaker, "WorkerClient", FakeWorker)
    return FakeWorker


def test_it_is_fed_faint_noise_which_is_no_echo(worker: type[FakeWorker]) -> None:
    far_end: list[Block] = []
    stream = PlaybackStream(PlaybackQueue(PLAYING_RATE), on_played=far_end.append)
    stream._thread.join()
    played = np.concatenate(worker.played)
    assert 0 < np.abs(played).max() <= FAINT
    assert np.abs(played[:480]).mean() > FAINT / 4
    assert not np.concatenate(far_end).any()


def test_wait_returns_only_when_it_is_awake(worker: type[FakeWorker]) -> None:
    stream = PlaybackStream(PlaybackQueue(PLAYING_RATE))
    assert stream._awake.wait(5)
    assert len(worker.played) >= WAKE_S * PLAYING_RATE / 480 - 1
    worker.blocks = 3
    with pytest.raises(NightvoiceError, match="takes no more sound"):
        PlaybackStream(PlaybackQueue(PLAYING_RATE)).wait()


class TirelessWorker(FakeWorker):
    """A worker that requests blocks until it is killed."""

    def __init__(self, *_: object) -> None:
        self._opened, self._killed = False, threading.Event()

    def receive(self, _timeout: float | None) -> bytes | None:
        if not self._opened:
            self._opened = True
            return OPEN
        return None if self._killed.wait(0.0005) else MORE

    def kill(self) -> None:
        self._killed.set()


class LoudVoice:
    def render(self, _text: str) -> Speech:
        return Speech(np.full(4800, 16_000, np.int16), PLAYING_RATE)


def test_a_summary_and_the_test_of_doctor_are_spoken_only_when_it_is_awake(
    worker: type[FakeWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker, "WorkerClient", TirelessWorker)
    monkeypatch.setattr(say, "choose_voice", lambda *_: LoudVoice())
    say.say_aloud("It took two minutes.", Config())
    played = np.concatenate(worker.played)
    assert np.argmax(np.abs(played) > 10 * FAINT) >= WAKE_S * PLAYING_RATE - 2 * 480
