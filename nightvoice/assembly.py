"""Builds the parts from the configuration and joins them: the only module that knows them all.

It imports what handles sound only where that is built: it is slow to import, and typed nights have none.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nightvoice.assistant import Assistant
from nightvoice.audio.ports import AudioPorts
from nightvoice.config.schema import Config
from nightvoice.content.countries import HelpNumbers
from nightvoice.content.loader import load_pack
from nightvoice.dialogue.events import EveningTime, Event, MorningTime, StretchTime
from nightvoice.dialogue.guide import Guide
from nightvoice.diary.connect import sqlite_file
from nightvoice.diary.spool import spool_of
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.errors import NightvoiceError
from nightvoice.insight.narrative import tell
from nightvoice.listening.listener import Listener
from nightvoice.models.store import shipped, vosk_folder
from nightvoice.night.settings import NO_HOOKS, Appointment, Hooks, NightSettings
from nightvoice.rehearsal.script import NightScript, ScriptedUtterance
from nightvoice.rehearsal.silent import ScriptedListener, SilentAudio
from nightvoice.system import paths
from nightvoice.system.clock import LOCAL
from nightvoice.understanding.recognizer import IntentRecognizer
from nightvoice.understanding.sentence_classifier import SentenceClassifier

if TYPE_CHECKING:
    from nightvoice.audio.live import LiveAudio
    from nightvoice.audio.player import PlaybackQueue
    from nightvoice.listening.pipeline import SpeechPipeline
    from nightvoice.listening.transcribers.base import Transcriber
    from nightvoice.speaking.cache import PromptCache
    from nightvoice.speaking.speaker import QueueSpeaker
    from nightvoice.speaking.voice import Voice

EARS_MB: Final = 180
"""Memory that listening takes at least; with less the kernel would kill the program while it loads the models."""


def build_recognizer(config: Config) -> IntentRecognizer:
    """Return the intent recogniser of the configured language. It loads its classifier when it is first needed."""
    pack = load_pack(config.language)
    classifier = SentenceClassifier(shipped(pack.about.classifier)) if pack.about.classifier else None
    return IntentRecognizer(pack.intents, pack.triage, classifier, pack.requests)


def build_pipeline(
    config: Config,
    engine: str | None = None,
    calibrating: bool = False,
    report: Callable[[str], None] = lambda line: None,
    cramps_only: bool = False,
) -> SpeechPipeline:
    """Return the configured listener, or one with ``engine``.

    ``calibrating``: judge each utterance by itself, by the engine's own thresholds; else by the user's calibration.

    ``cramps_only``: nothing else matters, so that no second ear is loaded.

    ``report`` receives what goes wrong later, in one line. Raises NightvoiceError, also if memory is short.
    """
    from nightvoice.listening import calibration
    from nightvoice.listening.engines.registry import EngineOptions, engine_spec
    from nightvoice.listening.pipeline import SpeechPipeline
    from nightvoice.listening.streaming_classifier import StreamingClassifier
    from nightvoice.system.free_memory import require_memory

    require_speech(config)
    require_memory(EARS_MB, "listening")
    listening = config.listening
    options = EngineOptions(config.language, vosk_folder(listening.vosk_model))
    spec = engine_spec(engine or listening.engine, options)
    recognizer = build_recognizer(config)
    recognizer.load()
    found = None if calibrating else calibration.load(paths.calibration_file(), spec.name)
    return SpeechPipeline(
        spec.make(options),
        replace(spec.thresholds, reach=0.0) if calibrating else spec.thresholds,
        recognizer,
        StreamingClassifier.shipped() if spec.needs_classifiers else None,
        listening.sensitivity,
        found.shift if found else 0.0,
        None if cramps_only else build_transcriber(config, report),
    )


def build_transcriber(config: Config, report: Callable[[str], None] = lambda line: None) -> Transcriber | None:
    """Return the second ear; None if it is switched off, not installed, or does not know the language."""
    from nightvoice.listening.transcribers.whisper_base import weights, whisper_base

    if not config.listening.second_ear or config.language != "en" or weights() is None:
        return None
    ear = whisper_base()
    ear.report = report
    return ear


def build_prompt_cache(config: Config) -> PromptCache:
    """Return the cache of the configured voice. Cheap: the voice is loaded for the first text that is not cached."""
    from nightvoice.speaking.cache import PromptCache
    from nightvoice.speaking.registry import choose_voice

    def voice() -> Voice:
        require_speech(config)
        return choose_voice(config.voice.engine, config.voice.rate_wpm)

    return PromptCache(voice, paths.prompts_dir())


def build_speaker(config: Config, queue: PlaybackQueue) -> QueueSpeaker:
    """Return a speaker that plays through ``queue`` with the configured voice."""
    from nightvoice.content.prompts import prompts
    from nightvoice.speaking.speaker import QueueSpeaker, Volumes

    audio = config.audio
    volumes = Volumes(audio.night_volume, audio.help_volume, audio.earcons)
    cache = build_prompt_cache(config)
    known = frozenset(prompts(load_pack(config.language), config.safety.help_numbers))
    return QueueSpeaker(queue, lambda text: cache.get(text, keep=text in known), cache.voice.name, volumes)


def build_assistant(
    config: Config,
    audio: AudioPorts,
    listener: Listener,
    diary: Diary | WriteBehindDiary,
    settings: NightSettings,
    hooks: Hooks = NO_HOOKS,
) -> Assistant:
    """Return the assistant for one night, guided by the configured language pack and profile."""
    behind = diary if isinstance(diary, WriteBehindDiary) else WriteBehindDiary(lambda: diary)
    bridged = config.bridge.host is not None
    profile, whispers = config.profile.conditions, config.voice.whisper
    guide = Guide(load_pack(config.language), config.safety.help_numbers, profile, bridged, whispers)
    return Assistant(audio, listener, guide, behind, settings, hooks)


def night_settings(
    config: Config, began: datetime, only: Event | None = None, notice: str | None = None
) -> NightSettings:
    """Return the configured settings of a night that starts at ``began`` (aware).

    ``only``: limits the night to the dialogue that this event starts. ``notice``: name of the language pack's phrase
    to speak at the start.
    """
    pack = load_pack(config.language)
    at: dict[str, tuple[time | None, Callable[[float], Event]]] = {
        "morning": (config.daily.morning, MorningTime),
        "evening": (config.daily.evening, EveningTime),
        "stretches": (config.daily.stretches, StretchTime),
    }
    return NightSettings(
        began,
        narrate=lambda night, numbers: tell(night, pack, numbers.spoken()),
        numbers=config.safety.help_numbers,
        daily={name: Appointment(due, event) for name, (due, event) in at.items() if due is not None},
        only=only,
        content=str(pack.about),
        notice=pack.phrases.talk[notice][0] if notice else "",
    )


def run_dialogue(
    only: Event, config: Config, audio: LiveAudio, diary: Diary | WriteBehindDiary, began: datetime, hooks: Hooks
) -> None:
    """Run the dialogue that ``only`` starts, live, then close ``audio``. Ctrl+C ends it. Raises NightvoiceError."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: audio.end())
    try:
        ports = AudioPorts(audio, build_speaker(config, audio.queue))
        settings = night_settings(config, began, only=only)
        build_assistant(config, ports, build_pipeline(config), diary, settings, hooks).run()
    finally:
        audio.close()


