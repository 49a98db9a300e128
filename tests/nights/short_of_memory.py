"""The bundled night in a process that soon gets no more memory, and some time later does again: its events as JSON.

``python short_of_memory.py DIARY``. While there are no ears the room is silent, at the pace of time.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from nightvoice import assembly
from nightvoice.audio.file import FileAudio
from nightvoice.audio.frames import FRAME_S, SILENCE, Frame
from nightvoice.audio.ports import AudioPorts
from nightvoice.config.schema import Config
from nightvoice.listening.restarting import RestartingListener
from nightvoice.night.settings import Hooks
from nightvoice.system.clock import LOCAL

SHORT_FROM_S, SHORT_UNTIL_S = 3.0, 40.0
LEFT = 5_000_000
"""Bytes that it may still have: the recogniser wants more for a sentence, everything else less."""


class ShortOfMemory(FileAudio):
    """The bundled night twice, the first time for SHORT_UNTIL_S."""

    listener: RestartingListener

    def frames(self) -> Iterator[Frame]:
        for number, frame in enumerate(super().frames()):
            if number == round(SHORT_FROM_S / FRAME_S):
                size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
                resource.setrlimit(resource.RLIMIT_AS, (size + LEFT, resource.RLIM_INFINITY))
            if number == round(SHORT_UNTIL_S / FRAME_S):
                break
            yield frame
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        while self.listener.input_lost:
            time.sleep(FRAME_S)
            yield SILENCE
        self._recording.seek(0)
        yield from super().frames()


def main(diary: str) -> None:
    config, file, behind = Config(), ShortOfMemory(assembly.sample_night()), assembly.open_diary(diary)
    file.listener = RestartingListener(
        lambda: assembly.build_pipeline(config), lambda line: print(line, file=sys.stderr)
    )

    def tell(event: dict[str, object]) -> None:
        print(json.dumps(event, default=str), flush=True)

    audio = AudioPorts(file, assembly.build_speaker(config, file.queue))
    settings = assembly.night_settings(config, datetime(2026, 3, 2, 2, 12, tzinfo=LOCAL))
    assembly.build_assistant(config, audio, file.listener, behind, settings, Hooks(tell)).run()
    behind.close()


if __name__ == "__main__":
    main(sys.argv[1])
