"""Calls for help while idle: what the second ear reads after a silence, and what it leaves alone."""

from collections.abc import Callable
from dataclasses import replace
from itertools import repeat

import numpy as np
import pytest

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, SILENCE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.calls_for_help import ANSWER_FRAMES, BURST, LONGEST_S, CallsForHelp
from nightvoice.listening.decision import Verdict
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.listener import RecognitionResult
from nightvoice.listening.pipeline import SpeechPipeline
from nightvoice.listening.transcribers.base import Reading
from nightvoice.listening.vad import GateOutput
from nightvoice.understanding.recognizer import IntentRecognizer
from tests.listening.test_pipeline import Reader
from tests.listening.test_second_ear import Scribe

MISREAD = Hypothesis((Alternative("next", 0.02),), Alternative("hell", 0.6), {"other": 0.9}, 0.6)
THRESHOLDS = engine_spec("moonshine", EngineOptions()).thresholds
HELP = Reading("help me", -0.4)
SHUT = GateOutput(opened=False, closed=False, samples=SILENCE[:0])
WORDS = np.ones(RATE, np.int16)


@pytest.fixture(scope="module")
def understanding() -> IntentRecognizer:
    return build_recognizer(Config())


@pytest.mark.parametrize(("sounds_like", "intent"), [({"help": 0.95}, "help"), ({"help": 0.1, "cramp": 0.8}, "cramp")])
def test_what_sounds_like_help_is_heard_by_the_first_ear_whatever_its_words(
    sounds_like: dict[str, float], intent: str, speak: Callable[..., Samples], understanding: IntentRecognizer
) -> None:
    first = replace(MISREAD, intents=sounds_like)
    pipeline = SpeechPipeline(Reader(repeat(first)), THRESHOLDS, understanding)
    sound = speak("help me")
    results = [
        pipeline.hear(sound[at : at + FRAME_SAMPLES], "idle", None)
        for at in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    ]
    assert [result.intent for result in results if result is not None] == [intent]


def after(
    silence: int, second: CallsForHelp, sound: Samples = WORDS, idle: bool = True, first: Hypothesis = MISREAD
) -> list[RecognitionResult]:
    """Return what is found in ``sound`` said after ``silence`` frames, while ``idle`` for a second."""
    for _ in range(silence):
        second.push(SHUT, idle=True)
    second.push(GateOutput(opened=True, closed=False, samples=sound), idle=True)
    second.push(GateOutput(opened=False, closed=True, samples=SILENCE), idle=True)
    second.read(sound, first)
    results = [second.push(SHUT, idle) for _ in range(ANSWER_FRAMES)]
    return [result for result in results if result is not None]


def test_a_call_that_the_first_ear_misread_is_found_a_second_later(
    speak: Callable[..., Samples], understanding: IntentRecognizer
) -> None:
    pipeline = SpeechPipeline(Reader(repeat(MISREAD)), THRESHOLDS, understanding, transcriber=Scribe([HELP]))
    words = speak("help me")
    sound = np.concatenate([words, np.zeros(2 * RATE, np.int16)])
    found = {}
    for at in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        if (result := pipeline.hear(sound[at : at + FRAME_SAMPLES], "idle", None)) is not None:
            found[at / RATE] = result
    (misread, rejected), (_, heard) = sorted(found.items())
    assert (rejected.verdict, rejected.text) == (Verdict.REJECTED, "hell")
    assert (heard.verdict, heard.intent, heard.engine) == (Verdict.HEARD, "help", "scribe")
    assert max(found) - misread == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("i'm having a heart attack", "suspicion", {"flag": "chest"}),
        ("call an ambulance", "suspicion", {"flag": "emergency"}),
        ("somebody help me", "help", {}),
        ("can somebody help me please", "help", {}),
    ],
)
def test_a_danger_is_asked_about(
    text: str, intent: str, slots: dict[str, str], understanding: IntentRecognizer
) -> None:
    (found,) = after(40, CallsForHelp(Scribe([Reading(text, -0.3)]), understanding))
    assert (found.intent, dict(found.slots)) == (intent, slots)


