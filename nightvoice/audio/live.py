"""The bedroom itself: a real microphone and a real loudspeaker that may be unplugged at any time."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Final

from nightvoice.audio import devices
from nightvoice.audio.devices import PATIENCE_S
from nightvoice.audio.frames import FRAME_S, SILENCE, Frame, Samples
from nightvoice.audio.loudspeaker import Loudspeaker, playing_rate
from nightvoice.audio.microphone import Microphone
from nightvoice.audio.player import Player
from nightvoice.errors import NightvoiceError

_FIRST_RETRY_S: Final = 1.0
_LAST_RETRY_S: Final = 15.0
CLOSE_S: Final = 3.0
"""How long the devices may take to close."""


class LiveRoom:
    """Opens both devices (number, part of the name, or None for the default); NightvoiceError where that fails.

    Later nothing fails: a dead microphone yields silent frames at the pace of real time, a dead loudspeaker swallows
    what is played, and both are opened again as soon as they can be.
    """

    def __init__(self, input_device: str | int | None = None, output_device: str | int | None = None) -> None:
        microphone = devices.find(input_device, "input")
        loudspeaker = devices.find(output_device, "output")
        # Numbers change when something is plugged in or out; names do not.
        self._input = None if input_device is None else microphone.name
        self._output = None if output_device is None else loudspeaker.name
        self._player = Player(playing_rate(loudspeaker))
        self._microphone: Microphone | None = Microphone(microphone)
        self._loudspeaker: Loudspeaker | None = None
        try:
            self._loudspeaker = Loudspeaker(loudspeaker, self._player)
        except NightvoiceError:
            self._microphone.close()
            raise
        self.deaf_since: float | None = None
        """Time (t) of the last real frame, while the microphone gives none."""
        self.gaps: list[tuple[float, float]] = []
        """Past stretches (t) in which the microphone gave nothing."""
        self._past_overruns = 0
        self._ending = False
        self._closed = threading.Event()
        self._keeper: threading.Thread | None = None

    @property
    def overruns(self) -> int:
        """Times that sound was lost on its way in."""
        microphone = self._microphone
        return self._past_overruns + (microphone.overruns if microphone else 0)

    def frames(self) -> Iterator[Frame]:
        heard = 0
        due = time.monotonic() + FRAME_S
        while not self._ending:
            patience = PATIENCE_S if self.deaf_since is None else 0.0
            frame = self._take(max(0.0, due + patience - time.monotonic()))
            if self._ending:
                return
            if frame is None:
                if self.deaf_since is None:
                    self.deaf_since = heard * FRAME_S
                frame = SILENCE
                # Once deaf, the frames that were waited for follow at once, then one each time one is due.
                due += FRAME_S
            else:
                if self.deaf_since is not None:
                    self.gaps.append((self.deaf_since, heard * FRAME_S))
                    self.deaf_since = None
                due = time.monotonic() + FRAME_S
            heard += 1
            self._look_after_devices()
            yield frame

    def play(self, sound: Samples, rate: int, volume: float) -> int:
        return self._player.play(sound, rate, volume)

    def hush(self) -> None:
        self._player.hush()

    def ended(self) -> list[int]:
        return self._player.ended()

    def end(self) -> None:
        """Let ``frames`` come to an end; for signal handlers: it takes no lock, as its own thread may hold any."""
        self._ending = True

    def close(self) -> None:
        """As ``Room.close``; a sound library that hangs is left behind after CLOSE_S."""
        self.end()
        self._closed.set()
        closing = threading.Thread(target=self._close_devices, name="closing the devices", daemon=True)
        closing.start()
        closing.join(CLOSE_S)
        if closing.is_alive():
            devices.abandon()

    def _close_devices(self) -> None:
        if self._keeper is not None:
            self._keeper.join()
        self._close_microphone()
        self._close_loudspeaker()

    def _take(self, timeout: float) -> Frame | None:
        microphone = self._microphone
        if microphone is not None:
            return microphone.take(timeout)
        self._closed.wait(timeout)
        return None

    def _loudspeaker_is_dead(self) -> bool:
        loudspeaker = self._loudspeaker
        return loudspeaker is None or loudspeaker.is_dead()

    def _in_order(self) -> bool:
        return self.deaf_since is None and not self._loudspeaker_is_dead()

    def _look_after_devices(self) -> None:
        if self._loudspeaker_is_dead():
            # Unheard sounds end in their time all the same: the dialogue must go on.
            self._player.pull(round(FRAME_S * self._player.rate))
        if not self._in_order() and (self._keeper is None or not self._keeper.is_alive()):
            self._keeper = threading.Thread(target=self._keep_opening, name="keeper of the devices", daemon=True)
            self._keeper.start()

    def _keep_opening(self) -> None:
        """Open what is dead until it lives; in a thread of its own, because opening can take seconds."""
        wait = _FIRST_RETRY_S
        first = True
        while not self._closed.wait(wait) and not self._in_order():
            # Reading the list of devices anew interrupts what is playing, so speech comes first.
            if not first and (self._loudspeaker_is_dead() or not self._player.busy):
                self._close_microphone()
                self._close_loudspeaker()
                with contextlib.suppress(NightvoiceError):
                    devices.reread()
            self._open_dead()
            first = False
            wait = min(2 * wait, _LAST_RETRY_S)

    def _open_dead(self) -> None:
        if self.deaf_since is not None:
            self._close_microphone()
            with contextlib.suppress(NightvoiceError):
                self._microphone = Microphone(devices.find(self._input, "input"))
        if self._loudspeaker_is_dead():
            self._close_loudspeaker()
            with contextlib.suppress(NightvoiceError):
                self._loudspeaker = Loudspeaker(devices.find(self._output, "output"), self._player)

    def _close_microphone(self) -> None:
        microphone, self._microphone = self._microphone, None
        if microphone is not None:
            self._past_overruns += microphone.overruns
            microphone.close()

    def _close_loudspeaker(self) -> None:
        loudspeaker, self._loudspeaker = self._loudspeaker, None
        if loudspeaker is not None:
            loudspeaker.close()
