"""When the pipeline decodes and when it answers: real speech through the gate, and an engine with given results."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, Samples
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.pipeline import FIRST_PARTIAL_FRAMES, SECOND_PARTIAL_FRAMES, SPECULATIVE_S, SpeechPipeline
from nightvoice.understanding.grammar import Grammar
from nightvoice.understanding.recognizer import IntentRecognizer

CLEAR = Hypothesis((Alternative("next", 0.95),), Alternative("next", 0.95), {"next": 0.97})
NOTHING = Hypothesis((), Alternative("the carpets", 0.6), {"next": 0.001})
UNCLEAR = Hypothesis((Alternative("next", 0.05),), Alternative("necks", 0.6), {"next": 0.3})


@dataclass
class Reader:
    """An engine that gives ``hypotheses`` in turn, and notes after how many seconds of sound it was asked."""

    hypotheses: Iterator[Hypothesis]
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
        return next(self.hypotheses)

    def final(self) -> Hypothesis:
        return self.partial()

    def forget(self) -> None:
        self.heard = 0


def answered(reader: Reader, recognizer: IntentRecognizer, sound: Samples) -> list[float]:
    """Seconds of an utterance after which something was believed."""
    pipeline = SpeechPipeline(reader, engine_spec(reader.name, EngineOptions()).thresholds, recognizer)
    found = []
    for at in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        result = pipeline.hear(sound[at : at + FRAME_SAMPLES], "guiding", None)
        if result is not None and result.verdict == "heard":
            assert result.intent == "next"
            found.append(reader.heard / RATE)
    return found


def test_what_is_clear_is_read_as_the_pause_begins_and_answered_in_it(
    speak: Callable[..., Samples], recognizer: IntentRecognizer
) -> None:
    reader = Reader(iter([CLEAR]))
    (at,) = answered(reader, recognizer, speak("next"))
    assert len(reader.asked) == 1
    assert at <= reader.asked[0] + 3 * FRAME_S


def test_what_is_its_own_voice_is_not_decided_and_the_words_after_it_are(
    speak: Callable[..., Samples], recognizer: IntentRecognizer
) -> None:
    pipeline = SpeechPipeline(Reader(repeat(CLEAR)), engine_spec("moonshine", EngineOptions()).thresholds, recognizer)
    echo = speak("say yes to go on")
    sound, found = np.concatenate([echo, speak("next")]), []
    for at in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        if at < len(echo):
            pipeline.on_own_voice()
        result = pipeline.hear(sound[at : at + FRAME_SAMPLES], "guiding", "Say yes to go on.")
        found += [at] if result is not None else []
    assert len(found) == 1
    assert found[0] > len(echo)


def test_what_lacked_its_last_sound_is_read_again_and_answered_before_the_pause_is_over(
    speak: Callable[..., Samples], recognizer: IntentRecognizer
) -> None:
    reader = Reader(iter([UNCLEAR, CLEAR]))
    (at,) = answered(reader, recognizer, speak("next"))
    first, second = reader.asked
    assert second == at
    assert round((second - first) / FRAME_S) == SECOND_PARTIAL_FRAMES - FIRST_PARTIAL_FRAMES


def test_what_stays_unclear_is_read_once_more_at_its_end(
    speak: Callable[..., Samples], recognizer: IntentRecognizer
) -> None:
    reader = Reader(iter([UNCLEAR] * 3))
    assert answered(reader, recognizer, speak("next")) == []
    assert len(reader.asked) == 3


def test_what_means_nothing_so_far_is_read_again_at_its_end_only(
    speak: Callable[..., Samples], recognizer: IntentRecognizer
) -> None:
    reader = Reader(iter([NOTHING, CLEAR]))
    assert len(answered(reader, recognizer, speak("next"))) == 1
    first, end = reader.asked
    assert round((end - first) / FRAME_S) > SECOND_PARTIAL_FRAMES - FIRST_PARTIAL_FRAMES


def test_of_long_talk_a_pause_is_read_once_and_its_end(
    speak: Callable[..., Samples], recognizer: IntentRecognizer
) -> None:
    sound = speak("I have been to the market in the morning and then I went to my sister in the garden")
    reader = Reader(iter([UNCLEAR] * 9))
    assert answered(reader, recognizer, sound) == []
    in_pause, at_end = reader.asked[-2:]
    assert in_pause > SPECULATIVE_S
    assert round((at_end - in_pause) / FRAME_S) > SECOND_PARTIAL_FRAMES - FIRST_PARTIAL_FRAMES
