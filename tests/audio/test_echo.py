"""The echo canceller against made echoes: speech-like noise through a made room."""

import numpy as np
import pytest
import soxr

from nightvoice.audio.aec.canceller import EchoCanceller
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples

LATE = 128
"""Samples by which clean sound comes out late."""
PLAYED_RATE = 48_000


def babble(seconds: float, seed: int, rate: int = RATE) -> np.ndarray:
    """Noise that is loud and soft, four times a second, as speech is; -1..1."""
    rng, n = np.random.default_rng(seed), round(seconds * rate)
    noise = np.convolve(rng.normal(size=n), np.ones(6 * rate // RATE), "same")
    return noise / np.abs(noise).max() * np.abs(np.sin(2 * np.pi * 2 * np.arange(n) / rate))


def echo_of(played: np.ndarray, delay_s: float) -> np.ndarray:
    """``played`` (at PLAYED_RATE) as the microphone (at RATE) hears it."""
    rng, tail = np.random.default_rng(9), np.arange(RATE // 10)
    way = rng.normal(size=len(tail)) * np.exp(-tail / (0.02 * RATE))
    way[0] = 3
    heard = np.convolve(soxr.resample(played, PLAYED_RATE, RATE), way / 6)[: len(played) // 3]
    return np.concatenate([np.zeros(round(delay_s * RATE)), heard])[: len(heard)]


def cleaned(
    heard: np.ndarray, played: np.ndarray, blocks_ahead: int = 2, lost: tuple[int, ...] = (), ppm: float = 0
) -> Samples:
    """``heard`` (-1..1) by frames through a canceller; 10 ms of ``played`` come as they are due, ``ahead`` of it.

    The canceller is not given the frames with the numbers ``lost``; silence comes out in their place. ``ppm``: by how
    much the microphone's clock is slower than the loudspeaker's.
    """
    canceller, block, out = EchoCanceller(PLAYED_RATE), PLAYED_RATE // 100, []
    blocks = iter(played[: len(played) // block * block].astype(np.float32).reshape(-1, block))
    sound = np.round(heard * 32767).astype(np.int16)
    given = 0
    for start in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        while given * 160 < (start + FRAME_SAMPLES) * (1 + ppm * 1e-6) + blocks_ahead * 160:
            canceller.push_far_end(next(blocks, np.zeros(block, np.float32)))
            given += 1
        frame = sound[start : start + FRAME_SAMPLES]
        out.append(np.zeros_like(frame) if start // FRAME_SAMPLES in lost else canceller.process(frame))
    return np.concatenate(out)


def power_db(sound: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(sound.astype(float) ** 2) + 1e-9))


@pytest.mark.parametrize("delay_s", [0.05, 0.3])
def test_the_echo_is_taken_out(delay_s: float) -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE * 3), babble(8, 1, PLAYED_RATE) * 0.5])
    heard = echo_of(played, delay_s)
    late = slice(9 * RATE, 10 * RATE)
    assert power_db(heard[late] * 32767) - power_db(cleaned(heard, played)[late]) > 20


@pytest.mark.parametrize("times", [1, 4])
def test_while_it_speaks_on_and_on_the_microphone_may_lose_sound(times: int) -> None:
    played = babble(14, 1, PLAYED_RATE) * 0.5
    heard = echo_of(played, 0.05)
    lost = tuple(int(second * RATE / FRAME_SAMPLES) for second in np.linspace(2, 8, times))
    late = slice(11 * RATE, 12 * RATE)
    assert power_db(heard[late] * 32767) - power_db(cleaned(heard, played, lost=lost)[late]) > 20


def by_another_clock(played: np.ndarray, ppm: float) -> np.ndarray:
    """Its echo, as a microphone hears it whose clock is slower by ``ppm``."""
    fine = 4
    heard = soxr.resample(echo_of(played, 0.05), RATE, fine * RATE, "VHQ")
    return np.interp(np.arange(len(heard) // fine) * fine * (1 + ppm * 1e-6), np.arange(len(heard)), heard)


@pytest.mark.parametrize("ppm", [-50, 20, 50])
def test_between_two_prompts_the_devices_clocks_may_drift_apart(ppm: float) -> None:
    pause = np.zeros(10 * PLAYED_RATE)
    played = np.concatenate([pause, babble(4, 1, PLAYED_RATE) * 0.5, pause, babble(2, 2, PLAYED_RATE) * 0.5])
    heard = by_another_clock(played, ppm)
    clean, soon = cleaned(heard, played, ppm=ppm), slice(round(24.6 * RATE), round(25.1 * RATE))
    assert power_db(heard[soon] * 32767) - power_db(clean[soon]) > 50


@pytest.mark.parametrize("ppm", [-90, 20, 90])
def test_after_some_prompts_it_knows_how_much_the_clocks_differ(ppm: float) -> None:
    pause = np.zeros(6 * PLAYED_RATE)
    prompts = [np.concatenate([babble(4, seed, PLAYED_RATE) * 0.5, pause]) for seed in range(4)]
    played = np.concatenate([pause, *prompts])
    heard = by_another_clock(played, ppm)
    clean, last = cleaned(heard, played, ppm=ppm), slice(round(36.1 * RATE), 40 * RATE)
    assert power_db(heard[last] * 32767) - power_db(clean[last]) > 45


def test_what_a_loudspeaker_adds_of_its_own_is_weakened_too() -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE * 3), babble(8, 1, PLAYED_RATE) * 0.5])
    heard = echo_of(played + 0.3 * np.abs(played) * played, 0.05)
    late = slice(9 * RATE, 10 * RATE)
    assert power_db(heard[late] * 32767) - power_db(cleaned(heard, played)[late]) > 35


def test_of_the_first_words_ever_spoken_nothing_is_let_through() -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE), babble(3, 1, PLAYED_RATE) * 0.5])
    heard = echo_of(played, 0.2)
    clean = cleaned(heard + babble(len(heard) / RATE, 4), played)
    assert power_db(clean[RATE : RATE + RATE // 2]) < 0
    assert power_db(clean[3 * RATE :]) > 70
    assert power_db(cleaned(heard, played)[3 * RATE :]) < 35


def test_somebody_who_speaks_meanwhile_is_not() -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE * 3), babble(8, 1, PLAYED_RATE) * 0.5])
    echo = echo_of(played, 0.08)
    speech = np.zeros_like(echo)
    speech[9 * RATE : 10 * RATE] = babble(1, 2)
    speech *= np.sqrt(np.mean(echo[4 * RATE :] ** 2) / np.mean(speech[9 * RATE : 10 * RATE] ** 2))
    clean = cleaned(echo + speech, played)
    heard, wanted = clean[9 * RATE + LATE : 10 * RATE + LATE].astype(float), speech[9 * RATE : 10 * RATE]
    likeness = float(np.sum(heard * wanted) / np.sqrt(np.sum(heard**2) * np.sum(wanted**2)))
    assert likeness > 0.9


