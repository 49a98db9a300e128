"""The decoder gives a path the same, however it came about."""

import numpy as np
import pytest

from nightvoice.listening.engines.moonshine.model import END, Moonshine


@pytest.fixture(scope="module")
def model() -> Moonshine:
    return Moonshine.shipped()


def test_it_writes_what_was_said(model, speak):
    probabilities, cache = model.begin(model.encode_words(model.encode(speak("I have a cramp"))))
    tokens: list[int] = []
    while len(tokens) < 12 and (best := int(probabilities.argmax())) != END:
        tokens.append(best)
        following, cache = model.decode([best], cache)
        probabilities = following[0]
    assert model.text(tokens) == "I have a cramp."


def test_paths_of_one_batch_do_not_change_each_other(model, speak):
    first, cache = model.begin(model.encode_words(model.encode(speak("I have a cramp"))))
    two, one, no = (int(each) for each in np.argsort(first)[-3:])
    alone, after = model.decode([one], cache)
    alone, _ = model.decode([no], after)
    _, together = model.decode([two, one], cache.of([0, 0]))
    beside, _ = model.decode([no, two], together.of([1, 1]))
    np.testing.assert_allclose(beside[0], alone[0], atol=1e-3)
