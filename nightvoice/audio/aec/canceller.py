"""Removes the assistant's own voice from the microphone signal.

An adaptive filter subtracts the echo that it predicts; a suppressor attenuates what may remain. To the filter, a person
who talks over the prompt is measurement noise: it adapts less, and their words pass intact. WebRTC's canceller
suppresses them together with the echo, which is why it is not used (scripts/bench/barge_in.py measures both).
"""

from typing import Final

import numpy as np

from nightvoice.audio.aec.clock_skew import ClockSkewEstimator
from nightvoice.audio.aec.far_end import FarEndReference, Sound
from nightvoice.audio.aec.kalman_filter import HOP, KalmanFilter
from nightvoice.audio.aec.residual_echo import ResidualEchoSuppressor
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Frame
from nightvoice.audio.player import Block

_TAIL: Final = RATE
"""Samples after the last far-end sound during which its echo may last; longer than the filter."""
_CONVERGENCE: Final = RATE * 4 // 5
"""Convergence time in far-end samples; the output is muted until then."""
_MAX_DRIFT: Final = 2.0
"""Samples by which the echo may have drifted during a rest before the filter counts as unconverged."""


class EchoCanceller:
    """Cancels the echo of one loudspeaker (at ``rate``) in one microphone; each side may run in its own thread.

    Delays the signal by 8 ms. While nothing plays, it changes nothing else and costs hardly any computation.
    """

    def __init__(self, rate: int) -> None:
        self._reference, self._clock_skew = FarEndReference(rate), ClockSkewEstimator()
        self._time = 0
        """Near-end samples so far."""
        self._silence = _TAIL
        """Samples since the last far-end sound."""
        self._converged = 0
        """Far-end samples since the filter started to learn, up to _CONVERGENCE."""
        self._filter, self._suppressor = KalmanFilter(), ResidualEchoSuppressor()

    @property
    def leaves_echo(self) -> bool:
        """Whether the latest sound, up to now, is echo that could not be removed, as when the loudspeaker was moved."""
        return self._suppressor.leaves_echo

    def push_far_end(self, block: Block) -> None:
        """Take the next samples that go to the loudspeaker."""
        self._reference.push(block)

    def process(self, frame: Frame) -> Frame:
        """Take the microphone's next frame; return a frame without echo."""
        far_end = self._take_far_end()
        if self._silence >= _TAIL:
            delayed = np.concatenate([_to_int16(self._suppressor.pending), frame])
            self._suppressor.reset(frame[-HOP:] / 32768)
            return delayed[:FRAME_SAMPLES]
        near_end = frame / 32768
        hops = (slice(start, start + HOP) for start in range(0, FRAME_SAMPLES, HOP))
        out = np.concatenate([self._cancel(near_end[hop], far_end[hop]) for hop in hops])
        return _to_int16(out if self._converged == _CONVERGENCE else np.zeros_like(out))

    def _take_far_end(self) -> Sound:
        """Return the far end of the next frame."""
        resting = self._silence >= _TAIL
        far_end, lost = self._reference.take(FRAME_SAMPLES, resting)
        self._time += FRAME_SAMPLES
        if lost:
            self._filter, self._converged = KalmanFilter(), 0
        if far_end.any():
            if resting:
                self._filter.inflate_covariance()
                if self._clock_skew.uncertainty * (self._silence - _TAIL) > _MAX_DRIFT:
                    self._converged = 0
            self._silence = 0
            self._converged = min(self._converged + FRAME_SAMPLES, _CONVERGENCE)
        else:
            self._silence += FRAME_SAMPLES
            if not resting and self._silence >= _TAIL and self._converged == _CONVERGENCE:
                reference, echo_path = self._reference, self._filter.impulse_response()
                reference.skew = self._clock_skew.measure(self._time, reference.offset, echo_path, reference.skew)
        return far_end

    def _cancel(self, near_end: Sound, far_end: Sound) -> Sound:
        echo, error_power = self._filter.predict(near_end, far_end)
        return self._suppressor.suppress(near_end - echo, echo, error_power)


def _to_int16(sound: Sound) -> Frame:
    return np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16)
