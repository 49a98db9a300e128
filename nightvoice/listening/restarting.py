"""A listener that replaces itself when it fails, and in quiet moments when it has grown old or large."""

import threading
import traceback
from collections.abc import Callable
from typing import Final

from nightvoice.audio.frames import FRAME_S, Frame
from nightvoice.listening.listener import Listener, RecognitionResult
from nightvoice.system.malloc_trim import limit_to_one_arena, release_free_memory, resident_mb

MAX_AGE_S: Final = 12 * 3600.0
"""Age at which a listener is replaced: some recognisers, all in C++, grow over hours."""
MAX_GROWTH_MB: Final = 200.0
"""Growth of the process, since the listener was built, at which it is replaced."""
_CHECK_S: Final = 60.0
"""Interval between checks of the memory."""
_MIN_BACKOFF_S: Final = 1.0
_MAX_BACKOFF_S: Final = 60.0


class RestartingListener:
    """Delegates to a listener built by ``build``, and replaces it when needed.

    Building may take seconds: the first listener is built at once, later ones in a thread. ``report`` receives each
    failure in one line. While there is no listener, ``input_lost`` is true.
    """

    def __init__(self, build: Callable[[], Listener], report: Callable[[str], None]) -> None:
        self._build, self._report = build, report
        limit_to_one_arena()
        self._current: Listener | None = build()
        self._name = self._current.name
        self._next: Listener | None = None
        self._builder: threading.Thread | None = None
        self._age = 0.0
        """Seconds since the current listener was built."""
        self._initial_mb: float | None = None
        self._backoff = _MIN_BACKOFF_S
        self._retry_in = 0.0
        """Seconds until the next attempt to build one."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def input_lost(self) -> bool:
        return self._current is None

    @property
    def idle(self) -> bool:
        return self._current is None or self._current.idle

    def hear(self, frame: Frame, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
        self._age += FRAME_S
        if self._age % _CHECK_S < FRAME_S and state == "idle" and self.idle:
            release_free_memory()
        self._replace_if_needed(state)
        if self._current is None:
            return None
        try:
            return self._current.hear(frame, state, speaking, question)
        except Exception:
            self._handle_failure()
            return None

    def on_own_voice(self) -> None:
        self._tell(lambda listener: listener.on_own_voice())

    def on_playback_end(self) -> None:
        self._tell(lambda listener: listener.on_playback_end())

    def _tell(self, event: Callable[[Listener], None]) -> None:
        if self._current is None:
            return
        try:
            event(self._current)
        except Exception:
            self._handle_failure()

    def _handle_failure(self) -> None:
        self._current = None
        young = self._age < _MAX_BACKOFF_S
        self._retry_in = self._backoff if young else 0.0
        self._backoff = min(2 * self._backoff, _MAX_BACKOFF_S) if young else _MIN_BACKOFF_S
        self._report(f"recognition failed and is restarted: {traceback.format_exc().strip().splitlines()[-1]}")

    def _replace_if_needed(self, state: str) -> None:
        if self._next is not None and (self._current is None or (state == "idle" and self._current.idle)):
            self._current, self._next = self._next, None
            self._age, self._initial_mb = 0.0, None
        elif self._builder is not None and self._builder.is_alive():
            return
        elif self._retry_in > 0:
            self._retry_in -= FRAME_S
        elif self._current is None or (state == "idle" and self._next is None and self._is_worn()):
            self._start_building()

    def _is_worn(self) -> bool:
        if self._age >= MAX_AGE_S:
            return True
        if self._age % _CHECK_S >= FRAME_S:
            return False
        size = resident_mb()
        if self._initial_mb is None and self._age >= _CHECK_S:
            self._initial_mb = size  # lazily loaded parts are in memory by now
        return self._initial_mb is not None and size - self._initial_mb >= MAX_GROWTH_MB

    def _start_building(self) -> None:
        # Not a daemon: exit waits for it, since a recogniser that is half loaded would crash the interpreter.
        self._builder = threading.Thread(target=self._build_next, name="new listener")
        try:
            self._builder.start()
        except RuntimeError as error:  # no memory for another thread
            self._builder, self._age = None, 0.0
            self._handle_build_failure(error)

    def _build_next(self) -> None:
        try:
            self._next = self._build()
        except Exception as error:
            self._handle_build_failure(error)

    def _handle_build_failure(self, error: Exception) -> None:
        self._retry_in = self._backoff = min(2 * self._backoff, _MAX_BACKOFF_S)
        self._report(f"recognition cannot be started: {str(error) or type(error).__name__}")
