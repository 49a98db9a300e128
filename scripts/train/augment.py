"""Augmentation: manner of speaking, room, night sounds, microphone. All at 16 kHz."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyroomacoustics
import pyworld
import soxr
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import butter, fftconvolve, istft, lfilter, sosfilt, stft

RATE = 16000
Sound = NDArray[np.float32]
OWN = 0.15
"""Share of the clips that stay in the voice of their speaker."""


def resampled(sound: Sound, factor: float) -> Sound:
    """Faster and higher by ``factor``."""
    return np.asarray(soxr.resample(sound, RATE * factor, RATE), dtype=np.float32)


def world(sound: Sound, pitch: float, formants: float, flatten: float, breath: float) -> Sound:
    """Another speaker: scaled pitch and formants, flattened intonation (1: monotone), breathiness (1: whisper)."""
    wide = sound.astype(np.float64)
    f0, times = pyworld.dio(wide, RATE, frame_period=8.0)
    envelope = pyworld.cheaptrick(wide, f0, times, RATE)
    noise = pyworld.d4c(wide, f0, times, RATE) if breath < 1 else np.ones_like(envelope)
    voiced = f0 > 0
    if voiced.any():
        middle = np.exp(np.log(f0[voiced]).mean())
        f0[voiced] = middle * (f0[voiced] / middle) ** (1 - flatten) * pitch
    bins = np.arange(envelope.shape[1])
    source = np.clip(bins / formants, 0, bins[-1])
    low = source.astype(int)
    high = np.minimum(low + 1, bins[-1])
    part = source - low
    warped = np.ascontiguousarray(envelope[:, low] * (1 - part) + envelope[:, high] * part)
    noise = np.ascontiguousarray(np.clip(noise + breath, 0, 1))
    return np.asarray(pyworld.synthesize(f0, warped, noise, RATE, 8.0), dtype=np.float32)


def whisper(sound: Sound, rng: np.random.Generator) -> Sound:
    """Noise shaped by the cepstrally smoothed spectrum, with the weak lows and flat tilt of a whisper."""
    _, _, spectrum = stft(sound, RATE, nperseg=400, noverlap=300)
    cepstrum = np.fft.irfft(np.log(np.abs(spectrum) + 1e-6), axis=0)
    keep = int(rng.integers(18, 32))
    cepstrum[keep:-keep] = 0
    envelope = np.exp(np.fft.rfft(cepstrum, axis=0).real)
    _, _, hiss = stft(rng.normal(size=sound.size), RATE, nperseg=400, noverlap=300)
    _, shaped = istft(hiss[:, : envelope.shape[1]] * envelope, RATE, nperseg=400, noverlap=300)
    tilt = butter(1, rng.uniform(300, 1500), "highpass", fs=RATE, output="sos")
    return np.asarray(sosfilt(tilt, shaped), dtype=np.float32)


def vocoder(sound: Sound, pitch: float, rng: np.random.Generator) -> Sound:
    """A machine's voice: linear prediction of few coefficients, driven by pulses of ``pitch`` Hz (0: a whisper).

    As speech synthesizers of small devices sound: buzzing, nearly monotone, without breath between the harmonics.
    """
    hop, order = int(rng.integers(80, 200)), int(rng.integers(12, 22))
    padded = np.pad(sound.astype(np.float64), hop)
    out, window = np.zeros(padded.size), np.hanning(2 * hop)
    slope = pitch * np.linspace(1, rng.uniform(0.75, 1.15), padded.size)
    pulses = np.diff(np.floor(np.cumsum(slope) / RATE), prepend=0.0)
    hiss = rng.normal(size=padded.size)
    for start in range(0, padded.size - 2 * hop, hop):
        frame = padded[start : start + 2 * hop] * window
        likeness = np.correlate(frame, frame, "full")[2 * hop - 1 :]
        if likeness[0] < 1e-8:
            continue
        likeness[0] *= 1.001
        predictor = solve_toeplitz(likeness[:order], likeness[1 : order + 1])
        tonal = likeness[RATE // 400 : 2 * hop].max(initial=0) > 0.3 * likeness[0]
        driver = (pulses if pitch and tonal else hiss)[start : start + 2 * hop]
        spoken = lfilter([1.0], [1.0, *-predictor], driver) * window
        out[start : start + 2 * hop] += spoken * np.linalg.norm(frame) / max(1e-9, np.linalg.norm(spoken))
    tilted = lfilter([1, -rng.uniform(0, 0.8)], [1], out[hop : hop + sound.size])
    return np.asarray(tilted, dtype=np.float32)


def manner(sound: Sound, rng: np.random.Generator, own: float = OWN) -> Sound:
    """A random manner: the speaker's own (a share of ``own``), or whispered, robotic, another speaker; any pace."""
    kind = rng.uniform(0, (1 - OWN) / (1 - own))
    if kind < 0.08:
        sound = whisper(sound, rng)
    elif kind < 0.15:
        sound = world(sound, 1, rng.uniform(0.9, 1.2), 0, 1)
    elif kind < 0.3:
        sound = vocoder(world(sound, 1, rng.uniform(0.85, 1.2), 0, 0) if kind < 0.2 else sound, 0, rng)
    elif kind < 0.6:
        pitch = float(np.exp(rng.uniform(np.log(70), np.log(260))))
        sound = vocoder(world(sound, 1, rng.uniform(0.82, 1.2), 0, 0) if kind < 0.45 else sound, pitch, rng)
    elif kind < 0.85:
        sound = world(
            sound, rng.uniform(0.45, 1.5), rng.uniform(0.82, 1.2), rng.uniform(-0.4, 0.95), rng.uniform(0, 0.3)
        )
    return resampled(sound, rng.uniform(0.82, 1.18))


