"""A night in real time, in a virtual bedroom of its own: ``python real_time.py``; what it came to, as JSON.

The bundled night sounds in the room again and again. A lost frame is sound that the microphone gave and the ears never
got: PortAudio says that it ran over, or it waited for the ears for so long that the oldest was dropped.
"""

import json
import os
import signal
import tempfile
import threading
from collections import Counter
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

from nightvoice import assembly
from nightvoice.audio.live import LiveAudio
from nightvoice.audio.ports import AudioPorts
from nightvoice.config.schema import Config
from nightvoice.night.settings import Hooks
from nightvoice.system.clock import LOCAL
from tests.helpers.virtual_room import VirtualRoom

SECONDS = 300.0


def main() -> None:
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    config, events = Config(), list[dict[str, Any]]()
    with VirtualRoom() as bedroom, tempfile.TemporaryDirectory() as folder:
        os.environ.update(bedroom.env | {"XDG_CACHE_HOME": cache})  # where the prompts were rendered at set-up
        live, diary = LiveAudio(), assembly.open_diary(f"{folder}/diary.sqlite")
        audio, listener = AudioPorts(live, assembly.build_speaker(config, live.queue)), assembly.build_pipeline(config)
        settings = assembly.night_settings(config, datetime.now(LOCAL))
        assistant = assembly.build_assistant(config, audio, listener, diary, settings, Hooks(events.append))
        threading.Thread(target=_sounds, args=[bedroom], daemon=True).start()
        threading.Timer(SECONDS, live.end).start()
        signal.signal(signal.SIGTERM, lambda *_: live.end())
        assistant.run()
        live.close()
        diary.close()
    kinds = Counter(event["event"] for event in events)
    print(json.dumps({"seconds": events[-1]["t"], "lost": live.overruns, "events": kinds}), flush=True)
    os._exit(0)  # whoever still plays sound


def _sounds(bedroom: VirtualRoom) -> None:
    """The bundled night, until the room is gone."""
    with suppress(SubprocessError, OSError):
        while True:
            bedroom.play(assembly.sample_night())


if __name__ == "__main__":
    main()
