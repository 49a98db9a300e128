"""``nightvoice stretch``: guide through the bedtime stretches and count aloud."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, diary_url, written_at_end

if TYPE_CHECKING:
    from datetime import datetime

    from nightvoice.audio.live import LiveAudio
    from nightvoice.config.schema import Config
    from nightvoice.night.settings import Sink

LONGEST_S = 900
"""Longest duration of the stretches in seconds."""


def stretch(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Print the words instead of speaking them.")] = False,
    speech: Annotated[Path | None, typer.Option(help="WAV file to speak into instead of the loudspeaker.")] = None,
    diary: DiaryOption = None,
) -> None:
    """Guide you through the bedtime stretches; say "stop" to end. --text and --speech write nothing to the diary."""
    from datetime import datetime

    from nightvoice.audio.live import LiveAudio
    from nightvoice.cli.sinks import printing
    from nightvoice.config.reader import load_config
    from nightvoice.errors import NightvoiceError
    from nightvoice.night.bedside import sole_listener
    from nightvoice.system.clock import LOCAL

    if text and speech is not None:
        raise NightvoiceError("stretch: --text has no sound for --speech to write; use one of them")
    config, began = load_config(), datetime.now(LOCAL)
    sink = printing(as_json, began)
    if text or speech is not None:
        return _offline(config, began, sink, speech)
    url = diary_url(diary, config)
    with sole_listener("nightvoice stretch", url, instead='say "start my stretches" to it'):
        try:
            live = LiveAudio(config.audio.input_device, config.audio.output_device)
        except NightvoiceError as error:
            typer.echo(f"nightvoice: {error}\nnightvoice: the stretches follow as text instead", err=True)
            return _offline(config, began, sink, None)
        return _live(config, began, sink, live, url)


def _live(config: "Config", began: "datetime", sink: "Sink", live: "LiveAudio", url: str) -> None:
    """Guide the person live, and write the stretches to the diary."""
    from nightvoice import assembly
    from nightvoice.dialogue.events import StretchTime
    from nightvoice.night.settings import Hooks

    journal = assembly.open_diary(url, config.daily.night_ends)
    with written_at_end(journal):
        assembly.run_dialogue(StretchTime(0.0, ask=False), config, live, journal, began, Hooks(sink))


def _offline(config: "Config", began: "datetime", sink: "Sink", speech: Path | None) -> None:
    """Run without a person: print the words or speak them into a file."""
    from itertools import repeat

    from nightvoice import assembly
    from nightvoice.audio.file import OfflineAudio
    from nightvoice.audio.frames import FRAME_S, SILENCE
    from nightvoice.audio.ports import AudioPorts
    from nightvoice.dialogue.events import StretchTime
    from nightvoice.diary.store import Diary
    from nightvoice.night.settings import Hooks
    from nightvoice.rehearsal.script import NightScript
    from nightvoice.rehearsal.silent import ScriptedListener

    script, at_once = NightScript(night=(), until=LONGEST_S), StretchTime(0.0, ask=False)
    if speech is None:
        assembly.rehearse(config, script, Diary.open(None), began, Hooks(sink), only=at_once)
        return
    offline = OfflineAudio(repeat(SILENCE, round(LONGEST_S / FRAME_S)), speech_out=speech)
    try:
        audio = AudioPorts(offline, assembly.build_speaker(config, offline.queue))
        listener = ScriptedListener(script, assembly.build_recognizer(config))
        settings = assembly.night_settings(config, began, only=at_once)
        assembly.build_assistant(config, audio, listener, Diary.open(None), settings, Hooks(sink)).run()
    finally:
        offline.close()
