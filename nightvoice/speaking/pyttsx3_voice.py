"""The platform's own voice through pyttsx3, where the program espeak-ng is missing: SAPI, NSSpeech, or libespeak-ng.

pyttsx3 hangs on later calls in one process and cannot be stopped twice, so each text gets a new process:
``python -m nightvoice.speaking.pyttsx3_voice WORDS_PER_MINUTE FILE``, with the text on stdin. With libespeak-ng the
samples are those of espeak-ng, in 20 times the time.
"""

import sys
from typing import Final

from nightvoice.speaking.command_voice import TIMEOUT_S, CommandVoice

TRIES: Final = 3
"""pyttsx3 sometimes exits normally without having written a whole file."""
_ESPEAK_VOICE: Final = "gmw/en-US"


class Pyttsx3Voice(CommandVoice):
    """Speaks with pyttsx3 at about ``rate_wpm`` words per minute."""

    def __init__(self, rate_wpm: int = 150, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__(
            f"pyttsx3-{sys.platform}-{rate_wpm}",
            [sys.executable, "-m", __name__, str(rate_wpm)],
            "install the package espeak-ng",
            timeout_s,
            TRIES,
        )


def _render_to_file(text: str, rate_wpm: int, path: str) -> None:
    import pyttsx3  # noqa: PLC0415 (in the child only)

    engine = pyttsx3.init()
    if sys.platform not in ("darwin", "win32"):
        engine.setProperty("voice", _ESPEAK_VOICE)
    engine.setProperty("rate", rate_wpm)
    engine.save_to_file(text, path)
    engine.runAndWait()


if __name__ == "__main__":
    _render_to_file(sys.stdin.buffer.read().decode(), int(sys.argv[1]), sys.argv[2])
