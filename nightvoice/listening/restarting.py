"""Ears that are made anew when they fail, and now and then in a quiet moment, before they have grown."""

import threading
import traceback
from collections.abc import Callable
from typing import Final

from nightvoice.audio.frames import FRAME_S, Frame
from nightvoice.listening.pipeline import Listener, RecognitionResult
from nightvoice.system.malloc_trim import limit_to_one_arena, release_free_memory, resident_mb

RENEW_S: Final = 12 * 3600.0
"""Recognisers are long-lived programs in C++, and some of them grow: none gets older."""
GROWN_MB: Final = 200.0
"""Nor does one live on once the process has grown by so much since they were new."""
_LOOK_S: Final = 60.0
_FIRST_WAIT_S: Final = 1.0
_LAST_WAIT_S: Final = 60.0


class RestartingListener:
    """``make`` makes ears, the first ones at once; it may take seconds, so later ones are made in a thread.

    ``trouble`` is told in one line what went wrong. While there are no ears, ``deaf`` is true.
    """

    def __init__(self, make: Callable[[], Listener], trouble: Callable[[str], None]) -> None:
        self._make, self._trouble = make, trouble
        limit_to_one_arena()
        self._ears: Listener | None = make()
        self._name = self._ears.name
        self._coming: Listener | None = None
        self._maker: threading.Thread | None = None
        self._age = 0.0
        self._size: float | None = None
        self._wait = _FIRST_WAIT_S
        self._pause = 0.0
        """Seconds until it is tried again."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def input_lost(self) -> bool:
        return self._ears is None

    @property
    def idle(self) -> bool:
        return self._ears is None or self._ears.idle

    def hear(self, frame: Frame, state: str, speaking: str | None) -> RecognitionResult | None:
        self._age += FRAME_S
        if self._age % _LOOK_S < FRAME_S and state == "idle" and self.idle:
            release_free_memory()
        self._renew(state)
        if self._ears is None:
            return None
        try:
            return self._ears.hear(frame, state, speaking)
        except Exception:
            self._fail()
            return None

    def on_playback_end(self) -> None:
        if self._ears is None:
            return
        try:
            self._ears.on_playback_end()
        except Exception:
            self._fail()

    def _fail(self) -> None:
        self._ears = None
        self._pause = self._wait if self._age < _LAST_WAIT_S else 0.0
        self._wait = min(2 * self._wait, _LAST_WAIT_S) if self._age < _LAST_WAIT_S else _FIRST_WAIT_S
        self._trouble(f"the ears failed and are made anew: {traceback.format_exc().strip().splitlines()[-1]}")

    def _renew(self, state: str) -> None:
        if self._coming is not None and (self._ears is None or (state == "idle" and self._ears.idle)):
            self._ears, self._coming = self._coming, None
            self._age, self._size = 0.0, None
        elif self._maker is not None and self._maker.is_alive():
            return
        elif self._ears is None:
            self._pause -= FRAME_S
            if self._pause <= 0:
                self._begin()
        elif state == "idle" and self._coming is None and self._is_old():
            self._begin()

    def _is_old(self) -> bool:
        if self._age >= RENEW_S:
            return True
        if self._age % _LOOK_S >= FRAME_S:
            return False
        size = resident_mb()
        if self._size is None and self._age >= _LOOK_S:
            self._size = size  # what loads lazily has loaded
        return self._size is not None and size - self._size >= GROWN_MB

    def _begin(self) -> None:
        # No daemon: the program's end waits for it, since a recogniser half loaded would crash the interpreter's end.
        self._maker = threading.Thread(target=self._build, name="new ears")
        try:
            self._maker.start()
        except RuntimeError as error:  # no memory for another thread
            self._maker, self._age = None, 0.0
            self._cannot(error)

    def _build(self) -> None:
        try:
            self._coming = self._make()
        except Exception as error:
            self._cannot(error)

    def _cannot(self, error: Exception) -> None:
        self._pause = self._wait = min(2 * self._wait, _LAST_WAIT_S)
        self._trouble(f"the ears cannot be made: {error or type(error).__name__}")
