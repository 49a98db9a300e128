"""The everywhere voice: espeak-ng through pyttsx3.

pyttsx3 hangs on later calls and cannot be stopped twice, so each text is rendered to a file in a process of its own
(``python -m nightvoice.speaking.espeak_voice FILE WORDS_PER_MINUTE``, the text on stdin) that may be killed.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import soundfile

from nightvoice.speaking.loudness import normalise, trim
from nightvoice.speaking.voice import Speech, VoiceError

TIMEOUT_S: Final = 30.0
_VOICE: Final = "gmw/en-US"
TRIES: Final = 3
"""pyttsx3 now and then ends well and leaves no file, or half of one; the next try gives it."""


class EspeakVoice:
    """Renders at about ``rate_wpm`` words a minute; a rendering that takes longer than ``timeout_s`` is killed."""

    def __init__(self, rate_wpm: int = 150, timeout_s: float = TIMEOUT_S) -> None:
        self.rate_wpm = rate_wpm
        self.name = f"espeak-en-us-{rate_wpm}"
        self._timeout_s = timeout_s

    def render(self, text: str) -> Speech:
        with tempfile.TemporaryDirectory(prefix="nightvoice-") as folder:
            path = Path(folder) / "speech.wav"
            for _ in range(TRIES):
                reason = self._try(text, path)
                if reason is None:
                    break
            else:
                raise VoiceError(f"{self.name}: cannot speak ({reason}); install the package espeak-ng")
            sound, rate = soundfile.read(path, dtype="float32")
        spoken = trim(sound, rate)
        if not len(spoken):
            raise VoiceError(f"{self.name}: nothing to say in {text!r}")
        return Speech(normalise(spoken, rate), rate)

    def _try(self, text: str, path: Path) -> str | None:
        """Let a child render ``text`` to ``path``; return why it did not, or None."""
        try:
            child = subprocess.run(  # noqa: S603 (our own module)
                [sys.executable, "-m", __name__, str(path), str(self.rate_wpm)],
                input=text,
                capture_output=True,
                text=True,
                timeout=self._timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise VoiceError(f"{self.name}: took more than {self._timeout_s:.0f} s for {text!r}") from None
        if child.returncode == 0 and _is_whole(path):
            return None
        return (child.stderr.strip().splitlines() or ["no sound came"])[-1]


def _is_whole(path: Path) -> bool:
    try:
        return bool(soundfile.info(path).frames)
    except soundfile.SoundFileError:
        return False


def _render_to_file(text: str, path: str, rate_wpm: int) -> None:
    import pyttsx3  # noqa: PLC0415 (in the child only)

    engine = pyttsx3.init("espeak")
    engine.setProperty("voice", _VOICE)
    engine.setProperty("rate", rate_wpm)
    engine.save_to_file(text, path)
    engine.runAndWait()


if __name__ == "__main__":
    _render_to_file(sys.stdin.read(), sys.argv[1], int(sys.argv[2]))
