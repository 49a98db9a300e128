"""When the second ear is asked, and what its readings change: real speech, and engines with given results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.listener import RecognitionResult
from nightvoice.listening.misread_calls import likeliest_call
from nightvoice.listening.pipeline import SpeechPipeline
from nightvoice.listening.transcribers import whisper_base
from nightvoice.listening.transcribers.base import Reading
from nightvoice.listening.transcribers.byte_pairs import sentence_tokens, words_of
from nightvoice.listening.transcribers.mel import log_mel
from nightvoice.listening.transcribers.whisper_base import BEGIN, WhisperBase, WhisperOnDemand, weights
from nightvoice.understanding.recognizer import IntentRecognizer
from tests.listening.test_pipeline import Reader

NOTHING = Hypothesis((Alternative("next", 0.02),), Alternative("may chess hearts", 0.2), {"other": 0.9}, 0.4)
CHEST = Hypothesis((), Alternative("an elephant is sitting on my chest", 0.75), {"other": 0.9}, 0.6)


@dataclass
class Scribe:
    """A second ear that always reads the same."""

    readings: list[Reading]
    name: str = "scribe"
    asked: int = 0
    prepared: bool = False
    sounds: list[int] = field(default_factory=list)
    likely: dict[str, float] = field(default_factory=dict)
    """Log probabilities of words; by default, -4 for its readings and -60 for any others."""

    def prepare(self) -> None:
        self.prepared = True

    def read(self, sound: Samples) -> list[Reading]:
        self.asked += 1
        return self.readings

    def log_probabilities(self, sound: Samples, texts: Sequence[str]) -> list[float]:
        read = {reading.text: -4.0 for reading in self.readings}
        return [(read | self.likely).get(text, -60.0) for text in texts]


class Model:
    """In the place of CTranslate2's: it always reads the same, and counts what it encodes."""

    encoded = 0

    def encode(self, spectrogram: NDArray[np.float32]) -> NDArray[np.float32]:
        self.encoded += 1
        return np.zeros((1, spectrogram.shape[2] // 2, 512), np.float32)

    def generate(self, *_: object, **__: object) -> list[SimpleNamespace]:
        sequences = [["ĠNo", "."], ["ĠNope"], ["Ġno"]]
        return [SimpleNamespace(sequences=sequences, scores=[-0.4, -1.2, -2.0], no_speech_prob=0.1)]

    def align(self, _: object, __: object, sentences: Sequence[Sequence[int]], *___: object) -> list[SimpleNamespace]:
        return [SimpleNamespace(text_token_probs=[0.5 for _ in sentence]) for sentence in sentences]


@pytest.fixture(scope="module")
def understanding() -> IntentRecognizer:
    return build_recognizer(Config())


def hear(
    first: Hypothesis, second: Scribe, understanding: IntentRecognizer, sound: Samples,
    state: str = "guiding", speaking: str | None = None, question: str = "",
) -> list[RecognitionResult]:  # fmt: skip
    thresholds = engine_spec("moonshine", EngineOptions()).thresholds
    pipeline = SpeechPipeline(Reader(repeat(first)), thresholds, understanding, transcriber=second)
    frames = range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    results = (pipeline.hear(sound[at : at + FRAME_SAMPLES], state, speaking, question) for at in frames)
    return [result for result in results if result is not None and result.verdict is Verdict.HEARD]


@pytest.fixture
def words(speak: Callable[..., Samples]) -> Samples:
    return speak("my chest hurts")


def test_a_danger_in_own_words_that_the_first_ear_misread_is_heard(
    words: Samples, understanding: IntentRecognizer
) -> None:
    (heard,) = hear(NOTHING, Scribe([Reading("my chest hurts", -0.2)]), understanding, words)
    assert (heard.intent, heard.slots) == ("flag", {"flag": "chest"})
    assert not hear(NOTHING, Scribe([]), understanding, words)


def test_an_answer_in_own_words_is_heard(words: Samples, understanding: IntentRecognizer) -> None:
    question = "Do you have chest pain, or trouble breathing?"
    second = Scribe([Reading("no i can breathe fine", -0.3)])
    (heard,) = hear(NOTHING, second, understanding, words, state="triage", question=question)
    assert heard.intent == "no"


def test_a_doubtful_danger_is_dropped_where_the_second_ear_reads_something_else(
    words: Samples, understanding: IntentRecognizer
) -> None:
    assert hear(CHEST, Scribe([]), understanding, words)[0].intent == "suspicion"
    assert not hear(CHEST, Scribe([Reading("my best shirt", -0.3)]), understanding, words)


def test_it_is_not_asked_in_the_morning_nor_about_its_own_voice(
    words: Samples, understanding: IntentRecognizer
) -> None:
    second = Scribe([Reading("my chest hurts", -0.2)])
    assert not hear(NOTHING, second, understanding, words, state="morning")
    assert (second.asked, second.prepared) == (0, False)
    assert not hear(NOTHING, second, understanding, words, speaking="Is your chest all right?")
    assert (second.asked, second.prepared) == (0, True)


@pytest.mark.skipif(weights() is None, reason="the second ear is not installed")
def test_whisper_reads_words_and_no_noise(words: Samples) -> None:
    second = WhisperOnDemand()
    assert "chest" in second.read(words)[0].text.split()
    noise = np.random.default_rng(1).normal(size=2 * RATE) * 300
    assert not second.read(noise.astype(np.int16))


@pytest.mark.skipif(weights() is None, reason="the second ear is not installed")
def test_whisper_finds_what_was_said_likelier_than_its_beginning_or_other_words(words: Samples) -> None:
    second = WhisperOnDemand()
    second.read(words)
    said, begun, other = second.log_probabilities(words, ["my chest hurts", "my chest", "call an ambulance"])
    assert said > max(begun, other) + 3


def test_sentences_become_tokens_and_words_again() -> None:
    vocabulary = {"Ġ": 0, "ĠI": 1, "'ve": 2, "Ġfallen": 3, "ĠMy": 4, "Ġleg": 5, ".": 6, "'": 7, "v": 8, "e": 9}
    tokens = {number: token for token, number in vocabulary.items()}
    assert sentence_tokens("i've fallen", vocabulary) == [1, 2, 3, 6]
    assert words_of([tokens[each] for each in sentence_tokens("my leg", vocabulary)]) == "my leg"
    assert words_of(["Ġcall", "Ġ", "911", "<|endoftext|>"]) == "call nine one one"


def test_of_two_readings_in_the_same_words_the_likelier_keeps_its_place() -> None:
    second = WhisperBase.__new__(WhisperBase)
    second._model, second._array, second._latest = Model(), lambda sound: sound, None
    assert second.read(np.zeros(RATE, np.int16)) == [Reading("no", -0.4), Reading("nope", -1.2)]


def test_what_is_read_and_then_weighed_is_encoded_once() -> None:
    model = Model()
    second = WhisperBase.__new__(WhisperBase)
    second._model, second._array, second._latest = model, lambda sound: sound, None
    second._vocabulary = {"ĠNo": 1, ".": 2} | dict.fromkeys(BEGIN, 0)
    one, other = np.zeros(RATE, np.int16), np.zeros(RATE, np.int16)
    second.read(one)
    assert second.log_probabilities(one, ["no"]) == [pytest.approx(2 * np.log(0.5))]
    assert model.encoded == 1
    second.read(other)
    assert model.encoded == 2


def test_what_was_not_released_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightvoice.listening.transcribers.whisper_base.weights", lambda: None)
    with pytest.raises(Exception, match="not installed"):
        WhisperBase()
    second, silence = WhisperOnDemand(), np.zeros(RATE, np.int16)
    assert second.read(silence) == []
    assert likeliest_call(silence, ["call an ambulance"], ["call an ambulance"], second) is None


def test_without_memory_for_it_the_night_goes_on_and_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel kills who takes too much: nothing may be loaded that has no room."""
    free, loaded, lines = 100.0, [], []
    monkeypatch.setattr("nightvoice.system.free_memory.free_memory_mb", lambda: free)
    monkeypatch.setattr(whisper_base, "prepared", lambda: loaded.append(free) or (_ for _ in ()).throw(OSError("no")))
    second = WhisperOnDemand()
    second.report = lines.append
    for _ in range(3):
        assert second.read(np.zeros(RATE, np.int16)) == []
    assert not loaded
    (line,) = lines
    assert "the second ear needs 200 MB of memory, and 100 MB are free" in line
    assert "the night goes on without it" in line
    free = 500.0
    second.read(np.zeros(RATE, np.int16))
    assert loaded == [500.0]


def test_the_spectrogram_shows_a_tone_where_it_is() -> None:
    tone = (8000 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)).astype(np.int16)
    spectrum = log_mel(tone, 2)
    assert spectrum.shape == (80, 200)
    assert spectrum[:, 50].argmax() in (24, 25, 26)
    assert spectrum[:, 150].max() < spectrum[:, 50].max() - 1
