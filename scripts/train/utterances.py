"""Encode the farm's clips and the recordings with the encoder's shared layers, each with other nights' sounds.

One ``.npz`` per unit of work and copy (units as in dataset.py); what exists is not made again. Each has ``states``
(n, 288) and, per utterance, ``first`` and ``count`` (rows), ``group`` and ``text``.
"""

import os
import random
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
import typer
from rich.progress import track

from nightvoice.listening.engines.moonshine.model import Moonshine
from scripts.train.augment import OWN, RATE, Sound, loudness, piece
from scripts.train.dataset import (
    CONDITIONS,
    HUSHED,
    Clip,
    Unit,
    as_in,
    chain,
    farm_speakers,
    is_validation,
    recordings,
    surroundings,
)
from scripts.train.overspeech import overspoken

COPIES = {"cramp": 14, "ouch": 11, "near": 9, "speech": 6, "flag": 6}
COMMAND_COPIES = 14
ECHO = "echo"
"""The copy in which everything is spoken over the assistant."""
CHAINED = 0.15
"""Share of the cramps, and of what sounds near or is a sentence, before which the same speaker says something else."""
TAIL = "tail"
"""The validation copy at 10 dB in which noise runs on after every voice."""
TAILED = 0.35
"""Share of the other copies' utterances in which it does."""
LONGEST = 4 * RATE
"""Maximum samples of an utterance; of a longer one only the end is used."""
_UNIT = 150


@cache
def _model(encoder: Path) -> Moonshine:
    return Moonshine.shipped(encoder)


def utterance(
    clip: Clip, before: Sequence[Clip], copy: str, split: str, audio: Path, own: float, rng: np.random.Generator
) -> Sound:
    """The clip, at times after one of those that may be said before it, as the gate would cut it out of the night."""
    night = surroundings(audio, split)
    files = clip.files
    if copy.isdigit() and before and clip.group in ("cramp", "near", "speech") and rng.uniform() < CHAINED:
        files = (*before[int(rng.integers(len(before)))].files, *files)
    sound = chain(files, rng)
    if clip.group in ("human", "noise"):
        length = int(rng.uniform(0.8, 4) * RATE)
        start = int(rng.integers(max(1, sound.size - length)))
        sound = sound[start : start + length]
    sound, night = as_in("snr10" if copy == TAIL else copy, night, sound, clip.group, rng, own)
    voice = max(loudness(sound), 1e-5)
    tailed = copy == TAIL or (copy.isdigit() and rng.uniform() < TAILED)
    silence = int(rng.uniform(0.1, 0.6) * RATE)
    after = int((rng.uniform(0.5, 2) if tailed else rng.uniform(0.05, 0.45)) * RATE)
    whole = np.pad(sound, (silence, after))
    if copy.isdigit() and clip.group != "noise" and rng.uniform() < 0.08:
        talk = piece(night.talkers, max(1, silence - int(rng.uniform(0.02, 0.1) * RATE)), rng)
        whole[: talk.size] = talk * (voice / max(loudness(talk), 1e-5) * rng.uniform(0.3, 1))
    return night.through(whole, voice, rng)[-LONGEST:]


def prepare(unit: Unit, folder: Path, audio: Path, encoder: Path, own: float, niceness: int) -> int:
    """Encode a unit; returns the number of its utterances."""
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    rng = np.random.default_rng(list(f"{unit.name} {unit.copy}".encode()))
    if unit.copy == ECHO:
        heard = list(overspoken(unit.clips, surroundings(audio, unit.split), rng))
    else:
        before = [clip for clip in unit.clips if clip.group in ("near", "speech")]
        heard = [(clip, utterance(clip, before, unit.copy, unit.split, audio, own, rng)) for clip in unit.clips]
    states = []
    for _, sound in heard:
        states.append(_model(encoder).encode((sound[-LONGEST:] * 32767).astype(np.int16))[0].astype(np.float16))
    count = np.array([len(each) for each in states])
    target = folder / f"{unit.split}-{unit.name}-{unit.copy}.npz"
    with target.with_suffix(".part").open("wb") as file:
        np.savez(
            file,
            states=np.concatenate(states),
            first=np.cumsum(count) - count,
            count=count,
            group=np.array([clip.group for clip, _ in heard]),
            text=np.array([clip.text for clip, _ in heard]),
        )
    target.with_suffix(".part").rename(target)
    return len(unit.clips)


