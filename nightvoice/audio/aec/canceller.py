"""Takes the assistant's own voice out of what the microphone hears.

A frequency-domain Kalman filter (Enzner and Vary 2006; partitioned: Kuech, Mabande and Enzner 2014) learns the way from
loudspeaker to microphone and subtracts what it predicts; what may be left, by the filter's own uncertainty, is damped.
Somebody who speaks meanwhile is noise to the filter: it learns less, and their words pass unharmed. That is why it is
not WebRTC's canceller, which damps them with the echo (scripts/bench/barge_in.py measures both).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.aec.clock_skew import ClockSkewEstimator
from nightvoice.audio.aec.far_end import FarEndReference, Sound
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Frame
from nightvoice.audio.player import Block

_HOP: Final = 128
"""Samples (8 ms) that are filtered at once, and by which what comes out is late."""
_PARTITIONS: Final = 64
"""Hops that an echo may take and last: half a second."""
_TAIL: Final = RATE
"""Samples after the last sound in which it may still echo; more than all partitions."""
_UNLEARNT: Final = RATE * 4 // 5
"""Samples played before which the echo is not known yet, so that nothing is let through."""
_MOVED: Final = 2.0
"""Samples by which the echo may have moved meanwhile so that it is not known any more."""


class KalmanFilter:
    """Predicts the microphone's echo from what was played, block by block of ``_HOP`` samples."""

    _PERSISTENCE: Final = 0.998
    """How much of the echo's way is still the same after a hop: forgets over 4 s, as unequal clocks want it."""
    _DECAY: Final = 0.2
    """Seconds over which an echo is expected to fade to 1/e."""
    _SMOOTHING: Final = 0.7
    """Of the power of what is left, which is the measurement's noise."""
    _FAINTEST: Final = 1e-6
    """That noise at the least: a few steps of 16 bits."""
    _NEW: Final = 0.03
    """Of a way that may have moved, the share that may be wholly new."""

    def __init__(self) -> None:
        bins = _HOP + 1
        self._played = np.zeros(2 * _HOP)
        self._spectra = np.zeros((_PARTITIONS, bins), complex)
        """Of what was played, latest first."""
        self._way = np.zeros((_PARTITIONS, bins), complex)
        self._unknown = np.repeat(np.exp(-2 * np.arange(_PARTITIONS) * _HOP / RATE / self._DECAY)[:, None], bins, 1)
        self._uncertainty = self._unknown
        """Variance of each coefficient of ``_way``."""
        self._noise = np.zeros(bins)

    def predict(self, heard: Sound, played: Sound) -> tuple[Sound, NDArray[np.float64]]:
        """The echo in ``heard``, and by bin of a spectrum over two hops the power that it may be wrong by."""
        self._played = np.concatenate([self._played[_HOP:], played])
        self._spectra = np.concatenate([np.fft.rfft(self._played)[None], self._spectra[:-1]])
        power = np.abs(self._spectra) ** 2
        echo = np.fft.irfft((self._way * self._spectra).sum(0))[_HOP:]
        left = np.fft.rfft(np.concatenate([np.zeros(_HOP), heard - echo]))
        self._noise = self._SMOOTHING * self._noise + (1 - self._SMOOTHING) * np.abs(left) ** 2
        # Half: the window of one hop in two takes half of the power.
        doubt = (0.5 * power * self._uncertainty).sum(0)
        gain = self._uncertainty / (doubt + self._noise + self._FAINTEST)
        change = np.fft.irfft(gain * self._spectra.conj() * left, axis=1)
        change[:, _HOP:] = 0
        self._way = self._PERSISTENCE * (self._way + np.fft.rfft(change, axis=1))
        self._uncertainty = self._PERSISTENCE**2 * (1 - 0.5 * gain * power) * self._uncertainty
        self._uncertainty += (1 - self._PERSISTENCE**2) * np.abs(self._way) ** 2
        return echo, doubt

    def impulse_response(self) -> Sound:
        """The way as it is known now, shape (_PARTITIONS * _HOP,)."""
        response: Sound = np.fft.irfft(self._way, axis=1)[:, :_HOP].ravel()
        return response

    def doubt(self) -> None:
        """The devices' clocks have drifted, so the way may have moved: learn it again, from about what it was."""
        power = np.pad(np.abs(self._way) ** 2, ((1, 1), (0, 0)), "edge")
        moved = (power[:-2] + power[1:-1] + power[2:]) / 2 + self._NEW * self._unknown
        self._uncertainty = np.maximum(self._uncertainty, moved)


