"""Checks of recognition, voice, prompts and processor speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nightvoice.cli.doctor.check import CheckFailedError
from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.config.schema import Config
    from nightvoice.listening.engines.registry import EngineOptions, EngineSpec

MAX_LOAD = 0.7
"""Highest share of real time that leaves enough reserve; above it, other work on the computer delays answers."""
PAUSE_S = 1.5
"""Seconds of silence that certainly end a sentence."""


def language(config: Config) -> str:
    from nightvoice.assembly import require_speech
    from nightvoice.content.loader import load_pack

    require_speech(config)
    return str(load_pack(config.language).about)


def recognition(config: Config) -> str:
    spec, options = _engine(config)
    name = spec.make(options).name
    return f"vosk with {options.vosk_model.name}" if name == "vosk" and options.vosk_model else name


def second_ear(config: Config) -> str:
    """Load the second ear. It is not vital: without it, fewer words of your own are understood."""
    from nightvoice.assembly import build_transcriber
    from nightvoice.listening.transcribers.whisper_base import WhisperBase

    if build_transcriber(config) is None:
        return "none" if config.listening.second_ear else "switched off"
    try:
        return WhisperBase().name
    except NightvoiceError as error:
        raise CheckFailedError(str(error), vital=False) from None


def voice(config: Config) -> str:
    from nightvoice.speaking.registry import choose_voice

    voice = choose_voice(config.voice.engine, config.voice.rate_wpm)
    voice.render("Good night.")
    return voice.name


def prompts(config: Config) -> str:
    from nightvoice.assembly import build_prompt_cache
    from nightvoice.content.loader import load_pack
    from nightvoice.content.prompts import prompts

    texts = prompts(load_pack(config.language), config.safety.help_numbers)
    cache = build_prompt_cache(config)
    missing = len(cache.missing(texts))
    if missing:
        raise CheckFailedError(f"{missing} of {len(texts)} are not rendered yet, so answers come late", vital=False)
    return f"all {len(texts)} are rendered"


def processor(config: Config) -> str:
    """Measure the recognition time for a spoken sentence and for silence."""
    from time import perf_counter

    import numpy as np
    import soxr

    from nightvoice import assembly
    from nightvoice.assembly import build_prompt_cache
    from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, SILENCE

    speech = build_prompt_cache(config).get(prompt_text(config))
    sound = soxr.resample(speech.samples, speech.rate, RATE)
    sentence = np.pad(sound, (0, -len(sound) % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
    quiet = [SILENCE] * round(PAUSE_S / FRAME_S)
    ears = assembly.build_pipeline(config, cramps_only=True)
    shares = []
    # The first run triggers lazy loading; the later ones are measured.
    for frames in ([*sentence, *quiet], [*sentence, *quiet], quiet):
        began = perf_counter()
        for frame in frames:
            ears.hear(frame, "idle", None)
        shares.append((perf_counter() - began) / (len(frames) * FRAME_S))
    spoken, silent = shares[1:]
    measured = f"listening takes {spoken:.0%} of the time while somebody speaks, {silent:.1%} in silence"
    if spoken > MAX_LOAD:
        raise CheckFailedError(f"too slow, answers come late: {measured}", vital=spoken > 1)
    return measured


def calibration(config: Config) -> str:
    from nightvoice.listening import calibration
    from nightvoice.system import paths

    kept = calibration.load(paths.calibration_file(), _engine(config)[0].name)
    if kept is None:
        return "none: nightvoice calibrate fits it to your voice and your room"
    return f"of {kept.at:.10}: heard {kept.heard_now} of {kept.said}, moved by {kept.shift:+.2f}"


def near_misses(_config: Config) -> str:
    from datetime import datetime, timedelta

    from nightvoice.listening.near_misses import NearMisses
    from nightvoice.system import paths
    from nightvoice.system.clock import LOCAL

    scores = [miss.score for miss in NearMisses(paths.near_misses_file()).read(datetime.now(LOCAL) - timedelta(days=1))]
    if not scores:
        return "none in the last 24 hours"
    return f"{len(scores)} in the last 24 hours, the nearest {max(scores):.2f} (0.50 is heard)"


def prompt_text(config: Config) -> str:
    """Return the sentence that asks for the phrase."""
    from nightvoice.content.loader import load_pack

    return load_pack(config.language).phrases.talk["calibrate_say"][0]


def _engine(config: Config) -> tuple[EngineSpec, EngineOptions]:
    from nightvoice.listening.engines.registry import EngineOptions, engine_spec
    from nightvoice.models.store import vosk_folder

    options = EngineOptions(config.language, vosk_folder(config.listening.vosk_model))
    return engine_spec(config.listening.engine, options), options
