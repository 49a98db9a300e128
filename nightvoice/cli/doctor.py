"""``nightvoice doctor``: is everything in order for the night, and if not, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from nightvoice.audio.levels import Levels
    from nightvoice.config import Config

LISTEN_S = 2.0
"""Seconds of the room that the level is measured over."""
LOUD_ROOM_DBFS = -35.0
"""A noise floor above this drowns a sleepy voice."""
SPACE_BYTES = 100_000_000
"""Less free space than this may not last the night."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the answer."""

    name: str
    ok: bool
    detail: str
    advice: str
    """What to do; empty where there is nothing to do."""


@dataclass(frozen=True, slots=True)
class _Examination:
    name: str
    look: Callable[[Config], str]
    """Gives the detail where all is good; raises an exception with it where not."""
    advice: str


class _NotGoodError(Exception):
    """What was looked at is not in order; ``vital``: the night cannot be listened to like that."""

    def __init__(self, detail: str, vital: bool = True) -> None:
        super().__init__(detail)
        self.vital = vital


def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False) -> None:
    """Check microphone, loudspeaker, recognition, voice, disk and diary; exit 1 where the night is at risk."""
    from json import dumps

    ok, checks = True, []
    for check, vital in _checks():
        ok = ok and (check.ok or not vital)
        checks.append(asdict(check))
        if not json:
            _print(check)
    if json:
        typer.echo(dumps({"ok": ok, "checks": checks}, ensure_ascii=False))
    raise typer.Exit(0 if ok else 1)


def _print(check: Check) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    mark = "[green]✓[/] " if check.ok else "[red]✗[/] "
    console.print(f"{mark}[bold]{check.name}[/]: {escape(check.detail)}")
    if check.advice:
        console.print(f"  → {escape(check.advice)}")


def _checks() -> Iterator[tuple[Check, bool]]:
    """Every check with whether it is vital; one that fails never stops the others."""
    from nightvoice.config import Config, load_config

    config = Config()
    try:
        config = load_config()
    except Exception as error:
        yield Check("configuration", False, str(error), "correct it; until then nightvoice does not start"), True
    else:
        yield Check("configuration", True, _configuration(), ""), True
    for examination in _examinations():
        try:
            yield Check(examination.name, True, examination.look(config), ""), True
        except Exception as error:
            detail = str(error) or type(error).__name__
            vital = error.vital if isinstance(error, _NotGoodError) else True
            yield Check(examination.name, False, detail, examination.advice), vital


def _examinations() -> list[_Examination]:
    setup = "run: nightvoice setup"
    return [
        _Examination("microphone", _microphone, "plug one in, or name it in the configuration: audio.input_device"),
        _Examination("level", _level, "switch the microphone on, set its level (alsamixer), mind fans and windows"),
        _Examination("speaker", _speaker, "plug one in, or name it in the configuration: audio.output_device"),
        _Examination("language", _language, "set language in the configuration to one that is spoken, like en"),
        _Examination("recognition", _recognition, setup),
        _Examination("voice", _voice, "install the package espeak-ng and set voice.engine to espeak"),
        _Examination("prompts", _prompts, setup),
        _Examination("disk", _disk, "free some space"),
        _Examination("calibration", _calibration, "run: nightvoice calibrate"),
        _Examination("near misses", _near_misses, "speak clearly in the evening and run: nightvoice calibrate"),
        _Examination("diary", _diary, "make it writable, or name another one in the configuration: diary.url"),
    ]


def _configuration() -> str:
    from nightvoice import paths

    file = paths.config_file()
    return str(file) if file.exists() else f"the defaults ({file} is not there)"


def _microphone(config: Config) -> str:
    from nightvoice.audio import devices

    return devices.find(config.audio.input_device, "input").name


def _level(config: Config) -> str:
    levels = _measure(config)
    measured = f"noise floor {levels.noise_floor:.0f} dBFS, loudest {levels.peak:.0f} dBFS"
    if levels.peak <= -90:
        raise _NotGoodError("nothing but silence comes from the microphone: it is muted or off")
    if levels.clipped > 0.001:
        raise _NotGoodError(f"too loud, it clips: {measured}", vital=False)
    if levels.noise_floor > LOUD_ROOM_DBFS:
        raise _NotGoodError(f"the room or the microphone is noisy: {measured}", vital=False)
    return measured


