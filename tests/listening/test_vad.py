"""The speech gate on real speech."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.listening.vad import GateOutput, SpeechGate


def run(gate: SpeechGate, sound: Samples) -> list[GateOutput]:
    return [gate.push(sound[i : i + FRAME_SAMPLES]) for i in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES)]


def noise(seconds: float, level: float) -> Samples:
    return np.random.default_rng(3).normal(0, level, int(seconds * RATE)).astype(np.int16)


def test_opens_once_and_hands_over_what_came_just_before(speak: Callable[..., Samples]) -> None:
    sound = speak("I have a cramp")
    outputs = run(SpeechGate(), sound)
    (opened,) = [i for i, o in enumerate(outputs) if o.opened]
    (closed,) = [i for i, o in enumerate(outputs) if o.closed]
    assert len(outputs[opened].samples) >= 0.4 * RATE
    handed = np.concatenate([o.samples for o in outputs])
    end = (closed + 1) * FRAME_SAMPLES
    assert np.array_equal(handed, sound[end - len(handed) : end])


def test_closes_within_half_a_second_of_the_last_word(speak: Callable[..., Samples]) -> None:
    sound = speak("I have a cramp")
    loud = np.flatnonzero(np.abs(sound.astype(int)) > 400)[-1]
    (closed,) = [i for i, o in enumerate(run(SpeechGate(), sound)) if o.closed]
    assert 0.2 < (closed + 1) * FRAME_SAMPLES / RATE - loud / RATE < 0.5


def test_hears_a_very_quiet_voice(speak: Callable[..., Samples]) -> None:
    assert any(o.opened for o in run(SpeechGate(), speak("I have a cramp", 60.0)))


def test_silence_and_steady_noise_stay_shut() -> None:
    for sound in (np.zeros(10 * RATE, dtype=np.int16), noise(10, 5), noise(10, 800)):
        assert not any(o.opened for o in run(SpeechGate(), sound))


def test_no_sample_is_handed_over_twice(speak: Callable[..., Samples]) -> None:
    sound = np.concatenate([speak("I have a cramp")[:-8192], speak("next")[8192:]])
    outputs = run(SpeechGate(), sound)
    assert sum(o.opened for o in outputs) == 2
    assert sum(len(o.samples) for o in outputs) <= len(sound)


def test_reset_shuts_the_gate(speak: Callable[..., Samples]) -> None:
    gate = SpeechGate()
    run(gate, speak("I have a cramp")[: int(1.6 * RATE)])
    assert gate.open
    gate.reset()
    assert not gate.open


def test_it_starts_no_threads() -> None:
    """A network this small, spread over threads, takes twenty times the work."""
    gate = SpeechGate()
    assert os.environ["OMP_THREAD_LIMIT"] == "1"
    threads = len(list(Path("/proc/self/task").iterdir()))
    run(gate, noise(2, 800))
    assert len(list(Path("/proc/self/task").iterdir())) == threads


def test_after_minutes_of_noise_that_swells_it_hears_single_words(speak: Callable[..., Samples]) -> None:
    swelling = 1 + np.sin(2 * np.pi * 0.7 * np.arange(120 * RATE) / RATE)
    gate = SpeechGate()
    run(gate, (noise(120, 300) * swelling).astype(np.int16))
    unheard = [
        word for word in ("yes", "no", "stop", "next", "back") if not any(o.opened for o in run(gate, speak(word)))
    ]
    assert not unheard