def test_while_nothing_is_played_nothing_is_changed() -> None:
    heard = babble(3, 3) * 0.3
    sound = np.round(heard * 32767).astype(np.int16)
    clean = cleaned(heard, np.zeros(4 * PLAYED_RATE))
    assert (clean[LATE:] == sound[: len(clean) - LATE]).all()


def test_after_the_echo_has_faded_nothing_is_changed_again() -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE), babble(2, 1, PLAYED_RATE) * 0.5, np.zeros(3 * PLAYED_RATE)])
    heard = echo_of(played, 0.05) + babble(6, 4) * 0.1
    clean = cleaned(heard, played)
    sound = np.round(heard * 32767).astype(np.int16)
    late = 5 * RATE
    assert (clean[late + LATE :] == sound[late : len(clean) - LATE]).all()


def test_a_microphone_that_was_gone_gets_its_echo_taken_out_again() -> None:
    canceller, block = EchoCanceller(PLAYED_RATE), np.zeros(480, np.float32)
    for _ in range(2000):  # nobody listens for 20 s
        canceller.push_far_end(block)
    played, heard = babble(8, 1, PLAYED_RATE) * 0.5, []
    echo = echo_of(np.concatenate([np.zeros(6 * PLAYED_RATE), played]), 0.05)
    blocks = iter(np.concatenate([np.zeros(6 * PLAYED_RATE), played]).astype(np.float32).reshape(-1, 480))
    given = 0
    sound = np.round(echo * 32767).astype(np.int16)
    for start in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        while given * 160 < start + FRAME_SAMPLES:
            canceller.push_far_end(next(blocks, block))
            given += 1
        heard.append(canceller.process(sound[start : start + FRAME_SAMPLES]))
    late = slice(12 * RATE, 13 * RATE)
    assert power_db(sound[late]) - power_db(np.concatenate(heard)[late]) > 20
