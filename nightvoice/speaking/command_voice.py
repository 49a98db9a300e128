"""A voice that runs a program: each text is rendered by a separate process, which can be killed."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import soundfile

from nightvoice.errors import reason
from nightvoice.speaking.loudness import normalise, trim
from nightvoice.speaking.voice import Speech, VoiceError

TIMEOUT_S: Final = 30.0


class CommandVoice:
    """Renders with ``command``, which reads the text on stdin and writes a WAV file to the path given last.

    ``remedy`` completes the error message: what to do when the command fails. The command is tried ``tries`` times, and
    killed after ``timeout_s``.
    """

    def __init__(
        self, name: str, command: Sequence[str], remedy: str, timeout_s: float = TIMEOUT_S, tries: int = 1
    ) -> None:
        self.name = name
        self._command, self._remedy = command, remedy
        self._timeout_s, self._tries = timeout_s, tries

    def render(self, text: str) -> Speech:
        with tempfile.TemporaryDirectory(prefix="nightvoice-") as folder:
            path = Path(folder) / "speech.wav"
            for _ in range(self._tries):
                failure = self._try(text, path)
                if failure is None:
                    break
            else:
                raise VoiceError(f"{self.name}: cannot speak ({failure}); {self._remedy}")
            sound, rate = soundfile.read(path, dtype="float32")
        spoken = trim(sound, rate)
        if not len(spoken):
            raise VoiceError(f"{self.name}: nothing to say in {text!r}")
        return Speech(normalise(spoken, rate), rate)

    def _try(self, text: str, path: Path) -> str | None:
        """Render ``text`` to ``path``; return why that failed, or None."""
        try:
            child = subprocess.run(  # noqa: S603 (a command from this package)
                [*self._command, str(path)],
                input=text,
                capture_output=True,
                encoding="utf-8",
                timeout=self._timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise VoiceError(f"{self.name}: took more than {self._timeout_s:.0f} s for {text!r}") from None
        except OSError as error:
            return reason(error)
        if child.returncode == 0 and _has_samples(path):
            return None
        return (child.stderr.strip().splitlines() or ["no sound came"])[-1]


def _has_samples(path: Path) -> bool:
    try:
        return bool(soundfile.info(path).frames)
    except soundfile.SoundFileError:
        return False
