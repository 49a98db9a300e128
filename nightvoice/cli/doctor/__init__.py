"""Health checks of the whole system, for ``doctor`` and ``support``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nightvoice.cli.doctor.check import CheckFailedError, CheckResult, HealthCheck

if TYPE_CHECKING:
    from nightvoice.config.schema import Config


def checks(more: Sequence[HealthCheck] = ()) -> Iterator[tuple[CheckResult, bool]]:
    """Run all checks, then ``more``, and yield each result and whether it is vital. Failures do not stop the rest."""
    from nightvoice.config.reader import load_config
    from nightvoice.config.schema import Config

    config = Config()
    try:
        config = load_config()
    except Exception as error:
        yield CheckResult("configuration", False, str(error), "fix it; nightvoice does not start until then"), True
    else:
        yield CheckResult("configuration", True, _configuration(), ""), True
    for check in (*_health_checks(), *_ward_checks(config), *more):
        try:
            yield CheckResult(check.name, True, check.run(config), ""), True
        except Exception as error:
            detail = str(error) or type(error).__name__
            vital = error.vital if isinstance(error, CheckFailedError) else True
            yield CheckResult(check.name, False, detail, check.advice), vital


def _health_checks() -> list[HealthCheck]:
    from nightvoice.cli.doctor import hearing, sound, storage

    setup = "run: nightvoice setup"
    return [
        HealthCheck("microphone", sound.microphone, "plug one in, or name it in the configuration: audio.input_device"),
        HealthCheck(
            "level", sound.level, "switch the microphone on, set its level (alsamixer), and check fans and windows"
        ),
        HealthCheck("pace", sound.pace, "stop other programs, or try another USB port or microphone"),
        HealthCheck("speaker", sound.speaker, "plug one in, or name it in the configuration: audio.output_device"),
        HealthCheck("language", hearing.language, "set language in the configuration to a supported one, like en"),
        HealthCheck("recognition", hearing.recognition, setup),
        HealthCheck("second ear", hearing.second_ear, "install nightvoice again, or set listening.second_ear to false"),
        HealthCheck("voice", hearing.voice, "install the package espeak-ng and set voice.engine to espeak"),
        HealthCheck("prompts", hearing.prompts, setup),
        HealthCheck("processor", hearing.processor, "stop other programs, or set listening.engine to pocketsphinx"),
        HealthCheck("calibration", hearing.calibration, "run: nightvoice calibrate"),
        HealthCheck("near misses", hearing.near_misses, "speak clearly in the evening and run: nightvoice calibrate"),
        HealthCheck("disk", storage.disk, "free some space"),
        HealthCheck("diary", storage.diary, "make it writable, or name another one in the configuration: diary.url"),
        HealthCheck("unwritten events", storage.unwritten, "free space for the diary first"),
        HealthCheck("damaged diaries", storage.damaged_diaries, "run: nightvoice recover"),
        HealthCheck("recording", storage.recording, "to delete it: nightvoice recording --delete"),
        HealthCheck(
            "last night", storage.last_night, "check the microphone's cable, and that the computer does not sleep"
        ),
    ]


def _ward_checks(config: Config) -> list[HealthCheck]:
    """Return the checks of a computer that collects the events of a ward."""
    if config.hub.database is None:
        return []
    from nightvoice.cli.doctor import ward

    return [HealthCheck("hubs", ward.hubs, "start each hub again, or release it; check hub.database")]


def _configuration() -> str:
    from nightvoice.system import paths

    file = paths.config_file()
    return str(file) if file.exists() else f"defaults ({file} does not exist)"
