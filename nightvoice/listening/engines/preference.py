"""What may be asked for as recogniser; apart from the recognisers, so that naming one loads none."""

from typing import Literal

Preference = Literal["auto", "moonshine", "vosk", "pocketsphinx"]
