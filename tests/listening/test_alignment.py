"""The near-sounding words of a benchmark are cut out where they lie."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from nightvoice.audio.frames import RATE
from scripts.bench.alignment import EDGE_S, Span, aligned, cut, distance

TEXT = "we saw a crab in the garden"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """``TEXT`` with half a second of silence on either side of the word ``crab``."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    file: Path = tmp_path_factory.mktemp("words") / "said.wav"
    pieces = []
    for part in TEXT.partition(" crab "):
        subprocess.run(["espeak-ng", "-v", "en-us", "-s", "130", "-w", str(file), part], check=True)
        said, rate = soundfile.read(file)
        said = said[np.flatnonzero(abs(said) > 0.005)[0] : np.flatnonzero(abs(said) > 0.005)[-1]]
        pieces += [soxr.resample(said, rate, RATE) * 16384, np.zeros(RATE // 2)]
    return np.concatenate([np.zeros(RATE // 2), *pieces])


def test_a_word_is_found_between_the_silences_around_it(spoken: np.ndarray) -> None:
    found = aligned(spoken.astype(np.int16), TEXT)
    assert [span.word for span in found] == TEXT.split()
    crab = found[3]
    loud = np.flatnonzero(abs(cut(spoken, crab)) > 100)
    assert 0.2 < (loud[-1] - loud[0]) / RATE < 0.8
    silent = cut(spoken, Span("", crab.start - 0.4, crab.start - 0.1))
    assert np.abs(silent).max() < 100


def test_a_word_that_the_dictionary_lacks_is_not_looked_for() -> None:
    assert aligned(np.zeros(RATE, np.int16), "a xyzzy") == []


def test_a_cutting_fades_in_and_out() -> None:
    word = cut(np.full(RATE, 1000.0), Span("crab", 0.3, 0.6))
    assert len(word) == round((0.3 + 2 * EDGE_S) * RATE)
    assert word[0] == word[-1] == 0
    assert word[len(word) // 2] == 1000


def test_words_are_near_by_their_sounds() -> None:
    assert distance("clamp") < distance("crab") < distance("grab") < distance("table")
    assert distance("cramp") == distance("cramping") == distance("xyzzy") == np.inf
