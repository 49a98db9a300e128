"""``nightvoice calibrate``: one's own voice and the room's own sounds set the bar for a cramp; no sound is kept."""

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
"""Repetitions that are asked for."""
ANSWER_S = 6.0
"""So long after being asked the phrase is waited for."""
ROOM_S = 60.0


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
    from dataclasses import asdict
    from datetime import datetime

    from nightvoice import assembly
    from nightvoice.config.reader import load_config
    from nightvoice.errors import NightvoiceError
    from nightvoice.listening import calibration as found
    from nightvoice.system import paths
    from nightvoice.system.clock import LOCAL

    if noise is not None and not recordings:
        raise NightvoiceError("--noise goes with --from; without them the microphone listens to the room itself")
    config = load_config()
    file = paths.calibration_file()
    if reset:
        file.unlink(missing_ok=True)
        typer.echo("forgotten: the bar is the usual one again")
        return
    ears = assembly.build_pipeline(config, calibrated=False)
    said, room = _from_files(ears, recordings, noise) if recordings else _from_the_bed(ears, config)
    shift = found.shift_for(said, room)
    kept = found.Calibration(
        ears.name,
        round(shift, 3),
        len(said),
        sum(margin >= 0 for margin in said),
        sum(margin + shift >= 0 for margin in said),
        round(max(room), 2) if room else None,
        datetime.now(LOCAL).isoformat(timespec="seconds"),
    )
    found.store(file, kept)
    typer.echo(json.dumps(asdict(kept)) if as_json else _in_words(kept))


def _in_words(kept: Calibration) -> str:
    way = "a little sooner" if kept.shift > 0 else "a little later, as your voice is clear"
    change = f"A cramp is now believed {way} ({kept.shift:+.2f})." if kept.shift else "The usual bar fits."
    return f"Heard {kept.heard_before} of {kept.said}, and now {kept.heard_now} of {kept.said}. {change}"


def _from_files(ears: SpeechPipeline, recordings: list[Path], noise: Path | None) -> tuple[list[float], list[float]]:
    from itertools import chain, repeat
    from math import inf

    from nightvoice.audio.file import FileAudio
    from nightvoice.audio.frames import FRAME_S, SILENCE

    def margins(path: Path) -> list[float]:
        room = FileAudio(path)
        try:
            # A second of silence lets the last word end.
            frames = chain(room.frames(), repeat(SILENCE, round(1 / FRAME_S)))
            return [margin for frame in frames if (margin := _margin(ears, frame, None)) is not None]
        finally:
            room.close()

    said = [max(margins(path), default=-inf) for path in recordings]
    return said, margins(noise) if noise is not None else []


def _from_the_bed(ears: SpeechPipeline, config: Config) -> tuple[list[float], list[float]]:
    from math import inf

    from rich.console import Console
    from rich.progress import Progress

    from nightvoice.audio.live import LiveAudio
    from nightvoice.content import load_pack

    talk = load_pack(config.language).phrases.talk
    room = LiveAudio(config.audio.input_device, config.audio.output_device)
    try:
        speak, frames = speaker(room, config), room.frames()
        with Progress(console=Console(stderr=True)) as progress:
            repetitions = progress.add_task("your voice", total=SAID + WHISPERED)
            said = []
            for number in range(SAID + WHISPERED):
                ask = {0: "calibrate_say", SAID: "calibrate_whisper"}.get(number, "calibrate_again")
                speak(talk[ask][0], ears, frames)
                said.append(max(listen_for_cramp(ears, frames, ANSWER_S, until_one=True), default=-inf))
                progress.advance(repetitions)
            speak(talk["calibrate_quiet"][0], ears, frames)
            minute = progress.add_task("the room", total=ROOM_S)
            noise = listen_for_cramp(ears, frames, ROOM_S, on_second=lambda: progress.advance(minute))
        speak(talk["calibrate_done"][0], ears, frames)
        return said, noise
    finally:
        room.close()


def speaker(room: LiveAudio, config: Config) -> Callable[[str, SpeechPipeline, Iterator[Frame]], None]:
    """Says a text in the room while the ears go on listening; returns when it is said."""
    from nightvoice import assembly

    cache = assembly.build_prompt_cache(config)

    def speak(text: str, ears: SpeechPipeline, frames: Iterator[Frame]) -> None:
        speech = cache.get(text)
        number = room.queue.play(speech.samples, speech.rate, config.audio.night_volume)
        for frame in frames:
            _margin(ears, frame, text)
            if number in room.queue.ended():
                ears.on_playback_end()
                return

    return speak


def listen_for_cramp(
    ears: SpeechPipeline,
    frames: Iterator[Frame],
    seconds: float,
    until_one: bool = False,
    on_second: Callable[[], None] = lambda: None,
) -> list[float]:
    """The margins of what is heard in so many seconds; ``until_one``: stop at the first that is anything of a cramp."""
    from nightvoice.audio.frames import FRAME_S
    from nightvoice.errors import NightvoiceError

    found: list[float] = []
    for number in range(round(seconds / FRAME_S)):
        frame = next(frames, None)
        if frame is None:
            raise NightvoiceError("stopped before the end: nothing was changed")
        margin = _margin(ears, frame, None)
        if margin is not None:
            found.append(margin)
            if until_one:
                break
        if int((number + 1) * FRAME_S) > int(number * FRAME_S):
            on_second()
    return found


def _margin(ears: SpeechPipeline, frame: Frame, speaking: str | None) -> float | None:
    """By how much what has just ended passes or misses the bar for a cramp; None: nothing of one has ended."""
    from nightvoice.listening.calibration import margin_of

    perception = ears.hear(frame, "idle", speaking)
    if perception is None or perception.intent != "cramp":
        return None
    return margin_of(perception.score)
