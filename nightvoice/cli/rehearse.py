"""``nightvoice rehearse``: a recorded or written night through the real loop, faster than real time."""

from pathlib import Path
from typing import Annotated

import typer

from nightvoice.listening.engines.preference import Preference


def rehearse(
    night: Annotated[Path | None, typer.Argument(help="A recording (WAV, FLAC or OGG).")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Rehearse the bundled sample night.")] = False,
    script: Annotated[Path | None, typer.Option(help="A night of typed words (YAML) instead of a recording.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    speech: Annotated[Path | None, typer.Option(help="Write what is spoken to this WAV file.")] = None,
    diary: Annotated[str | None, typer.Option(help="Write into this diary; else into none that stays.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="When it begins, like 2026-03-01T22:30.")] = None,
    engine: Annotated[Preference | None, typer.Option(help="Instead of the configured one.")] = None,
) -> None:
    """Run a recording through the real loop as if it were the microphone."""
    from nightvoice import assembly
    from nightvoice.cli import console
    from nightvoice.config.reader import load_config
    from nightvoice.diary.store import Diary
    from nightvoice.errors import NightvoiceError

    if sum((night is not None, sample, script is not None)) != 1:
        raise NightvoiceError("rehearse: name one recording, or --sample, or --script NIGHT.yaml")
    if script is not None and speech is not None:
        raise NightvoiceError("rehearse: --script has no sound, so there is nothing for --speech to write")
    config = load_config()
    if script is not None:
        from nightvoice.rehearsal import ScriptedEars, SilentRoom, read_script, silent_speech

        written = read_script(script)
        began = assembly.start_of(from_ or written.from_)
        sink = console.json_lines if as_json else console.transcript(began)
        ears = ScriptedEars(written, assembly.make_understanding(config))
        assistant = assembly.make_assistant(
            config, SilentRoom(written.until), ears, Diary.open(diary), began, sink, silent_speech, written.conditions
        )
        assistant.run()
        for utterance in ears.unsaid:
            typer.echo(f'nightvoice: "{utterance.say}" was not said: its time did not come', err=True)
        return
    from nightvoice.audio.file import WavRoom

    began = assembly.start_of(from_ or (assembly.SAMPLE_FROM if sample else None))
    sink = console.json_lines if as_json else console.transcript(began)
    room = WavRoom(night or assembly.sample_night(), speech_out=speech)
    try:
        assembly.make_assistant(config, room, assembly.make_ears(config, engine), Diary.open(diary), began, sink).run()
    finally:
        room.close()
