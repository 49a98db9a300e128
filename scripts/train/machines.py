"""Parametric voices for the voice farm: RHVoice (LGPL 2.1) and SVOX Pico (Apache 2.0), at any pitch and pace.

Those of Festival, joined of recorded pieces, are for accents.py: there, pitch and throat are changed together.

The programs are in Debian's non-free component, which lacks what their voices were made from: `apt-get install
rhvoice rhvoice-english libttspico-utils`. RHVoice's other English voices are left out: ``slt`` is a speaker of the test
voices, those of evgeniy and lyubov may not be used commercially.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, Self
from xml.sax.saxutils import escape

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from scripts.train.accents import VOICES

RHVOICE: Final = ("alan", "bdl", "clb")
PICO: Final = ("en-US", "en-GB")
FESTIVAL: Final = {"czech": "iso-8859-2", "finnish": "iso-8859-1", "catalan": "iso-8859-1"}
"""Pico's languages, and the text encodings they expect."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A voice of one of the programs; ``pitch`` and ``pace`` are percentages of its default."""

    voice: str
    pitch: int
    pace: int

    @classmethod
    def drawn(cls, rng: np.random.Generator, voices: Sequence[str] = (*RHVOICE, *PICO)) -> Self:
        """Any of the voices, at a pitch of 60 to 150 % and a pace of 75 to 130 %."""
        return cls(str(rng.choice(voices)), int(rng.integers(60, 150)), int(rng.integers(75, 130)))

    def say(self, text: str, speed: float, rate: int) -> NDArray[np.float32]:
        """Speech at ``rate`` Hz, ``speed`` times as fast as usual. Raises CalledProcessError if the program fails."""
        pace, throat = round(self.pace * speed), 1.0
        encoding = FESTIVAL.get(VOICES.get(self.voice, ""))
        with NamedTemporaryFile(suffix=".wav") as file:
            if self.voice in PICO:
                marked = f"<pitch level='{self.pitch}'><speed level='{pace}'>{escape(text)}</speed></pitch>"
                command = ["pico2wave", "-l", self.voice, "-w", file.name, marked]
            elif encoding is not None:
                throat = (self.pitch / 100) ** 0.35
                tempo = f"(Parameter.set 'Duration_Stretch {throat * 100 / pace:.2f})"
                command = ["text2wave", "-eval", f"(voice_{self.voice})", "-eval", tempo, "-o", file.name]
            else:
                command = ["RHVoice-test", "-p", self.voice, "-t", str(self.pitch), "-r", str(pace), "-o", file.name]
            subprocess.run(command, input=text.encode(encoding or "utf-8"), capture_output=True, check=True)
            sound, own = soundfile.read(Path(file.name), dtype="float32")
        return np.asarray(soxr.resample(sound, own * throat, rate), dtype=np.float32)
