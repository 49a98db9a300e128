"""``nightvoice listen``: run speech recognition alone and show the results."""

from pathlib import Path
from typing import Annotated

import typer

from nightvoice.cli.engine_option import EngineOption


def listen(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Recordings to listen to; default: the microphone.")
    ] = None,
    state: Annotated[
        str, typer.Option(help="Dialogue state to listen in: idle, site, usual, guiding, triage or morning.")
    ] = "idle",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    engine: EngineOption = None,
) -> None:
    """Show recognised words, and rejected ones with the reason, without answering."""
    import signal
    from collections.abc import Iterable
    from dataclasses import asdict
    from itertools import chain, repeat

    from nightvoice import assembly
    from nightvoice.audio.file import FileAudio
    from nightvoice.audio.frames import FRAME_S, SILENCE, Frame
    from nightvoice.audio.live import LiveAudio
    from nightvoice.cli.console import heard_line
    from nightvoice.cli.sinks import json_lines
    from nightvoice.config.reader import load_config
    from nightvoice.content.loader import load_pack
    from nightvoice.errors import NightvoiceError
    from nightvoice.listening.decision import Verdict

    config = load_config()
    states = load_pack(config.language).intents["states"]
    if state not in states:
        raise NightvoiceError(f'unknown state "{state}": use one of {", ".join(states)}')
    pipeline = assembly.build_pipeline(config, engine)
    show_one = json_lines if as_json else heard_line

    def hear(frames: Iterable[Frame], name: str | None) -> None:
        for number, frame in enumerate(frames, start=1):
            result = pipeline.hear(frame, state, None)
            if result is not None:
                event = "heard" if result.verdict is Verdict.HEARD else "rejected"
                fields = asdict(result) | {"verdict": result.verdict.value}
                show_one({"t": round(number * FRAME_S, 3), "event": event, "file": name, **fields})

    if not files:
        live = LiveAudio(config.audio.input_device, config.audio.output_device)
        signal.signal(signal.SIGINT, lambda *_: live.end())
        hear(live.frames(), None)
        live.close()
        return
    for path in files:
        recording = FileAudio(path)
        pipeline.forget()
        # Silence ends the recording's last word, and gives the second ear the second that it answers in.
        hear(chain(recording.frames(), repeat(SILENCE, round(2 / FRAME_S))), str(path))
        recording.close()
