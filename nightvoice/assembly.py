"""Builds the assistant from the configuration: the only place that knows all the parts."""

import signal
from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nightvoice.assistant import Assistant, Levels, Sink
from nightvoice.audio.ports import Room
from nightvoice.cli.voice import make_cache, need_speech
from nightvoice.config.schema import Config
from nightvoice.content import load_pack
from nightvoice.content.prompts import prompts, spell
from nightvoice.dialogue.events import EveningTime, Event, MorningTime, StretchTime
from nightvoice.dialogue.guide import Guide
from nightvoice.diary.connect import sqlite_file
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.errors import NightvoiceError
from nightvoice.insight.narrative import tell
from nightvoice.listening import calibration
from nightvoice.listening.engines.preference import Preference
from nightvoice.listening.engines.registry import choose_engine
from nightvoice.listening.pipeline import Listener, SpeechPipeline
from nightvoice.listening.streaming_classifier import Classifier, StreamingClassifier
from nightvoice.models.store import shipped, vosk_folder
from nightvoice.speaking.voice import Speech
from nightvoice.system import paths
from nightvoice.system.clock import LOCAL, ClockWatch
from nightvoice.system.control_socket import Order
from nightvoice.understanding.recognizer import IntentRecognizer

if TYPE_CHECKING:
    from nightvoice.audio.live import LiveRoom


def make_understanding(config: Config) -> IntentRecognizer:
    pack = load_pack(config.language)
    return IntentRecognizer(pack.intents, pack.triage)


def make_ears(config: Config, engine: Preference | None = None, calibrated: bool = True) -> SpeechPipeline:
    """The configured ears; ``engine`` overrides. ``calibrated``: with what ``nightvoice calibrate`` found."""
    need_speech(config)
    listening = config.listening
    chosen = choose_engine(engine or listening.engine, vosk_folder(listening.vosk_model), shipped)
    # Moonshine has a classifier of its own, over its own encoder.
    of_sound = () if chosen.name == "moonshine" else ("cramp.onnx", "commands.onnx")
    wake = StreamingClassifier(*(Classifier(shipped(name)) for name in of_sound)) if of_sound else None
    found = calibration.load(paths.calibration_file(), chosen.name) if calibrated else None
    return SpeechPipeline(
        chosen, wake, make_understanding(config), listening.sensitivity, found.shift if found else 0.0
    )


def make_assistant(
    config: Config,
    room: Room,
    ears: Listener,
    diary: Diary | WriteBehindDiary,
    began: datetime,
    sink: Sink,
    speak: Callable[[str], Speech] | None = None,
    conditions: frozenset[str] | None = None,
    drift: ClockWatch | None = None,
    alive: Callable[[], None] = lambda: None,
    orders: Callable[[], list[Order]] = list,
    only: Event | None = None,
    keep_profile: bool = False,
    notice: str | None = None,
) -> Assistant:
    """``speak``: None for the configured voice. ``conditions``: of the person; None for the configured profile.

    ``drift``, ``alive``, ``orders``: of a night in real time. ``only``: with it the night begins and ends.
    ``keep_profile``: what is said of the person goes into the configuration. ``notice``: which of the pack's phrases is
    said at the beginning.
    """
    journal = diary if isinstance(diary, WriteBehindDiary) else WriteBehindDiary(lambda: diary)
    pack, emergency = load_pack(config.language), config.safety.emergency_number
    guide = Guide(pack, emergency, config.profile.conditions if conditions is None else conditions)
    levels = Levels(config.audio.night_volume, config.audio.help_volume, config.audio.earcons)
    cache = make_cache(config)
    voice = "none" if speak else cache.voice.name
    telling = partial(tell, pack=pack, emergency=spell(emergency))
    wished: dict[Callable[[float], Event], time | None] = {
        MorningTime: config.daily.morning,
        EveningTime: config.daily.evening,
        StretchTime: config.daily.stretches,
    }
    daily = {event: at for event, at in wished.items() if at is not None}
    known = frozenset(prompts(pack, emergency))
    speak = speak or (lambda text: cache.get(text, keep=text in known))
    about = str(pack.about)
    return Assistant(
        room, ears, guide, journal, speak, voice, telling, began, sink, levels, daily,
        only=only, content=about, drift=drift, alive=alive, orders=orders,
        keep=keep_condition if keep_profile else lambda condition, holds: None,
        notice=pack.phrases.talk[notice][0] if notice else "",
    )  # fmt: skip


def run_only(
    only: Event,
    config: Config,
    room: "LiveRoom",
    diary: Diary | WriteBehindDiary,
    began: datetime,
    sink: Sink,
    keep_profile: bool = False,
) -> None:
    """Nothing but that, in this room, which is closed after it. Ctrl+C ends it. Raises NightvoiceError."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: room.end())
    try:
        ears = make_ears(config)
        make_assistant(config, room, ears, diary, began, sink, only=only, keep_profile=keep_profile).run()
    finally:
        room.close()


def keep_condition(condition: str, holds: bool) -> None:
    """Write it into the configuration. Raises NightvoiceError."""
    from nightvoice.config.edit import change  # noqa: PLC0415 (ruamel.yaml is slow to import)

    change({f"profile.{condition}": "true" if holds else "false"})


def open_journal(url: str) -> WriteBehindDiary:
    """The diary of a night in real time. Raises nothing: what is wrong with it, it tells when it is asked."""
    file = sqlite_file(url)
    spare = file.with_name(f"{file.name}.unwritten") if file else paths.data_dir() / "diary.unwritten"
    return WriteBehindDiary(lambda: Diary.open(url), file, spare)


def start_of(text: str | None) -> datetime:
    """When a rehearsed night begins: ISO, local unless it says its zone; None: yesterday evening at half past ten."""
    if text is None:
        evening = datetime.now() - timedelta(days=1)
        return evening.replace(hour=22, minute=30, second=0, microsecond=0, tzinfo=LOCAL)
    try:
        return datetime.fromisoformat(text).astimezone(LOCAL)
    except ValueError:
        raise NightvoiceError(f'"{text}" is no date and time; write it like 2026-03-01T22:30') from None


SAMPLE_FROM = "2026-03-02T02:12:45"
"""When the bundled night begins."""


def sample_night() -> Path:
    """The bundled recording."""
    return Path(__file__).parent / "content" / "sample" / "night.ogg"
