"""A voice of your own, registered from outside: here one that beeps once per letter.

    python examples/own_voice.py prompt.wav

A package makes its voice known by an entry point instead: docs/adding-a-voice.md.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile

from nightvoice import Config, Speech, VoiceError, VoiceSpec, build_prompt_cache, normalise, register_voice

RATE = 16_000
BEEP_S = 0.06


class Beeps:
    """Implements ``Voice``: deterministic, so that prompts can be cached by the voice's name."""

    def __init__(self, rate_wpm: int) -> None:
        self.name = f"beeps-{rate_wpm}"

    def render(self, text: str) -> Speech:
        t = np.arange(round(BEEP_S * RATE)) / RATE
        envelope = np.hanning(len(t))
        beeps = [
            envelope * np.sin(2 * np.pi * (300 + 20 * (ord(letter) % 32)) * t) for letter in text if letter.isalpha()
        ]
        if not beeps:
            raise VoiceError(f"{self.name}: nothing to say in {text!r}")
        return Speech(normalise(np.concatenate(beeps).astype(np.float32), RATE), RATE)


def main() -> None:
    register_voice(VoiceSpec("beeps", Beeps))
    config = Config.model_validate({"voice": {"engine": "beeps"}})
    speech = build_prompt_cache(config).get("Toes up, toward your knee.", keep=False)
    file = Path(sys.argv[1])
    soundfile.write(file, speech.samples, speech.rate)
    print(f"{file}: {speech.seconds:.2f} s")


if __name__ == "__main__":
    main()