class ResidualEchoSuppressor:
    """Weakens, bin by bin, what may be echo that was not predicted."""

    _FLOOR: Final = 0.01
    """The least gain: -40 dB, so that what is left wakes nobody who listens for speech."""
    _CAUTION: Final = 2.0
    """Factor on the filter's uncertainty, which overlooks that rooms and devices change."""
    _LEAK: Final = 0.03
    """Power of the predicted echo that is left besides: loudspeakers do not play exactly what they are given."""
    _ALONE: Final = 0.06
    """Share of the power heard (-12 dB) below which what is left is no person but echo, and is weakened further. Of
    echo alone -18 to -34 dB are left, of somebody who speaks as loud as it over -4 (scripts/bench/barge_in.py)."""
    _HOLD: Final = 0.85
    """Smoothing of these two powers: 50 ms."""

    def __init__(self) -> None:
        self._window = np.sqrt(np.hanning(2 * _HOP + 1)[:-1])
        self._power = np.zeros(_HOP + 1)
        self._residue = np.zeros(_HOP + 1)
        self.begin(np.zeros(_HOP))

    def begin(self, latest: Sound) -> None:
        """After a rest; ``latest``: the hop before, which comes out with the next."""
        self.latest = latest
        """The hop that is still to come out, as it came in."""
        self._echo = np.zeros(_HOP)
        self._heard = self._left = 0.0
        """Power of what was heard, and of what is left of it."""
        self._overlap = latest * self._window[_HOP:] ** 2

    def damp(self, left: Sound, echo: Sound, doubt: NDArray[np.float64]) -> Sound:
        """Take the next hop of what is left and of the predicted echo; return the hop before, damped."""
        spectrum = np.fft.rfft(self._window * np.concatenate([self.latest, left]))
        predicted = np.fft.rfft(self._window * np.concatenate([self._echo, echo]))
        self._power = 0.5 * (self._power + np.abs(spectrum) ** 2)
        self._residue = 0.5 * (self._residue + self._CAUTION * doubt + self._LEAK * np.abs(predicted) ** 2)
        gain = np.maximum(1 - self._residue / (self._power + 1e-12), self._FLOOR)
        sound = np.fft.irfft(gain * spectrum) * self._window
        out: Sound = self._overlap + sound[:_HOP]
        self._heard += (1 - self._HOLD) * (float(np.mean((self.latest + self._echo) ** 2)) - self._heard)
        self._left += (1 - self._HOLD) * (float(np.mean(out**2)) - self._left)
        self.latest, self._echo, self._overlap = left, echo, sound[_HOP:]
        return out * min(1.0, (self._left + 1e-12) / (self._ALONE * self._heard + 1e-12))


class EchoCanceller:
    """Between one loudspeaker (at ``rate``) and one microphone, each in a thread of its own.

    While nothing is played nothing is changed (but all is 8 ms late) and hardly anything is computed.
    """

    def __init__(self, rate: int) -> None:
        self._playback, self._drift = FarEndReference(rate), ClockSkewEstimator()
        self._heard = 0
        """Samples so far."""
        self._silent = _TAIL
        """Samples since something was played."""
        self._learnt = 0
        """Samples that were played since nothing was known of the echo, up to _UNLEARNT."""
        self._filter, self._damping = KalmanFilter(), ResidualEchoSuppressor()

    def played(self, block: Block) -> None:
        """The next samples that go to the loudspeaker."""
        self._playback.played(block)

    def clean(self, frame: Frame) -> Frame:
        """The next frame of the microphone, without echo."""
        played = self._take()
        if self._silent >= _TAIL:
            late = np.concatenate([_to_int16(self._damping.latest), frame])
            self._damping.begin(frame[-_HOP:] / 32768)
            return late[:FRAME_SAMPLES]
        heard = frame / 32768
        hops = (slice(start, start + _HOP) for start in range(0, FRAME_SAMPLES, _HOP))
        left = np.concatenate([self._cancel(heard[hop], played[hop]) for hop in hops])
        return _to_int16(left if self._learnt == _UNLEARNT else np.zeros_like(left))

    def _take(self) -> Sound:
        """What was played for the next frame."""
        resting = self._silent >= _TAIL
        played, lost = self._playback.take(FRAME_SAMPLES, resting)
        self._heard += FRAME_SAMPLES
        if lost:
            self._filter = KalmanFilter()
        if played.any():
            if resting:
                self._filter.doubt()
                if self._drift.unsure * (self._silent - _TAIL) > _MOVED:
                    self._learnt = 0
            self._silent = 0
            self._learnt = min(self._learnt + FRAME_SAMPLES, _UNLEARNT)
        else:
            self._silent += FRAME_SAMPLES
            if not resting and self._silent >= _TAIL and self._learnt == _UNLEARNT:
                playback, way = self._playback, self._filter.impulse_response()
                playback.faster = self._drift.measure(self._heard, playback.moved, way, playback.faster)
        return played

    def _cancel(self, heard: Sound, played: Sound) -> Sound:
        echo, doubt = self._filter.predict(heard, played)
        return self._damping.damp(heard - echo, echo, doubt)


def _to_int16(sound: Sound) -> Frame:
    return np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16)
