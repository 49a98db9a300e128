"""A real microphone and a real loudspeaker, either of which may be unplugged at any time."""

import time
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Final

from nightvoice.audio.aec.canceller import EchoCanceller
from nightvoice.audio.devices.flatline import FlatlineDetector
from nightvoice.audio.devices.microphone import CaptureStream
from nightvoice.audio.devices.pace import PaceKeeper
from nightvoice.audio.devices.speaker import PLAYING_RATE, PlaybackStream
from nightvoice.audio.devices.spec import DeviceSpec, spec_to_reopen
from nightvoice.audio.devices.supervisor import Supervisor
from nightvoice.audio.frames import FRAME_S, SILENCE, Frame
from nightvoice.audio.player import PlaybackQueue
from nightvoice.errors import NightvoiceError

NOTABLE_SHARE: Final = 0.05
"""Share of missing sound that is reported: above what a moment of other work on the computer takes."""
REPORTED_EVERY_S: Final = 3600.0
"""Shortest time between two such reports."""


class LiveAudio:
    """Implements the ``Microphone`` port, and plays ``queue`` on the loudspeaker.

    Opens both devices (number, part of the name, or None for the default); raises NightvoiceError if that fails.
    After that nothing raises: a dead microphone yields silent frames in real time, a dead loudspeaker discards its
    sound, and both are reopened as soon as possible. The loudspeaker's echo is removed from the frames.
    """

    def __init__(
        self,
        input_device: DeviceSpec = None,
        output_device: DeviceSpec = None,
        on_frame: Callable[[Frame], None] = lambda frame: None,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        """``on_frame`` is called with every yielded frame; ``report`` receives each problem in one line."""
        self._on_frame, self._report = on_frame, report
        self._quiet_until = 0.0
        """Time until which missing sound is not reported again."""
        self.queue = PlaybackQueue(PLAYING_RATE)
        self._echo = EchoCanceller(PLAYING_RATE)
        microphone = CaptureStream(input_device)
        loudspeaker = PlaybackStream(self.queue, output_device, self._echo.push_far_end)
        try:
            source, sink = microphone.wait(), loudspeaker.wait()
        except NightvoiceError:
            microphone.close()
            loudspeaker.close()
            raise
        input_again, output_again = spec_to_reopen(source, input_device), spec_to_reopen(sink, output_device)
        self._microphone = Supervisor(microphone, lambda: CaptureStream(input_again))
        self._loudspeaker = Supervisor(
            loudspeaker, lambda: PlaybackStream(self.queue, output_again, self._echo.push_far_end)
        )
        self._flat = FlatlineDetector()
        self.lost_since: float | None = None
        self._overruns = 0
        self._ending = False

    @property
    def overruns(self) -> int:
        """Number of times that captured sound was lost."""
        return self._overruns

    @property
    def hears_itself(self) -> bool:
        return self._echo.leaves_echo

    def frames(self) -> Iterator[Frame]:
        heard, missing = 0, False
        due, pace = time.monotonic() + FRAME_S, PaceKeeper()
        came = time.monotonic()
        while not self._ending:
            # Once one is missing, the missed frames come at once, then each when it is due.
            patience = 0.0 if missing else pace.patience
            frame = self._take(0.0)
            waited = frame is None
            if frame is None:
                frame = self._take(max(0.0, due + patience - time.monotonic()))
            if self._ending:
                return
            missing, made_up = frame is None, 0
            if frame is None:
                pace.admits()
                frame, lost = SILENCE, True
                due += FRAME_S
            else:
                now = time.monotonic()
                pace.late(now - came)
                came = now
                if not pace.admits():
                    self._overruns += 1
                    continue
                made_up = pace.missing_frames() if waited else 0
                lost = self._flat.push(frame) or pace.is_wrong_rate
                frame = self._echo.process(frame)
                due = time.monotonic() + FRAME_S
            if made_up:
                self._overruns += 1
                self._report_missing(pace.missing_share)
            if not lost:
                self.lost_since = None
            elif self.lost_since is None:
                self.lost_since = heard * FRAME_S
            for each in (*repeat(SILENCE, made_up), frame):
                heard += 1
                self._look_after_devices()
                self._on_frame(each)
                yield each

    def end(self) -> None:
        """Make ``frames`` stop. Safe in signal handlers: it takes no lock."""
        self._ending = True

    def close(self) -> None:
        self.end()
        self._microphone.close()
        self._loudspeaker.close()

    def _report_missing(self, share: float) -> None:
        if share >= NOTABLE_SHARE and time.monotonic() >= self._quiet_until:
            self._quiet_until = time.monotonic() + REPORTED_EVERY_S
            self._report(
                f"{share:.0%} of the microphone's sound did not arrive in the last minute, and words get lost: "
                "stop other programs, or try another USB port or microphone"
            )

    def _take(self, timeout: float) -> Frame | None:
        deadline = time.monotonic() + timeout
        microphone = self._microphone.device
        if microphone is not None:
            before = microphone.overruns
            frame = microphone.take(timeout)
            self._overruns += microphone.overruns - before
            if frame is not None:
                self._microphone.mark_healthy()
                return frame
        time.sleep(max(0.0, deadline - time.monotonic()))
        return None

    def _look_after_devices(self) -> None:
        if self._flat.should_reopen():
            self._microphone.reopen()
        self._microphone.poll()
        self._loudspeaker.poll()
        loudspeaker = self._loudspeaker.device
        if loudspeaker is not None and loudspeaker.is_playing():
            self._loudspeaker.mark_healthy()
        else:
            # Unheard sounds still end on time, so that the dialogue goes on.
            self.queue.pull(round(FRAME_S * self.queue.rate))
