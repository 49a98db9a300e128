"""Numbers in words, as a recogniser's grammar has them: Whisper writes "911" for "nine one one"."""

from functools import cache
from typing import Final

from unicode_rbnf import RbnfEngine

_CARDINAL_BELOW: Final = 100
"""Numbers from here on are said digit by digit, like those of an ambulance, but for whole hundreds."""


def spoken_number(digits: str) -> str:
    """Return the English words for ``digits``, a string of 0 to 9 that is not empty."""
    number = int(digits)
    whole = number < _CARDINAL_BELOW or (number % 100 == 0 and len(digits) < 5)
    said = [number] if whole and not digits.startswith("0") else map(int, digits)
    return " ".join(_cardinal(each) for each in said)


@cache
def _cardinal(number: int) -> str:
    return _engine().format_number(number).text.replace("-", " ")


@cache
def _engine() -> RbnfEngine:
    return RbnfEngine.for_language("en")
