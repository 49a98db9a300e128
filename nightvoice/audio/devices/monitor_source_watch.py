"""Detects recording from a loudspeaker: PulseAudio and PipeWire switch to one when the microphone disappears."""

import contextlib
import os
import threading
from collections.abc import Callable
from typing import Any, Final

_NO_DEVICE: Final = 0xFFFFFFFF
"""PulseAudio's invalid index."""


def watch_for_monitors(on_monitor: Callable[[], None]) -> None:
    """Call ``on_monitor`` once this process records from a loudspeaker's monitor source.

    The call comes at once, or later from another thread. Does nothing without PulseAudio or PipeWire.
    """
    try:
        import pulsectl  # noqa: PLC0415 (only the process that records needs it)
    except OSError:
        return  # no libpulse on this machine

    def stop_listening(_event: Any) -> None:
        raise pulsectl.PulseLoopStop

    def watch() -> None:
        with contextlib.suppress(pulsectl.PulseError), server:
            while not _records_monitor(server):
                server.event_listen()
            on_monitor()

    try:
        server = pulsectl.Pulse("nightvoice")
        server.event_mask_set("source_output")
        server.event_callback_set(stop_listening)
        if _records_monitor(server):
            on_monitor()
    except pulsectl.PulseError:
        return  # no server answers
    threading.Thread(target=watch, name="monitor source watch", daemon=True).start()


def _records_monitor(server: Any) -> bool:
    monitors = {source.index for source in server.source_list() if source.monitor_of_sink != _NO_DEVICE}
    ours = str(os.getpid())
    return any(
        recording.source in monitors and recording.proplist.get("application.process.id") == ours
        for recording in server.source_output_list()
    )
