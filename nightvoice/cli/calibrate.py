"""``nightvoice calibrate``: adapt the wake thresholds to the person's voice and the sounds of the room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nightvoice.audio.frames import Frame
    from nightvoice.audio.live import LiveAudio
    from nightvoice.config.schema import Config
    from nightvoice.listening.calibration import Calibration
    from nightvoice.listening.pipeline import SpeechPipeline

SAID, WHISPERED = 5, 3
"""Number of repetitions to ask for."""
ANSWER_S = 6.0
"""Seconds to wait for the phrase after asking for it."""
ROOM_S = 60.0
"""Seconds to listen to the sounds of the room."""


def calibrate(
    recordings: Annotated[
        list[Path] | None, typer.Option("--from", help="Recording of the phrase, said once; repeat for at least three.")
    ] = None,
    noise: Annotated[Path | None, typer.Option(help="Recording of the room's background noise; needs --from.")] = None,
    reset: Annotated[bool, typer.Option(help="Delete the calibration and use the default threshold.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Adapt recognition to your voice and your room.

    Say the phrase a few times, also in a whisper, then leave the room quiet for a minute. Only numbers are stored, no
    sound.
    """
    import json
    from contextlib import nullcontext
    from dataclasses import asdict
    from datetime import datetime

    from nightvoice import assembly
    from nightvoice.config.reader import load_config
    from nightvoice.errors import NightvoiceError
    from nightvoice.listening import calibration
    from nightvoice.night.bedside import sole_listener
    from nightvoice.system import paths
    from nightvoice.system.clock import LOCAL

    if noise is not None and not recordings:
        raise NightvoiceError("--noise needs --from; without both, the microphone records the room")
    config = load_config()
    file = paths.calibration_file()
    if reset:
        file.unlink(missing_ok=True)
        typer.echo("calibration deleted: the default thresholds apply again")
        return
    with nullcontext() if recordings else sole_listener("nightvoice calibrate"):
        pipeline = assembly.build_pipeline(config, calibrating=True, cramps_only=True)
        said, room = _from_files(pipeline, recordings, noise) if recordings else _from_microphone(pipeline, config)
    shift = calibration.shift_for(said, room)
    result = calibration.Calibration(
        pipeline.name,
        round(shift, 3),
        len(said),
        sum(margin >= 0 for margin in said),
        sum(margin + shift >= 0 for margin in said),
        round(max(room), 2) if room else None,
        datetime.now(LOCAL).isoformat(timespec="seconds"),
    )
    calibration.store(file, result)
    typer.echo(json.dumps(asdict(result)) if as_json else _summary(result))


def _summary(result: Calibration) -> str:
    way = "lower" if result.shift > 0 else "higher, since your voice is clear"
    change = f"The threshold is now {way} ({result.shift:+.2f})." if result.shift else "The default threshold fits."
    return f"Heard {result.heard_before} of {result.said}, and now {result.heard_now} of {result.said}. {change}"


def _from_files(
    pipeline: SpeechPipeline, recordings: list[Path], noise: Path | None
) -> tuple[list[float], list[float]]:
    from itertools import chain, repeat
    from math import inf

    from nightvoice.audio.file import FileAudio
    from nightvoice.audio.frames import FRAME_S, SILENCE

    def margins(path: Path) -> list[float]:
        recording = FileAudio(path)
        try:
            # A second of silence ends the last word.
            frames = chain(recording.frames(), repeat(SILENCE, round(1 / FRAME_S)))
            return [margin for frame in frames if (margin := _margin(pipeline, frame, None)) is not None]
        finally:
            recording.close()

    said = [max(margins(path), default=-inf) for path in recordings]
    return said, margins(noise) if noise is not None else []


def _from_microphone(pipeline: SpeechPipeline, config: Config) -> tuple[list[float], list[float]]:
    from math import inf

    from rich.console import Console
    from rich.progress import Progress

    from nightvoice.audio.live import LiveAudio
    from nightvoice.content.loader import load_pack

    talk = load_pack(config.language).phrases.talk
    audio = LiveAudio(config.audio.input_device, config.audio.output_device)
    try:
        speak, frames = speaker(audio, config), audio.frames()
        with Progress(console=Console(stderr=True)) as progress:
            repetitions = progress.add_task("your voice", total=SAID + WHISPERED)
            said = []
            for number in range(SAID + WHISPERED):
                ask = {0: "calibrate_say", SAID: "calibrate_whisper"}.get(number, "calibrate_again")
                speak(talk[ask][0], pipeline, frames)
                said.append(max(listen_for_cramp(pipeline, frames, ANSWER_S, until_one=True), default=-inf))
                progress.advance(repetitions)
            speak(talk["calibrate_quiet"][0], pipeline, frames)
            minute = progress.add_task("the room", total=ROOM_S)
            noise = listen_for_cramp(pipeline, frames, ROOM_S, on_second=lambda: progress.advance(minute))
        speak(talk["calibrate_done"][0], pipeline, frames)
        return said, noise
    finally:
        audio.close()


def speaker(audio: LiveAudio, config: Config) -> Callable[[str, SpeechPipeline, Iterator[Frame]], None]:
    """Return a function that speaks a text through ``audio`` while the pipeline listens, and waits for its end."""
    from nightvoice import assembly

    cache = assembly.build_prompt_cache(config)

    def speak(text: str, pipeline: SpeechPipeline, frames: Iterator[Frame]) -> None:
        speech = cache.get(text)
        number = audio.queue.play(speech.samples, speech.rate, config.audio.night_volume)
        for frame in frames:
            if audio.hears_itself:
                pipeline.on_own_voice()
            _margin(pipeline, frame, text)
            if number in audio.queue.ended():
                pipeline.on_playback_end()
                return

    return speak


def listen_for_cramp(
    pipeline: SpeechPipeline,
    frames: Iterator[Frame],
    seconds: float,
    until_one: bool = False,
    on_second: Callable[[], None] = lambda: None,
) -> list[float]:
    """Listen for ``seconds`` and return the margins of all candidate cramps; ``until_one``: stop at the first."""
    from nightvoice.audio.frames import FRAME_S
    from nightvoice.errors import NightvoiceError

    found: list[float] = []
    for number in range(round(seconds / FRAME_S)):
        frame = next(frames, None)
        if frame is None:
            raise NightvoiceError("stopped before the end: nothing was changed")
        margin = _margin(pipeline, frame, None)
        if margin is not None:
            found.append(margin)
            if until_one:
                break
        if int((number + 1) * FRAME_S) > int(number * FRAME_S):
            on_second()
    return found


def _margin(pipeline: SpeechPipeline, frame: Frame, speaking: str | None) -> float | None:
    """Return the margin of a candidate cramp that ended with this frame, or None."""
    from nightvoice.listening.calibration import margin_of

    result = pipeline.hear(frame, "idle", speaking)
    if result is None or result.intent != "cramp":
        return None
    return margin_of(result.score)
