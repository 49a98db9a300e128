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
"""Longest the stretches may take, in seconds."""


def stretch(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Print the words instead of speaking them.")] = False,
    speech: Annotated[Path | None, typer.Option(help="WAV file to speak into instead of the loudspeaker.")] = None,
    diary: DiaryOption = None,
) -> None:
    """Guide you through the bedtime stretches; say "stop" to end. --text and --speech write nothing to the diary."""
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
        typer.echo(f"nightvoice: {error}\nnightvoice: the stretches follow as text instead", err=True)
        return _offline(config, began, sink, None)
    return _live(config, began, sink, room, diary)


def _live(config: "Config", began: "datetime", sink: "Sink", room: "LiveRoom", diary: str | None) -> None:
    """Guide a person in this room, and write it to the diary."""
    from nightvoice import assembly
    from nightvoice.dialogue.events import StretchTime

    journal = assembly.open_journal(diary_url(diary, config))
    try:
        assembly.run_only(StretchTime(0.0, ask=False), config, room, journal, began, sink)
    finally:
        journal.close()


def _offline(config: "Config", began: "datetime", sink: "Sink", speech: Path | None) -> None:
    """Run without a person: print the words, or speak them into a file."""
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
