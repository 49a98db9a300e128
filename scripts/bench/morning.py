"""Every kind of morning summary, spoken by each voice and transcribed: share of words recognised.

The recogniser is Moonshine, reading freely. Prints one JSON object last.
"""

import json
import re
import sys
from collections import Counter

import numpy as np
import soxr

from nightvoice.audio.frames import RATE, Samples
from nightvoice.content.countries import HelpNumbers
from nightvoice.diary.store import Diary
from nightvoice.insight.narrative import tell
from nightvoice.insight.night import summarize
from nightvoice.listening.engines.moonshine.model import END, Moonshine
from nightvoice.speaking.registry import choose_voice
from tests.insight.mornings import MORNINGS, NIGHT

VOICES: tuple[str, ...] = ("hibari", "espeak")
ENOUGH = 0.8
"""Minimum share of words for a summary to count as understood."""
LONGEST_PIECES = 120
EMERGENCY = "112"
UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["oh", "ten", "twenty", "thirty", "forty", "fifty"]


def main() -> None:
    model = Moonshine.shipped()
    shares: dict[str, dict[str, float]] = {}
    for voice_name in VOICES:
        voice = choose_voice(voice_name)
        shares[voice_name] = {}
        for kind, morning in MORNINGS.items():
            with Diary.open() as diary:
                morning.write(diary)
                lines = tell(summarize(diary.night(NIGHT)), numbers=HelpNumbers(EMERGENCY).spoken())
            heard = []
            # Sentence by sentence: the recogniser takes some ten seconds at a time.
            for sentence in re.split(r"(?<=[.?!]) ", " ".join(line.text for line in lines)):
                speech = voice.render(sentence)
                sound = soxr.resample(speech.samples.astype(np.float32) / 32768, speech.rate, RATE)
                heard.append(_read(model, (sound * 32767).astype(np.int16)))
            share = recognised(" ".join(line.text for line in lines), " ".join(heard))
            shares[voice_name][kind] = round(share, 3)
            print(f"{voice_name:7s} {kind:15s} {share:5.0%}  {' '.join(heard)}", file=sys.stderr)
    worst = {voice: min(by_kind.values()) for voice, by_kind in shares.items()}
    understood = {voice: sum(share >= ENOUGH for share in by_kind.values()) for voice, by_kind in shares.items()}
    result = {"share_of_words": shares, "worst": worst, "understood": understood}
    print(json.dumps(result | {"mornings": len(MORNINGS)}))


def recognised(said: str, heard: str) -> float:
    """Share of the words of ``said`` that are in ``heard``, counting repeated words."""
    wanted, got = Counter(words(said)), Counter(words(heard))
    return sum((wanted & got).values()) / wanted.total()


def words(text: str) -> list[str]:
    """Plain words, with numbers as they are spoken: 2:13, 2.13 and 213 are a time of day."""
    text = re.sub(r"(\d{1,2})[:.](\d{2})", r"\1\2", text.lower().replace("’", "'"))
    found = re.findall(r"[a-z']+", re.sub(r"\d+", _spoken, text))
    return [word for part in found if (word := part.strip("'"))]


def _spoken(figure: re.Match[str]) -> str:
    digits = figure[0]
    if digits != EMERGENCY and len(digits) in (3, 4) and int(digits[-2:]) < 60:
        return (
            f" {_under_sixty(int(digits[:-2]))} {'oh ' if digits[-2] == '0' else ''}{_under_sixty(int(digits[-2:]))} "
        )
    if len(digits) > 2:
        return " ".join(UNITS[int(digit)] for digit in digits)
    return _under_sixty(int(digits)) if int(digits) < 60 else digits


def _under_sixty(number: int) -> str:
    if number < len(UNITS):
        return UNITS[number]
    return TENS[number // 10] + (f" {UNITS[number % 10]}" if number % 10 else "")


def _read(model: Moonshine, sound: Samples) -> str:
    """Greedy decoding."""
    states = model.encode_words(model.encode(sound))
    probabilities, memory = model.begin(states)
    pieces: list[int] = []
    while len(pieces) < LONGEST_PIECES and (best := int(probabilities.argmax())) != END:
        pieces.append(best)
        following, memory = model.decode([best], memory)
        probabilities = following[0]
    return model.text(pieces)


if __name__ == "__main__":
    main()