@pytest.mark.parametrize(
    "text",
    [
        "i have a cramp",
        "stop",
        "two two nine one",
        "my sleep is bad",
        "well mother",
        "let him come here",
        "no help from him",
    ],
)
def test_other_words_are_left_alone(text: str, understanding: IntentRecognizer) -> None:
    assert not after(40, CallsForHelp(Scribe([Reading(text, -0.1)]), understanding))


def test_an_unlikely_reading_does_not_count(understanding: IntentRecognizer) -> None:
    call = "can somebody please help me in here"
    assert not after(40, CallsForHelp(Scribe([Reading(call, -1.0)]), understanding))
    assert after(40, CallsForHelp(Scribe([Reading(call, -0.8)]), understanding))


@pytest.mark.parametrize(("confidence", "found"), [(0.8, [("suspicion", {"flag": "fire"})]), (0.6, [])])
def test_words_that_the_first_ear_read_well_but_did_not_believe_count(
    confidence: float, found: list[tuple[str, dict[str, str]]], understanding: IntentRecognizer
) -> None:
    first = Hypothesis(transcript=Alternative("The room is on fire.", confidence))
    second = CallsForHelp(Scribe([Reading("do you know me from side", -1.2)]), understanding)
    assert [(each.intent, dict(each.slots)) for each in after(40, second, first=first)] == found


@pytest.mark.parametrize(
    ("text", "likely", "sound", "found"),
    [
        ("coil ambulance", -0.8, 0.95, ["help"]),
        ("coil ambulance", -0.8, 0.8, []),
        ("i can't see my own", -0.2, 0.95, []),  # clear words that name nothing
    ],
)
def test_the_sound_of_a_danger_is_asked_about_where_no_words_are_clear(
    text: str, likely: float, sound: float, found: list[str], understanding: IntentRecognizer
) -> None:
    first = replace(MISREAD, intents={"flag": sound})
    second = CallsForHelp(Scribe([Reading(text, likely)]), understanding)
    assert [each.intent for each in after(40, second, first=first)] == found


@pytest.mark.parametrize(
    ("text", "likely", "found"),
    [
        ("i'm having a hot talk", -7.0, [("suspicion", {"flag": "chest"})]),
        ("i'm having a hot talk", -40.0, []),  # looks like it, and does not sound like it
        ("the weather will be fine", -7.0, []),  # looks like no call
    ],
)
def test_a_call_that_both_ears_misread_is_found_if_it_is_likely(
    text: str, likely: float, found: list[tuple[str, dict[str, str]]], understanding: IntentRecognizer
) -> None:
    ear = Scribe([Reading(text, -0.8)], likely={"i'm having a heart attack": likely})
    assert [(each.intent, dict(each.slots)) for each in after(40, CallsForHelp(ear, understanding))] == found


def test_every_call_of_the_pack_is_understood_word_for_word(understanding: IntentRecognizer) -> None:
    assert len(understanding.calls) > 200
    for call in understanding.calls:
        meaning = understanding.call_for_help(f"{call.capitalize()}.")
        assert getattr(meaning, "intent", None) in ("help", "suspicion"), call


def test_running_talk_and_long_speech_are_not_read(understanding: IntentRecognizer) -> None:
    second = CallsForHelp(Scribe([HELP]), understanding)
    assert after(0, second)  # the night begins with a silence
    assert not after(5, second, np.ones(round((LONGEST_S + 1) * RATE), np.int16))
    second.push(GateOutput(opened=True, closed=True, samples=SILENCE), idle=True)
    assert not after(10, second)
    assert after(40, second)


def test_what_was_read_is_dropped_once_a_question_is_open(understanding: IntentRecognizer) -> None:
    assert not after(40, CallsForHelp(Scribe([HELP]), understanding), idle=False)


def test_a_talk_all_evening_is_read_once_a_minute(understanding: IntentRecognizer) -> None:
    ear = Scribe([Reading("the weather will be fine", -0.2)])
    second, minutes = CallsForHelp(ear, understanding), 30
    for _ in range(minutes * 20):  # one utterance in three seconds
        after(60, second)
    assert BURST + minutes - 2 <= ear.asked <= BURST + minutes + 2
