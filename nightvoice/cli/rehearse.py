"""``nightvoice rehearse``: run a recorded or scripted night through the real loop, faster than real time."""

from pathlib import Path
from typing import Annotated

import typer

from nightvoice.cli.engine_option import EngineOption


def rehearse(
    night: Annotated[Path | None, typer.Argument(help="Recording of a night (WAV, FLAC or OGG).")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Rehearse the bundled sample night.")] = False,
    script: Annotated[
        Path | None, typer.Option(help="Night of typed words (YAML) to run instead of a recording.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    speech: Annotated[Path | None, typer.Option(help="WAV file to write the speech to.")] = None,
    diary: Annotated[
        str | None, typer.Option(help="Diary to write to: a path or a database URL; default: none.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Local time at which the night starts, like 2026-03-01T22:30.")
    ] = None,
    engine: EngineOption = None,
) -> None:
    """Run a recorded or typed night through the real loop, faster than real time."""
    from functools import partial

    from nightvoice import assembly
    from nightvoice.cli.sinks import printing
    from nightvoice.config.reader import load_config
    from nightvoice.diary.store import Diary
    from nightvoice.errors import NightvoiceError
    from nightvoice.night.settings import Hooks

    if sum((night is not None, sample, script is not None)) != 1:
        raise NightvoiceError("rehearse: name one recording, or --sample, or --script NIGHT.yaml")
    if script is not None and speech is not None:
        raise NightvoiceError("rehearse: --script has no sound, so there is nothing for --speech to write")
    config = load_config()
    open_book = partial(Diary.open, diary, night_ends=config.daily.night_ends)
    if script is not None:
        from nightvoice.rehearsal.script import read_script

        written = read_script(script)
        began = assembly.start_of(from_ or written.from_)
        hooks = Hooks(printing(as_json, began))
        config = config.with_profile(written.conditions)
        for utterance in assembly.rehearse(config, written, open_book(), began, hooks):
            typer.echo(f'nightvoice: "{utterance.say}" was not said: its time did not come', err=True)
        return
    from nightvoice.audio.file import FileAudio
    from nightvoice.audio.ports import AudioPorts

    began = assembly.start_of(from_ or (assembly.SAMPLE_FROM if sample else None))
    hooks = Hooks(printing(as_json, began))
    file = FileAudio(night or assembly.sample_night(), speech_out=speech)
    try:
        audio = AudioPorts(file, assembly.build_speaker(config, file.queue))
        settings, listener = assembly.night_settings(config, began), assembly.build_pipeline(config, engine)
        assembly.build_assistant(config, audio, listener, open_book(), settings, hooks).run()
    finally:
        file.close()
