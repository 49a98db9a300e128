"""eSpeak NG: a plain voice that runs everywhere."""

import shutil

from nightvoice.speaking.command_voice import TIMEOUT_S, CommandVoice


class EspeakVoice(CommandVoice):
    """Speaks with the program espeak-ng at about ``rate_wpm`` words per minute."""

    def __init__(self, rate_wpm: int = 150, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__(
            f"espeak-en-us-{rate_wpm}",
            ["espeak-ng", "-v", "gmw/en-US", "-s", str(rate_wpm), "-b", "1", "--stdin", "-w"],
            "install the package espeak-ng",
            timeout_s,
        )


def has_espeak() -> bool:
    """Whether the program espeak-ng is installed."""
    return shutil.which("espeak-ng") is not None
