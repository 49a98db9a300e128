"""A real microphone and a real loudspeaker, either of which may be unplugged at any time."""

import time
from collections.abc import Callable, Iterator

from nightvoice.audio.aec.canceller import EchoCanceller
from nightvoice.audio.devices.flatline import FlatlineDetector
from nightvoice.audio.devices.microphone import CaptureStream
from nightvoice.audio.devices.pace import PaceKeeper
from nightvoice.audio.devices.speaker import PLAYING_RATE, PlaybackStream
from nightvoice.audio.devices.spec import DeviceSpec, spec_to_reopen
from nightvoice.audio.devices.supervisor import Supervisor
from nightvoice.audio.devices.timeouts import INPUT_LOST_S
from nightvoice.audio.frames import FRAME_S, SILENCE, Frame
from nightvoice.audio.player import PlaybackQueue
from nightvoice.errors import NightvoiceError


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
    ) -> None:
        """``on_frame`` is called with every yielded frame."""
        self._on_frame = on_frame
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

    def frames(self) -> Iterator[Frame]:
        heard, missing = 0, False
        due, pace = time.monotonic() + FRAME_S, PaceKeeper()
        while not self._ending:
            # Once one is missing, the missed frames come at once, then each when it is due.
            patience = 0.0 if missing else INPUT_LOST_S
            frame = self._take(max(0.0, due + patience - time.monotonic()))
            if self._ending:
                return
            missing, in_time = frame is None, pace.admits()
            if frame is None:
                frame, lost = SILENCE, True
                due += FRAME_S
            elif not in_time:
                self._overruns += 1
                continue
            else:
                lost = self._flat.push(frame) or pace.is_wrong_rate
                frame = self._echo.process(frame)
                due = time.monotonic() + FRAME_S
            if not lost:
                self.lost_since = None
            elif self.lost_since is None:
                self.lost_since = heard * FRAME_S
            heard += 1
            self._look_after_devices()
            self._on_frame(frame)
            yield frame

    def end(self) -> None:
        """Make ``frames`` stop. Safe in signal handlers: it takes no lock."""
        self._ending = True

    def close(self) -> None:
        self.end()
        self._microphone.close()
        self._loudspeaker.close()

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
