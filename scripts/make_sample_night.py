#!/usr/bin/env python3
"""Generate the bundled sample night: a sleeper (a flite voice) with a cramp, in a room with a fan and a television.

The sleeper answers what the guide asks, so the script plays a rehearsal against the guide and notes when each answer
falls; the sound is made of these, mixed with noise. Everything in it is synthesised here. Needs flite (Debian).
"""

import subprocess
import tempfile
from collections.abc import Mapping
from datetime import datetime
from itertools import repeat
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from nightvoice import assembly
from nightvoice.audio.file import OfflineAudio
from nightvoice.audio.frames import FRAME_S, RATE, SILENCE, Frame
from nightvoice.audio.ports import AudioPorts
from nightvoice.config.schema import Config
from nightvoice.content.loader import load_pack
from nightvoice.diary.store import Diary
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult

CRAMP = (14.0, "I have a cramp in my left calf")
ANSWERS: Mapping[str, str] = {"usual": "Yes, the usual", "easing": "It's easing", "gone": "It's gone"}
"""The sleeper's answer to each question, spoken shortly after it ends: the first one during the count of the hold."""
TELEVISION = ((4.0, "The weather will be nice tomorrow afternoon, with a little rain in the north."),)
REACTION_S = 1.2
UNTIL_S = 150.0
Sound = NDArray[np.float32]


def flite(text: str, voice: str) -> Sound:
    """``text`` spoken, mono at RATE, peak 1."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "voice.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(file)], check=True)
        sound, rate = soundfile.read(file, dtype="float32")
    sound = soxr.resample(sound, rate, RATE)
    return sound / np.abs(sound).max()


class Sleeper:
    """A listener that hears each of the sleeper's phrases on time, and records it."""

    name = "sleeper"
    input_lost = False
    idle = True

    def __init__(self) -> None:
        self._understanding = assembly.build_recognizer(Config())
        questions = load_pack().phrases.questions
        self._answers = {text: answer for key, answer in ANSWERS.items() for text in questions[key].ask}
        self._t = 0.0
        self._speaking: str | None = None
        self._next: tuple[float, str] | None = CRAMP
        self.said: list[tuple[float, str, Sound]] = []

    def hear(self, frame: Frame, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
        self._t += FRAME_S
        if self._speaking in self._answers and speaking != self._speaking:
            self._next = (self._t + REACTION_S, self._answers[self._speaking])
        self._speaking = speaking
        if self._next is None:
            return None
        at, text = self._next
        if not self.said or self.said[-1][0] != at:
            self.said.append((at, text, flite(text, "slt")))
        if self._t < at + len(self.said[-1][2]) / RATE + 0.4:
            return None
        self._next = None
        meaning = self._understanding.recognize(text.lower(), state)
        assert meaning is not None, f"{text} means nothing in {state}"
        return RecognitionResult(Verdict.HEARD, text, 1.0, self.name, meaning.intent, meaning.slots)

    def on_own_voice(self) -> None:
        """The sleeper hears no echo."""

    def on_playback_end(self) -> None:
        """Nothing to do either."""


def fan(seconds: float, rng: np.random.Generator) -> Sound:
    """Pink noise, as of a fan: power falls with frequency."""
    spectrum = np.fft.rfft(rng.standard_normal(round(seconds * RATE)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 50))
    noise = np.fft.irfft(spectrum)
    return (noise / np.sqrt(np.mean(noise**2))).astype(np.float32)


def main() -> None:
    config, sleeper = Config(), Sleeper()
    offline = OfflineAudio(repeat(SILENCE, round(UNTIL_S / FRAME_S)))
    audio = AudioPorts(offline, assembly.build_speaker(config, offline.queue))
    began = datetime.fromisoformat("2026-03-02T02:13").astimezone()
    settings = assembly.night_settings(config, began)
    assembly.build_assistant(config, audio, sleeper, Diary.open(), settings).run()
    night = 0.004 * fan(UNTIL_S, np.random.default_rng(1))
    television = [(at, 0.06 * flite(text, "awb")) for at, text in TELEVISION]
    for at, sound in [(at, 0.3 * sound) for at, _, sound in sleeper.said] + television:
        start = round(at * RATE)
        night[start : start + len(sound)] += sound[: len(night) - start]
    file = assembly.sample_night()
    file.parent.mkdir(exist_ok=True)
    soundfile.write(file, night, RATE, format="OGG", subtype="OPUS")
    for at, text, _ in sleeper.said:
        print(f"{at:6.1f}  {text}")
    print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB, {UNTIL_S:.0f} s")


if __name__ == "__main__":
    main()
