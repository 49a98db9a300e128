"""What an echo canceller says of its output: whether it is echo. Two people speak, in a synthetic room."""

import numpy as np
import pytest
import soxr
from hibari import Hibari

from nightvoice.audio.aec.canceller import EchoCanceller
from nightvoice.audio.aec.kalman_filter import HOP
from nightvoice.audio.aec.residual_echo_detector import ResidualEchoDetector
from nightvoice.audio.frames import FRAME_SAMPLES, RATE

MOVED_S = 6.0
"""When the loudspeaker is moved, in the middle of its speech."""


@pytest.fixture(scope="module")
def played() -> np.ndarray:
    """A second of silence and some ten seconds of speech at RATE, -1..1."""
    said = "Sit or lie, with the leg straight in front of you. Put the towel around the ball of the foot, and pull."
    return np.concatenate([np.zeros(RATE), spoken(said), spoken(said), np.zeros(RATE // 2)])


def spoken(text: str) -> np.ndarray:
    words = soxr.resample(Hibari()(text, seed=1), 24_000, RATE)
    return 0.3 * words / np.abs(words).max()


def echo_of(played: np.ndarray, place: int) -> np.ndarray:
    """``played`` as the microphone hears it from a loudspeaker at ``place``."""
    rng, tail = np.random.default_rng(place), np.arange(RATE // 10)
    path = rng.normal(size=len(tail)) * np.exp(-tail / (0.02 * RATE))
    path[0] = 3
    return np.concatenate([np.zeros(800 + place), np.convolve(played, path / 6)])[: len(played)]


def is_echo_at(time: float, heard: np.ndarray, played: np.ndarray) -> bool:
    """Whether the latest sound at ``time``, in seconds, is echo that a canceller left."""
    canceller = EchoCanceller(RATE)
    sound = np.round(heard * 32767).astype(np.int16)
    for start in range(0, round(time * RATE), FRAME_SAMPLES):
        canceller.push_far_end(played[start : start + FRAME_SAMPLES].astype(np.float32))
        canceller.process(sound[start : start + FRAME_SAMPLES])
    return canceller.leaves_echo


@pytest.mark.parametrize("place", [30, 31])
def test_after_the_loudspeaker_was_moved_what_is_left_is_echo(played: np.ndarray, place: int) -> None:
    moved = np.arange(len(played)) >= MOVED_S * RATE
    assert is_echo_at(MOVED_S + 0.3, np.where(moved, echo_of(played, place), echo_of(played, 9)), played)


@pytest.mark.parametrize("text", ["stop", "it's getting better", "wait", "go back to the one before"])
def test_a_person_who_talks_over_it_is_not_held_for_echo(played: np.ndarray, text: str) -> None:
    echo, words, start = echo_of(played, 9), spoken(text), round(MOVED_S * RATE)
    speech = np.zeros_like(echo)
    speech[start : start + len(words)] = words * np.sqrt(np.mean(echo**2) / np.mean(words**2))
    assert not is_echo_at(MOVED_S + len(words) / RATE, echo + speech, played)
    assert not is_echo_at(MOVED_S + len(words) / RATE + 0.3, echo + speech, played), "nor in the pause after it"


def test_a_moan_in_the_pause_after_it_is_not_held_for_echo_though_it_is_steady(played: np.ndarray) -> None:
    moan = 0.1 * np.sum([np.sin(2 * np.pi * 120 * n * np.arange(RATE // 2) / RATE) / n for n in range(1, 50)], axis=0)
    played = np.concatenate([played, np.zeros(RATE)])
    heard, end = echo_of(played, 9), len(played) - RATE // 4
    heard[end - len(moan) : end] += moan
    assert not is_echo_at(end / RATE, heard, played)


def test_nothing_is_echo_while_nothing_was_played() -> None:
    words = np.concatenate([np.zeros(RATE), spoken("stop"), np.zeros(RATE)])
    assert not is_echo_at(len(words) / RATE, words, np.zeros_like(words))


def judged(detector: ResidualEchoDetector, hops: int, mean: float, fluctuation: float, output: float = 1.0) -> bool:
    """Whether a sound is echo that is ``mean`` decibels louder than the predicted echo, and more or less by turns."""
    echo = np.full(HOP + 1, 0.01)
    for number in range(hops):
        ratio = mean + fluctuation * (1 if number % 2 else -1)
        detector.update(echo * 10 ** (ratio / 10), echo, near_end=1.0, output=output)
    return detector.is_echo


@pytest.mark.parametrize(
    ("mean", "fluctuation", "expected"), [(0, 5.0, True), (0, 8.5, False), (-20, 8.5, True), (-20, 12.0, False)]
)
def test_the_fainter_a_sound_the_less_steady_it_needs_to_be(mean: float, fluctuation: float, expected: bool) -> None:
    assert judged(ResidualEchoDetector(), 40, mean, fluctuation) is expected


def test_a_judgement_stands_until_the_next_sound_can_be_judged_and_what_stays_inaudible_is_echo() -> None:
    detector = ResidualEchoDetector()
    assert judged(detector, 40, 0, 5.0)
    assert judged(detector, 40, 0, 5.0, output=0.0), "silence"
    assert judged(detector, 3, 0, 12.0)
    assert not judged(detector, 40, 0, 12.0), "somebody speaks"
    assert not judged(detector, 60, 0, 12.0, output=0.0)
    assert judged(detector, 100, 0, 5.0, output=0.0), "more than a second of silence"
    detector.reset()
    assert not detector.is_echo