def colored(size: int, rng: np.random.Generator) -> Sound:
    """Steady noise between white and brown: a fan, a road, a microphone's hiss. RMS 1."""
    spectrum = np.fft.rfft(rng.normal(size=size))
    spectrum *= (np.arange(spectrum.size) + 20.0) ** -rng.uniform(0, 1.2)
    noise = np.fft.irfft(spectrum, n=size)
    return np.asarray(noise / noise.std(), dtype=np.float32)


def shoebox(size: NDArray[np.float64], reverberation: float) -> pyroomacoustics.ShoeBox:
    """An empty room of ``size`` metres with an RT60 of ``reverberation`` seconds. Raises ValueError if impossible."""
    absorption, order = pyroomacoustics.inverse_sabine(reverberation, size)
    materials = pyroomacoustics.Material(absorption)
    return pyroomacoustics.ShoeBox(size, fs=RATE, materials=materials, max_order=min(order, 12))


def rooms(count: int, seed: int = 5) -> list[Sound]:
    """Impulse responses of simulated bedrooms of 2.5–5 m with a reverberation of 0.15–0.6 s."""
    rng = np.random.default_rng(seed)
    responses: list[Sound] = []
    while len(responses) < count:
        size = rng.uniform([2.5, 2.5, 2.3], [5, 4.5, 2.8])
        try:
            room = shoebox(size, rng.uniform(0.15, 0.6))
        except ValueError:  # no material absorbs so much in so small a room
            continue
        room.add_source(rng.uniform([0.3, 0.3, 0.4], size - [0.3, 0.3, 1.0]))
        room.add_microphone(rng.uniform([0.3, 0.3, 0.4], size - [0.3, 0.3, 0.8]))
        room.compute_rir()
        responses.append(np.asarray(room.rir[0][0], dtype=np.float32))
    return responses


def rms(sound: Sound) -> float:
    return float(np.sqrt(np.mean(np.square(sound)) + 1e-12))


def loudness(sound: Sound) -> float:
    """RMS of the louder half of the 20 ms frames: the level of the speech without the silence around it."""
    frames = sound[: sound.size // 320 * 320].reshape(-1, 320)
    if not len(frames):
        return rms(sound)
    power = np.sort(np.mean(np.square(frames), axis=1))
    return float(np.sqrt(power[len(power) // 2 :].mean() + 1e-12))


def piece(sounds: Sequence[Sound], size: int, rng: np.random.Generator) -> Sound:
    """``size`` samples from a random place in one of the sounds; a shorter sound is repeated."""
    sound = sounds[int(rng.integers(len(sounds)))]
    if sound.size < size:
        sound = np.tile(sound, size // sound.size + 1)
    start = int(rng.integers(sound.size - size + 1))
    return sound[start : start + size]


def babble(talkers: Sequence[Sound], size: int, rng: np.random.Generator) -> Sound:
    """Three to six talkers at a time, each as loud as the others."""
    pieces = [piece(talkers, size, rng) for _ in range(rng.integers(3, 7))]
    return np.sum([each / max(loudness(each), 1e-4) for each in pieces], axis=0, dtype=np.float32)


@dataclass
class Night:
    """The sounds beside the voice; if ``snr`` or ``room`` is None, it is drawn at random each time."""

    noises: Sequence[Sound]
    talkers: Sequence[Sound]
    responses: Sequence[Sound]
    snr: float | None = None
    plain: bool = False
    """Without room and microphone, loud and nearly noise-free: the voice as synthesized or recorded."""

    def through(self, sound: Sound, voice: float, rng: np.random.Generator) -> Sound:
        """``sound`` as the microphone records it, same length; ``voice`` is the level of its speech."""
        if self.plain:
            return np.asarray(sound * (0.1 / voice) + rng.normal(size=sound.size) * 1e-4, dtype=np.float32)
        if rng.uniform() < 0.6:
            response = self.responses[int(rng.integers(len(self.responses)))]
            delay = int(np.argmax(np.abs(response)))
            wet = fftconvolve(sound, response)[delay : delay + sound.size]
            sound = np.asarray(wet * (rms(sound) / rms(wet)), dtype=np.float32)
        snr = self.snr if self.snr is not None else float(rng.uniform(0, 35))
        noise = self._noise(sound.size, rng)
        sound = sound + noise * (voice / max(loudness(noise), 1e-6) * 10 ** (-snr / 20))
        if self.snr is None and rng.uniform() < 0.12:
            talk = piece(self.talkers, sound.size, rng)
            sound = sound + talk * (voice / max(loudness(talk), 1e-6) * 10 ** (-rng.uniform(6, 25) / 20))
        if rng.uniform() < 0.5:
            band = butter(1, [rng.uniform(40, 300), rng.uniform(3200, 7800)], "bandpass", fs=RATE, output="sos")
            sound = sosfilt(band, sound)
        level = 10 ** (rng.uniform(-50, -8) / 20)
        sound = sound * (level / voice)
        sound = sound + rng.normal(size=sound.size) * 10 ** (rng.uniform(-90, -68) / 20)
        return np.asarray(np.clip(sound, -1, 1), dtype=np.float32)

    def _noise(self, size: int, rng: np.random.Generator) -> Sound:
        """A recorded noise (6 in 10), people who talk (15 in 100), or a steady noise."""
        kind = rng.uniform()
        if kind < 0.6:
            return piece(self.noises, size, rng)
        return babble(self.talkers, size, rng) if kind < 0.75 else colored(size, rng)