def farm_units(clips: Path, most: int, echo: bool, hushed: bool) -> Iterator[Unit]:
    """The farm's speakers, as many copies as each group is worth, but ``most`` at most.

    One more with ``echo``, and one with ``hushed``.
    """
    over = (ECHO,) if echo else ()
    for speaker, said in farm_speakers(clips):
        if is_validation(speaker):
            for copy in (*CONDITIONS, TAIL, *over):
                yield Unit(f"{clips.parent.name}{speaker:04d}", said, "validation", copy)
            continue
        for copy in (*over, *((HUSHED,) if hushed else ())):
            yield Unit(f"{clips.parent.name}{speaker:04d}", said, "train", copy)
        for copy in range(min(most, COMMAND_COPIES)):
            wanted = tuple(clip for clip in said if COPIES.get(clip.group, COMMAND_COPIES) > copy)
            yield Unit(f"{clips.parent.name}{speaker:04d}", wanted, "train", str(copy))


def recorded_units(audio: Path, copies: int) -> Iterator[Unit]:
    """Units of people and noises, for training and validation; a long recording gives one piece per three seconds."""
    for split, names in (("train", [str(n) for n in range(copies)]), ("validation", ["0"])):
        for kind, files in recordings(audio, split).items():
            if kind == "rir":
                continue
            pieces = [clip for file in files for clip in _pieces(file, kind)]
            random.Random(0).shuffle(pieces)
            for start in range(0, len(pieces), _UNIT):
                for copy in names:
                    yield Unit(f"{kind}{start // _UNIT:03d}", tuple(pieces[start : start + _UNIT]), split, copy)


def _pieces(file: Path, kind: str) -> Iterable[Clip]:

    if kind == "cmd_gsc" and file.stem.split("_")[0] in ("left", "right"):
        return [Clip((file,), "side", file.stem.split("_")[0])]
    group = "noise" if kind.startswith("noise") else "human"
    return [Clip((file,), group, file.stem)] * max(1, round(min(20, soundfile.info(file).duration) / 3))


def main(
    folder: Annotated[Path, typer.Argument(help="Where the encoded utterances go.")],
    clips: Annotated[list[Path], typer.Option(help="Clips of a farm; may be given again.")],
    audio: Annotated[Path, typer.Option(help="The recordings, with their MANIFEST.tsv.")] = Path("../shared/audio"),
    encoder: Annotated[Path, typer.Option(help="What encoder.py made.")] = Path("models/encoder.onnx"),
    copies: Annotated[int, typer.Option(help="How often each piece of a recording is used.")] = 2,
    most: Annotated[int, typer.Option(help="How often each clip of a farm is used, at most.")] = COMMAND_COPIES,
    echo: Annotated[bool, typer.Option(help="Each clip of a farm once more, said over the assistant.")] = True,
    hushed: Annotated[bool, typer.Option(help="Each clip of a farm once more, whispered.")] = False,
    own: Annotated[float, typer.Option(help="Share of the clips that stay in the voice of their speaker.")] = OWN,
    workers: Annotated[int, typer.Option(help="Processes at a time.")] = 1,
    niceness: Annotated[int, typer.Option(help="0..19; how readily it gives way.")] = 10,
) -> None:
    """Encode everything that has not been encoded yet."""
    folder.mkdir(parents=True, exist_ok=True)
    units = [*recorded_units(audio, copies), *(unit for farm in clips for unit in farm_units(farm, most, echo, hushed))]
    missing = [u for u in units if not (folder / f"{u.split}-{u.name}-{u.copy}.npz").exists()]
    random.Random(1).shuffle(missing)  # so that what is there after a while is a fair sample
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(prepare, unit, folder, audio, encoder, own, niceness) for unit in missing]
        total = sum(job.result() for job in track(as_completed(jobs), description="encoding", total=len(jobs)))
    print(f"{total} utterances from {len(missing)} units in {folder}")


if __name__ == "__main__":
    typer.run(main)