def _measure(config: Config) -> Levels:
    import numpy as np

    from nightvoice.audio.frames import FRAME_S
    from nightvoice.audio.levels import measure
    from nightvoice.audio.microphone import Microphone

    microphone = Microphone(config.audio.input_device)
    try:
        microphone.wait()
        frames = [frame for _ in range(round(LISTEN_S / FRAME_S)) if (frame := microphone.take(0.5)) is not None]
    finally:
        microphone.close()
    if not frames:
        raise _NotGoodError("the microphone gives no sound at all")
    # The first moments of an opened device are often silence.
    return measure(np.concatenate(frames[len(frames) // 4 :]))


def _speaker(config: Config) -> str:
    from nightvoice.audio.loudspeaker import PLAYING_RATE, Loudspeaker
    from nightvoice.audio.player import Player

    loudspeaker = Loudspeaker(Player(PLAYING_RATE), config.audio.output_device)
    try:
        return loudspeaker.wait().name
    finally:
        loudspeaker.close()


def _language(config: Config) -> str:
    from nightvoice.cli.voice import need_speech
    from nightvoice.content import load_pack

    need_speech(config)
    return str(load_pack(config.language).about)


def _recognition(config: Config) -> str:
    from nightvoice.listening.choose import choose_engine
    from nightvoice.model_store import shipped, vosk_folder

    folder = vosk_folder(config.listening.vosk_model)
    engine = choose_engine(config.listening.engine, folder, shipped)
    return f"vosk with {folder.name}" if engine.name == "vosk" else engine.name


def _voice(config: Config) -> str:
    from nightvoice.speaking.choose import choose_voice

    voice = choose_voice(config.voice.engine, config.voice.rate_wpm)
    voice.render("Good night.")
    return voice.name


def _prompts(config: Config) -> str:
    from nightvoice.cli.voice import make_cache
    from nightvoice.content import load_pack
    from nightvoice.content.prompts import prompts

    texts = prompts(load_pack(config.language), config.safety.emergency_number)
    cache = make_cache(config)
    missing = len(cache.missing(texts))
    if missing:
        raise _NotGoodError(f"{missing} of {len(texts)} are not rendered yet, so answers come late", vital=False)
    return f"all {len(texts)} are rendered"


def _disk(config: Config) -> str:
    import shutil

    from nightvoice import paths

    folder = _existing(paths.data_dir())
    free = shutil.disk_usage(folder).free
    if free < SPACE_BYTES:
        raise _NotGoodError(f"{folder}: only {free / 1e6:.0f} MB are free")
    return f"{folder}: {free / 1e9:.1f} GB are free"


def _diary(config: Config) -> str:
    from pathlib import Path

    from nightvoice import paths
    from nightvoice.diary.opening import REVISION
    from nightvoice.diary.store import Diary

    diary = Diary.open(config.diary.url or paths.diary_url())
    diary.close()
    file = Path(diary.name)
    size = f", {file.stat().st_size / 1e3:.0f} kB" if file.is_file() else ""
    return f"{diary.name}, version {REVISION}{size}"


def _calibration(config: Config) -> str:
    from nightvoice import paths
    from nightvoice.listening import calibration
    from nightvoice.listening.choose import choose_engine
    from nightvoice.model_store import shipped, vosk_folder

    engine = choose_engine(config.listening.engine, vosk_folder(config.listening.vosk_model), shipped)
    kept = calibration.load(paths.calibration_file(), engine.name)
    if kept is None:
        return "none: nightvoice calibrate fits it to your voice and your room"
    return f"of {kept.at:.10}: heard {kept.heard_now} of {kept.said}, moved by {kept.shift:+.2f}"


def _near_misses(_config: Config) -> str:
    from datetime import datetime, timedelta

    from nightvoice import paths
    from nightvoice.clock import LOCAL
    from nightvoice.listening.near_misses import NearMisses

    scores = [miss.score for miss in NearMisses(paths.near_misses_file()).read(datetime.now(LOCAL) - timedelta(days=1))]
    if not scores:
        return "none in the last 24 hours"
    return f"{len(scores)} in the last 24 hours, the nearest {max(scores):.2f} (0.50 is heard)"


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())
