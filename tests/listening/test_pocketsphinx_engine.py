"""PocketSphinx on phrases spoken by a real synthetic voice, behind the real gate."""

from collections.abc import Callable

import numpy as np
import pytest

from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.listening.engines.base import Hypothesis
from nightvoice.listening.engines.pocketsphinx import LONGEST_S, PocketSphinxEngine
from nightvoice.listening.vad import SpeechGate
from nightvoice.understanding.recognizer import IntentRecognizer, RecognizeResult

Speak = Callable[..., Samples]


@pytest.fixture(scope="module")
def engine() -> PocketSphinxEngine:
    return PocketSphinxEngine()


def listen(
    engine: PocketSphinxEngine, recognizer: IntentRecognizer, sound: Samples, state: str
) -> list[tuple[Hypothesis, RecognizeResult | None]]:
    gate = SpeechGate()
    heard = []
    for i in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        out = gate.push(sound[i : i + FRAME_SAMPLES])
        if out.opened:
            engine.start(recognizer.grammar(state))
        if len(out.samples):
            engine.accept(out.samples)
        if out.closed:
            hypothesis = engine.final()
            heard.append((hypothesis, recognizer.recognize(hypothesis.best.text, state)))
    return heard


@pytest.mark.parametrize(
    ("text", "state", "intent", "slots"),
    [
        ("I have a cramp", "idle", "cramp", {}),
        ("I have a bad cramp in my left calf", "idle", "cramp", {"side": "left", "site": "calf"}),
        ("My calf is cramping", "idle", "cramp", {"site": "calf"}),
        ("help", "guiding", "help", {}),
        ("next", "guiding", "next", {}),
        ("it's gone", "guiding", "gone", {}),
        ("yes", "usual", "yes", {}),
        ("the calf", "site", "site", {"site": "calf"}),
        ("my chest hurts", "guiding", "flag", {"flag": "chest"}),
        ("stop", "guiding", "stop", {}),
    ],
)
def test_a_command_is_heard_with_its_slots(
    engine: PocketSphinxEngine,
    recognizer: IntentRecognizer,
    speak: Speak,
    text: str,
    state: str,
    intent: str,
    slots: dict[str, str],
) -> None:
    ((hypothesis, result),) = listen(engine, recognizer, speak(text), state)
    assert result is not None, hypothesis
    assert (result.intent, result.slots) == (intent, slots)
    assert hypothesis.best.score >= 0.5


def test_a_quiet_voice_is_heard(engine: PocketSphinxEngine, recognizer: IntentRecognizer, speak: Speak) -> None:
    ((hypothesis, result),) = listen(engine, recognizer, speak("I have a cramp", 160.0), "idle")
    assert result is not None, hypothesis
    assert result.intent == "cramp"
    assert hypothesis.best.score >= 0.5


OTHER_TALK = (
    "the weather will be nice tomorrow afternoon",
    "I have a cat",
    "can you pass me the salt",
    "did you lock the door",
    "tell me a story about the sea",
)


@pytest.mark.parametrize(
    ("text", "state"),
    [(text, state) for text in OTHER_TALK for state in ("idle", "guiding")] + [("I am camping", "idle")],
)
def test_other_talk_is_not_believed(
    engine: PocketSphinxEngine, recognizer: IntentRecognizer, speak: Speak, text: str, state: str
) -> None:
    for hypothesis, result in listen(engine, recognizer, speak(text), state):
        assert result is None or hypothesis.best.score < 0.5, (hypothesis, result)


@pytest.mark.parametrize("level", [0.0, 5.0, 300.0, 3000.0])
def test_silence_and_noise_are_not_believed(
    engine: PocketSphinxEngine, recognizer: IntentRecognizer, level: float
) -> None:
    engine.start(recognizer.grammar("idle"))
    engine.accept(np.random.default_rng(5).normal(0, level, 2 * RATE).astype(np.int16))
    hypothesis = engine.final()
    assert recognizer.recognize(hypothesis.best.text, "idle") is None or hypothesis.best.score < 0.5


def test_words_so_far_are_told_while_speech_goes_on(recognizer: IntentRecognizer, speak: Speak) -> None:
    engine = PocketSphinxEngine()  # one that heard nothing before: it adapts to what it hears
    sound = speak("I have a cramp in my left calf")
    engine.start(recognizer.grammar("idle"))
    partials = [engine.accept(sound[i : i + FRAME_SAMPLES]) for i in range(0, len(sound), FRAME_SAMPLES)]
    engine.final()
    assert "i have a cramp" in partials


def test_long_talk_is_no_command(engine: PocketSphinxEngine, recognizer: IntentRecognizer, speak: Speak) -> None:
    engine.start(recognizer.grammar("idle"))
    for _ in range(int(LONGEST_S)):
        engine.accept(speak("I have a cramp"))
    assert engine.final() == Hypothesis(note="longer than 6 s")


def test_an_utterance_may_be_dropped_and_begun_anew(
    engine: PocketSphinxEngine, recognizer: IntentRecognizer, speak: Speak
) -> None:
    engine.start(recognizer.grammar("guiding"))
    engine.accept(speak("stop"))
    engine.start(recognizer.grammar("guiding"))
    engine.accept(speak("next"))
    assert engine.final().best.text.startswith("next")


def test_no_grammar_is_kept_but_the_latest(engine: PocketSphinxEngine, recognizer: IntentRecognizer) -> None:
    for state in (*recognizer.states, "idle"):
        engine.start(recognizer.grammar(state))
        engine.accept(np.random.default_rng(5).normal(0, 3000, RATE).astype(np.int16))
        engine.final()
        assert [name for name in recognizer.states if engine._guided.get_fsg(name) is not None] == [state]
