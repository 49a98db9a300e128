"""Listeners that fail and listeners that grow old."""

import subprocess
import sys
import threading
import time

import pytest

from nightvoice.audio.frames import FRAME_S, SILENCE, Frame
from nightvoice.listening import restarting
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult
from nightvoice.listening.restarting import RestartingListener


class NumberedListener:
    """Hears its own number in every frame, unless it is broken."""

    name = "numbered"
    input_lost = False
    made = 0

    def __init__(self) -> None:
        NumberedListener.made += 1
        self.number = NumberedListener.made
        self.idle = True
        self.broken = False

    def hear(self, frame: Frame, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
        if self.broken:
            raise RuntimeError("decoder lost")
        return RecognitionResult(Verdict.HEARD, str(self.number), 1.0, self.name)

    def on_own_voice(self) -> None:
        pass

    def on_playback_end(self) -> None:
        if self.broken:
            raise RuntimeError("decoder lost")


@pytest.fixture(autouse=True)
def _anew() -> None:
    NumberedListener.made = 0


def hear(listener: RestartingListener, state: str = "idle") -> str | None:
    result = listener.hear(SILENCE, state, None)
    return result.text if result else None


def wait_until_heard(listener: RestartingListener, state: str = "idle") -> str:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if (text := hear(listener, state)) is not None:
            return text
        time.sleep(0.001)
    raise AssertionError("it stays deaf")


def test_without_memory_for_another_thread_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    trouble: list[str] = []
    listener = RestartingListener(NumberedListener, trouble.append)
    start, full = threading.Thread.start, [True]

    def no_memory(thread: threading.Thread) -> None:
        if full[0]:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", no_memory)
    assert listener._current is not None
    listener._current.broken = True  # type: ignore[attr-defined]
    for _ in range(200):
        assert hear(listener) is None
    assert listener.input_lost
    assert "can't start new thread" in trouble[-1]
    full[0] = False
    assert wait_until_heard(listener) == "2"


def test_ears_that_fail_are_made_anew_also_in_an_episode() -> None:
    trouble: list[str] = []
    listener = RestartingListener(NumberedListener, trouble.append)
    assert hear(listener, "guiding") == "1"
    listener._current.broken = True  # type: ignore[union-attr]
    assert hear(listener, "guiding") is None
    assert listener.input_lost
    assert wait_until_heard(listener, "guiding") == "2"
    assert not listener.input_lost
    listener._current.broken = True  # type: ignore[union-attr]
    listener.on_playback_end()
    assert wait_until_heard(listener) == "3"
    assert len(trouble) == 2
    assert "decoder lost" in trouble[0]


def test_ears_that_cannot_be_made_are_tried_again() -> None:
    fails = 2

    def make() -> NumberedListener:
        nonlocal fails
        if NumberedListener.made and fails:
            fails -= 1
            raise MemoryError("no room for a model")
        return NumberedListener()

    trouble: list[str] = []
    listener = RestartingListener(make, trouble.append)
    listener._current.broken = True  # type: ignore[union-attr]
    hear(listener)
    assert wait_until_heard(listener) == "2"
    assert sum("cannot be started" in line for line in trouble) == 2


def test_old_ears_are_replaced_in_a_quiet_moment_and_never_in_an_episode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarting, "MAX_AGE_S", 100 * FRAME_S)
    listener = RestartingListener(NumberedListener, lambda line: None)
    assert {hear(listener, "guiding") for _ in range(300)} == {"1"}
    assert NumberedListener.made == 1, "nor is the processor taken from somebody with a cramp"
    listener._current.idle = False  # type: ignore[union-attr]
    for _ in range(50):
        assert hear(listener) == "1"
        time.sleep(0.002)
    listener._current.idle = True  # type: ignore[union-attr]
    end = time.monotonic() + 20
    while hear(listener) != "2" and time.monotonic() < end:
        time.sleep(0.001)
    assert hear(listener) == "2"


def test_old_ears_hear_on_when_there_is_no_room_for_new_ones_and_that_is_told_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(restarting, "MAX_AGE_S", 10 * FRAME_S)

    def make() -> NumberedListener:
        if NumberedListener.made:
            raise MemoryError("no room for a model")
        return NumberedListener()

    trouble: list[str] = []
    listener = RestartingListener(make, trouble.append)
    for _ in range(round(10 / FRAME_S)):
        assert hear(listener) == "1"
        if listener._builder is not None:
            listener._builder.join()
    assert 1 <= len(trouble) <= 3, "in ten seconds, with growing pauses"
    assert "no room for a model" in trouble[0]


def test_ears_that_have_grown_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 300.0
    monkeypatch.setattr(restarting, "resident_mb", lambda: size)
    listener = RestartingListener(NumberedListener, lambda line: None)
    for _ in range(round(130 / FRAME_S)):
        assert hear(listener) == "1"
    size += restarting.MAX_GROWTH_MB + 1
    for _ in range(round(130 / FRAME_S)):
        hear(listener)
    end = time.monotonic() + 20
    while hear(listener) != "2" and time.monotonic() < end:
        time.sleep(0.001)
    assert hear(listener) == "2"


def test_a_program_that_ends_while_ears_are_made_waits_for_them() -> None:
    script = """
from nightvoice.audio.frames import SILENCE
from nightvoice import assembly
from nightvoice.config.schema import Config
from nightvoice.listening.restarting import RestartingListener

def make():
    listener = assembly.build_pipeline(Config(), "moonshine")
    print("made", flush=True)
    return listener

listener = RestartingListener(make, print)
listener._current.hear = None
while listener._builder is None:
    listener.hear(SILENCE, "idle", None)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert ended.stdout.count("made\n") == 2
    assert (ended.returncode, ended.stderr) == (0, "")