def rehearse(
    config: Config,
    script: NightScript,
    diary: Diary | WriteBehindDiary,
    began: datetime,
    hooks: Hooks,
    only: Event | None = None,
) -> tuple[ScriptedUtterance, ...]:
    """Run a night of typed words; return the utterances that were never said. Raises NightvoiceError."""
    listener, silent = ScriptedListener(script, build_recognizer(config)), SilentAudio(script.until)
    settings = night_settings(config, began, only=only)
    build_assistant(config, AudioPorts(silent, silent), listener, diary, settings, hooks).run()
    return listener.unsaid


def require_speech(config: Config) -> None:
    """Raise NightvoiceError if the configured language has no recogniser and voice."""
    about = load_pack(config.language).about
    if not about.spoken:
        raise NightvoiceError(
            f"language {config.language}: there is no recogniser and no voice for {about.name} yet; "
            "typed nights work: nightvoice rehearse --script NIGHT.yaml"
        )


def help_numbers() -> HelpNumbers:
    """Return the numbers to call in the present time zone. Raises NightvoiceError."""
    from nightvoice.config.reader import load_config

    return load_config().safety.help_numbers


def keep_condition(condition: str, holds: bool) -> None:
    """Write to the configuration whether ``condition`` holds. Raises NightvoiceError."""
    from nightvoice.config.edit import change

    change({f"profile.{condition}": "true" if holds else "false"})


def open_diary(url: str, night_ends: time | None = None) -> WriteBehindDiary:
    """Return the diary of a night in real time. Never raises: the diary reports problems when it is used."""
    return WriteBehindDiary(lambda: Diary.open(url, night_ends=night_ends), sqlite_file(url), spool_of(url))


def start_of(text: str | None) -> datetime:
    """Parse the start of a rehearsed night: ISO 8601, local unless it has an offset; None is yesterday at 22:30."""
    if text is None:
        evening = datetime.now() - timedelta(days=1)
        return evening.replace(hour=22, minute=30, second=0, microsecond=0, tzinfo=LOCAL)
    try:
        return datetime.fromisoformat(text).astimezone(LOCAL)
    except ValueError:
        raise NightvoiceError(f'"{text}" is no date and time; write it like 2026-03-01T22:30') from None


SAMPLE_FROM = "2026-03-02T02:12:45"
"""Local start time of the bundled sample night, ISO 8601."""


def sample_night() -> Path:
    """Return the path of the bundled sample recording."""
    return Path(__file__).parent / "content" / "sample" / "night.ogg"
