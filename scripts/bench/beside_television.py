"""An episode beside a television that goes on: what does the guide make of its talk, and does it hear the person?

    python -m scripts.bench.beside_television [--split validation|test] [--episodes 8] [--workers 2] [--wrong]

The television, 12 to 24 dB fainter than the person, has run for a minute when somebody calls out "I have a cramp", up
to four times. Then it goes on, and every 25 seconds the person answers or commands. What is not heard is not repeated.
Prints one JSON object last: episodes that began, times an hour that talk raises an alarm, makes the guide ask about a
danger, is taken for a request or command, or for an answer, and per cent of the person's words that are understood.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_pipeline, build_recognizer
from nightvoice.audio.frames import RATE
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult
from nightvoice.listening.pipeline import SpeechPipeline
from scripts.bench.bedroom_nights import Night
from scripts.bench.listeners import frames
from scripts.bench.other_talk import STATE, outcome, shares
from scripts.bench.voices import Sound, voices

CALL: Final = "I have a cramp"
TRIES: Final = 4
SAID: Final = ("next", "yes", "it's better", "wait", "continue", "no", "repeat", "worse", "I fell out of bed", "stop")
BEFORE_S, BETWEEN_S, ANSWER_S = 60.0, 21.0, 4.0
LONGEST_S: Final = BEFORE_S + (TRIES + len(SAID)) * (BETWEEN_S + 2 * ANSWER_S)
_stderr = Console(stderr=True)


@dataclass
class Outcomes:
    """What happened in one episode."""

    began: bool = False
    minutes: float = 0.0
    talk: list[str] = field(default_factory=list)
    """What the television's talk was taken for."""
    understood: list[bool] = field(default_factory=list)


class Scene:
    """One episode: ``number`` decides on room, talk and voice."""

    def __init__(self, split: str, number: int) -> None:
        every = [*voices(split).values()]
        self._say, self._night = every[number % len(every)], Night(split, number)
        self._television = self._night.television(LONGEST_S)
        self._ears: SpeechPipeline = build_pipeline(Config(), "auto")

    def television(self, seconds: float, state: str) -> list[RecognitionResult]:
        """Return what is heard while the television goes on."""
        return self._heard(self._next(seconds), state)

    def said(self, text: str, state: str) -> list[RecognitionResult]:
        """Return what is heard of ``text``, and of the television in the same seconds."""
        words = self._night.in_bed(self._say(text))
        sound = self._next(len(words) / RATE + ANSWER_S)
        sound[: len(words)] += words
        return self._heard(sound, state)

    def _next(self, seconds: float) -> Sound:
        """Return what the television plays next."""
        played, self._television = np.split(self._television, [round(seconds * RATE)])
        return played

    def _heard(self, sound: Sound, state: str) -> list[RecognitionResult]:
        found = list[RecognitionResult]()
        for frame in frames(self._night.recorded(sound)):
            result = self._ears.hear(frame, state, None)
            if result is not None and result.verdict is not Verdict.REJECTED:
                found.append(result)
                state = STATE if result.intent == "cramp" else state  # the guide begins at once
        return found


def outcomes(split: str, number: int, show: bool) -> Outcomes:
    scene, found, recognizer = Scene(split, number), Outcomes(), build_recognizer(Config())
    scene.television(BEFORE_S, "idle")
    found.began = any(each.intent == "cramp" for _ in range(TRIES) for each in scene.said(CALL, "idle"))
    for text in SAID if found.began else ():
        meant = recognizer.recognize(text.lower(), STATE)
        assert meant is not None, f'"{text}" is not understood while guiding'
        found.minutes += (BETWEEN_S + ANSWER_S) / 60
        taken, answer = scene.television(BETWEEN_S, STATE), scene.said(text, STATE)
        found.understood.append(any(each.intent == meant.intent for each in answer))
        wrong = taken + [each for each in answer if each.intent != meant.intent]
        found.talk += [outcome(each.intent) for each in wrong if each.verdict is Verdict.HEARD]
        if show:
            for each in wrong:
                _stderr.print(f"episode {number}: {each.verdict} {each.intent} ({each.text})")
            if not found.understood[-1]:
                _stderr.print(f"episode {number}: {text} was not understood")
    return found


def summary(episodes: list[Outcomes]) -> dict[str, object]:
    """Return the figures of all episodes."""
    hours = sum(each.minutes for each in episodes) / 60
    talk = [each for episode in episodes for each in episode.talk]
    understood = [each for episode in episodes for each in episode.understood]
    return {
        "episodes": len(episodes),
        "begun": sum(each.began for each in episodes),
        "hours": round(hours, 2),
        "an hour": shares(talk, hours),
        "answers and commands": len(understood),
        "understood (%)": round(100 * sum(understood) / max(1, len(understood)), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--episodes", type=int, default=8)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (one for each core)")
    parser.add_argument("--wrong", action="store_true", help="show what was taken wrongly, or not understood")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        jobs = [pool.submit(outcomes, options.split, number, options.wrong) for number in range(options.episodes)]
        found = [job.result() for job in track(jobs, "episodes", console=_stderr)]
    print(json.dumps({"benchmark": "beside a television", "split": options.split, **summary(found)}))


if __name__ == "__main__":
    main()
