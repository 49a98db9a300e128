"""Finds the letters that the PDF shows as boxes, because the computer has no font with them."""

import subprocess
from typing import Final

LATIN: Final = 0x24F
"""Last letter of the Latin blocks, which the font of the report has."""


def letters_without_font(text: str) -> str:
    """Return the letters in ``text`` that no font has, each once; none if fontconfig's ``fc-list`` is not there."""
    letters = sorted({letter for letter in text if ord(letter) > LATIN and letter.isalpha()})
    return "".join(letter for letter in letters if not _has_font(letter))


def _has_font(letter: str) -> bool:
    command = ["fc-list", f":charset={ord(letter):x}", "family"]
    try:
        listed = subprocess.run(command, capture_output=True, timeout=10, check=True)  # noqa: S603 (one letter, as a number)
        return bool(listed.stdout.strip())
    except (OSError, subprocess.SubprocessError):
        return True  # unknown
