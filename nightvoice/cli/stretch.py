"""``nightvoice stretch``: the bedtime stretches, guided and counted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, diary_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nightvoice.assistant import Sink
    from nightvoice.audio.live import LiveRoom
    from nightvoice.audio.ports import Room
    from nightvoice.config.schema import Config
    from nightvoice.speaking.voice import Speech

LONGEST_S = 900
"""Seconds within which the stretches are over."""


def stretch(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Show what is said, without a sound.")] = False,
    speech: Annotated[Path | None, typer.Option(help="Speak into this WAV file instead.")] = None,
    diary: DiaryOption = None,
) -> None:
    """Lead through the bedtime stretches; "stop" ends them. With --text or --speech nothing is written down."""
    from datetime import datetime

    from nightvoice.audio.live import LiveRoom
    from nightvoice.cli import console
    from nightvoice.config.reader import load_config
    from nightvoice.errors import NightvoiceError
    from nightvoice.system.clock import LOCAL

    if text and speech is not None:
        raise NightvoiceError("stretch: --text has no sound for --speech to write; use one of them")
    config, began = load_config(), datetime.now(LOCAL)
    sink = console.json_lines if as_json else console.transcript(began)
    if text or speech is not None:
        return _offline(config, began, sink, speech)
    try:
        room = LiveRoom(config.audio.input_device, config.audio.output_device)
    except NightvoiceError as error:
        typer.echo(f"nightvoice: {error}\nnightvoice: so here the stretches are in writing", err=True)
        return _offline(config, began, sink, None)
    return _live(config, began, sink, room, diary)


def _live(config: "Config", began: "datetime", sink: "Sink", room: "LiveRoom", diary: str | None) -> None:
    """In this room, written into the diary."""
    from nightvoice import assembly
    from nightvoice.dialogue.events import StretchTime

    journal = assembly.open_journal(diary_url(diary, config))
    try:
        assembly.run_only(StretchTime(0.0, ask=False), config, room, journal, began, sink)
    finally:
        journal.close()


def _offline(config: "Config", began: "datetime", sink: "Sink", speech: Path | None) -> None:
    """Without a person: in writing, or spoken into a file."""
    import tempfile

    import numpy as np
    import soundfile

    from nightvoice import assembly
    from nightvoice.audio.file import WavRoom
    from nightvoice.audio.frames import RATE
    from nightvoice.dialogue.events import StretchTime
    from nightvoice.diary.store import Diary
    from nightvoice.rehearsal import NightScript, ScriptedEars, SilentRoom, silent_speech

    at_once = StretchTime(0.0, ask=False)
    ears = ScriptedEars(NightScript(night=(), until=LONGEST_S), assembly.make_understanding(config))
    with tempfile.TemporaryDirectory() as folder:
        room: Room = SilentRoom(LONGEST_S)
        speak: Callable[[str], Speech] | None = silent_speech
        if speech is not None:
            silence = Path(folder) / "silence.flac"
            soundfile.write(silence, np.zeros(LONGEST_S * RATE, np.int16), RATE)
            room, speak = WavRoom(silence, speech_out=speech), None
        try:
            assembly.make_assistant(config, room, ears, Diary.open(None), began, sink, speak, only=at_once).run()
        finally:
            room.close()
