"""When the ears read what is said, and when they answer: real speech through the gate, readings that are given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, Samples
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.pipeline import FIRST_PARTIAL_FRAMES, SECOND_PARTIAL_FRAMES, SPECULATIVE_S, SpeechPipeline
from nightvoice.understanding.grammar import Grammar
from nightvoice.understanding.recognizer import IntentRecognizer

CLEAR = Hypothesis((Alternative("next", 0.95),), Alternative("next", 0.95), {"next": 0.97})
UNCLEAR = Hypothesis((Alternative("next", 0.05),), Alternative("necks", 0.6), {"next": 0.3})


@dataclass
class Reader:
    """An engine that reads what it is told, and notes after how much sound (seconds) it was asked."""

    readings: Iterator[Hypothesis]
    name: str = "moonshine"
    asked: list[float] = field(default_factory=list)
    heard: int = 0

    def start(self, grammar: Grammar) -> None:
        self.heard = 0

    def accept(self, samples: Samples) -> str:
        self.heard += len(samples)
        return ""

    def partial(self) -> Hypothesis:
        self.asked.append(self.heard / RATE)
        return next(self.readings)

    def final(self) -> Hypothesis:
        return self.partial()


def answered(reader: Reader, understanding: IntentRecognizer, sound: Samples) -> list[float]:
    """Seconds of an utterance after which something was believed."""
    ears = SpeechPipeline(reader, engine_spec(reader.name, EngineOptions()).thresholds, understanding)
    found = []
    for at in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        perception = ears.hear(sound[at : at + FRAME_SAMPLES], "guiding", None)
        if perception is not None and perception.verdict == "heard":
            assert perception.intent == "next"
            found.append(reader.heard / RATE)
    return found


def test_what_is_clear_is_read_as_the_pause_begins_and_answered_in_it(
    speak: Callable[..., Samples], understanding: IntentRecognizer
) -> None:
    reader = Reader(iter([CLEAR]))
    (at,) = answered(reader, understanding, speak("next"))
    assert len(reader.asked) == 1
    assert at <= reader.asked[0] + 3 * FRAME_S


def test_what_lacked_its_last_sound_is_read_again_and_answered_before_the_pause_is_over(
    speak: Callable[..., Samples], understanding: IntentRecognizer
) -> None:
    reader = Reader(iter([UNCLEAR, CLEAR]))
    (at,) = answered(reader, understanding, speak("next"))
    first, second = reader.asked
    assert second == at
    assert round((second - first) / FRAME_S) == SECOND_PARTIAL_FRAMES - FIRST_PARTIAL_FRAMES


def test_what_stays_unclear_is_read_once_more_at_its_end(
    speak: Callable[..., Samples], understanding: IntentRecognizer
) -> None:
    reader = Reader(iter([UNCLEAR] * 3))
    assert answered(reader, understanding, speak("next")) == []
    assert len(reader.asked) == 3


def test_of_long_talk_a_pause_is_read_once_and_its_end(
    speak: Callable[..., Samples], understanding: IntentRecognizer
) -> None:
    sound = speak("I have been to the market in the morning and then I went to my sister in the garden")
    reader = Reader(iter([UNCLEAR] * 9))
    assert answered(reader, understanding, sound) == []
    in_pause, at_end = reader.asked[-2:]
    assert in_pause > SPECULATIVE_S
    assert round((at_end - in_pause) / FRAME_S) > SECOND_PARTIAL_FRAMES - FIRST_PARTIAL_FRAMES
