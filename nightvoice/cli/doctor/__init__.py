"""Everything that has to be in order for the night, looked at one by one: what ``doctor`` and ``support`` tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nightvoice.cli.doctor.check import Check, Examination, NotGoodError


def checks(more: Sequence[Examination] = ()) -> Iterator[tuple[Check, bool]]:
    """Every check, then those of ``more``, each with whether it is vital; one that fails never stops the others."""
    from nightvoice.config.reader import load_config
    from nightvoice.config.schema import Config

    config = Config()
    try:
        config = load_config()
    except Exception as error:
        yield Check("configuration", False, str(error), "correct it; until then nightvoice does not start"), True
    else:
        yield Check("configuration", True, _configuration(), ""), True
    for examination in (*_examinations(), *more):
        try:
            yield Check(examination.name, True, examination.look(config), ""), True
        except Exception as error:
            detail = str(error) or type(error).__name__
            vital = error.vital if isinstance(error, NotGoodError) else True
            yield Check(examination.name, False, detail, examination.advice), vital


def _examinations() -> list[Examination]:
    from nightvoice.cli.doctor import hearing, sound, storage

    setup = "run: nightvoice setup"
    return [
        Examination("microphone", sound.microphone, "plug one in, or name it in the configuration: audio.input_device"),
        Examination("level", sound.level, "switch the microphone on, set its level (alsamixer), mind fans and windows"),
        Examination("speaker", sound.speaker, "plug one in, or name it in the configuration: audio.output_device"),
        Examination("language", hearing.language, "set language in the configuration to one that is spoken, like en"),
        Examination("recognition", hearing.recognition, setup),
        Examination("voice", hearing.voice, "install the package espeak-ng and set voice.engine to espeak"),
        Examination("prompts", hearing.prompts, setup),
        Examination("processor", hearing.processor, "let it do less else, or set listening.engine to pocketsphinx"),
        Examination("calibration", hearing.calibration, "run: nightvoice calibrate"),
        Examination("near misses", hearing.near_misses, "speak clearly in the evening and run: nightvoice calibrate"),
        Examination("disk", storage.disk, "free some space"),
        Examination("diary", storage.diary, "make it writable, or name another one in the configuration: diary.url"),
        Examination("damaged diaries", storage.damaged_diaries, "run: nightvoice recover"),
        Examination("recording", storage.recording, "to delete it: nightvoice recording --delete"),
        Examination("last night", storage.last_night, "mind the microphone's cable, and whether the computer sleeps"),
    ]


def _configuration() -> str:
    from nightvoice.system import paths

    file = paths.config_file()
    return str(file) if file.exists() else f"the defaults ({file} is not there)"
