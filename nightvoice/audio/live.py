"""The bedroom itself: a real microphone and a real loudspeaker that may be unplugged at any time."""

import time
from collections.abc import Callable, Iterator

from nightvoice.audio.aec.canceller import EchoCanceller
from nightvoice.audio.devices.flatline import FlatlineDetector
from nightvoice.audio.devices.microphone import CaptureStream
from nightvoice.audio.devices.speaker import PLAYING_RATE, PlaybackStream
from nightvoice.audio.devices.spec import DeviceSpec
from nightvoice.audio.devices.supervisor import Supervisor
from nightvoice.audio.devices.timeouts import INPUT_LOST_S
from nightvoice.audio.frames import FRAME_S, SILENCE, Frame, Samples
from nightvoice.audio.player import PlaybackQueue
from nightvoice.errors import NightvoiceError


class LiveRoom:
    """Opens both devices (number, part of the name, or None for the default); NightvoiceError where that fails.

    Later nothing fails: a dead microphone yields silent frames at the pace of real time, a dead loudspeaker swallows
    what is played, and both are opened again as soon as they can be. What it plays itself is taken out of its frames.
    """

    def __init__(
        self,
        input_device: DeviceSpec = None,
        output_device: DeviceSpec = None,
        on_frame: Callable[[Frame], None] = lambda frame: None,
    ) -> None:
        """``on_frame`` is given every frame that the ears get."""
        self._on_frame = on_frame
        self._player = PlaybackQueue(PLAYING_RATE)
        self._echo = EchoCanceller(PLAYING_RATE)
        microphone = CaptureStream(input_device)
        loudspeaker = PlaybackStream(self._player, output_device, self._echo.push_far_end)
        try:
            heard, played = microphone.wait(), loudspeaker.wait()
        except NightvoiceError:
            microphone.close()
            loudspeaker.close()
            raise
        # Numbers change when something is plugged in or out; names do not.
        input_name = None if input_device is None else heard.name
        output_name = None if output_device is None else played.name
        self._microphone = Supervisor(microphone, lambda: CaptureStream(input_name))
        self._loudspeaker = Supervisor(
            loudspeaker, lambda: PlaybackStream(self._player, output_name, self._echo.push_far_end)
        )
        self._flat = FlatlineDetector()
        self.deaf_since: float | None = None
        """Time (t) of the last real frame, while the microphone gives none."""
        self._overruns = 0
        self._ending = False

    @property
    def overruns(self) -> int:
        """Times that sound was lost on its way in."""
        return self._overruns

    def frames(self) -> Iterator[Frame]:
        heard = 0
        due = time.monotonic() + FRAME_S
        while not self._ending:
            patience = INPUT_LOST_S if self.deaf_since is None else 0.0
            frame = self._take(max(0.0, due + patience - time.monotonic()))
            if self._ending:
                return
            if frame is None:
                frame, deaf = SILENCE, True
                # Once deaf, the frames that were waited for follow at once, then one each time one is due.
                due += FRAME_S
            else:
                deaf = self._flat.push(frame)
                frame = self._echo.process(frame)
                due = time.monotonic() + FRAME_S
            if not deaf:
                self.deaf_since = None
            elif self.deaf_since is None:
                self.deaf_since = heard * FRAME_S
            heard += 1
            self._look_after_devices()
            self._on_frame(frame)
            yield frame

    def play(self, sound: Samples, rate: int, volume: float) -> int:
        return self._player.play(sound, rate, volume)

    def hush(self) -> None:
        self._player.stop()

    def ended(self) -> list[int]:
        return self._player.ended()

    def end(self) -> None:
        """Let ``frames`` come to an end; for signal handlers: it takes no lock, as its own thread may hold any."""
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
            # Unheard sounds end in their time all the same: the dialogue must go on.
            self._player.pull(round(FRAME_S * self._player.rate))
