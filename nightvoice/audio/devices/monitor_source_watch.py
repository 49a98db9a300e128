"""PulseAudio and PipeWire move a recording to the loudspeaker's own sound when its microphone goes: notice it."""

import contextlib
import os
import threading
from collections.abc import Callable
from typing import Any, Final

_NONE: Final = 0xFFFFFFFF
"""Stands for no device."""


def watch_for_monitors(on_monitor: Callable[[], None]) -> None:
    """Call ``on_monitor`` if the running recording of this process is of a loudspeaker's monitor: at once, or, in a
    thread of its own, when it becomes one. Without such a sound server there is nothing to watch.
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
        return  # nor a server that answers
    threading.Thread(target=watch, name="monitors", daemon=True).start()


def _records_monitor(server: Any) -> bool:
    monitors = {source.index for source in server.source_list() if source.monitor_of_sink != _NONE}
    ours = str(os.getpid())
    return any(
        recording.source in monitors and recording.proplist.get("application.process.id") == ours
        for recording in server.source_output_list()
    )
