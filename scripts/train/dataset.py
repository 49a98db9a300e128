"""Embed every clip of the farm and of the recordings several times, each time with another night's sounds.

One ``.npz`` per unit of work (a speaker, or 20 times 12 seconds of recordings) and copy; what exists is not made again.
Each has ``embeddings`` (n, 96) and, per clip, ``first`` and ``count`` (rows), ``end`` (seconds from the end of the
speech to the end of the clip's first window of 16), ``group`` and ``text``.
"""

import csv
import json
import os
import random
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import soundfile
import soxr
import typer
from numpy.typing import NDArray
from rich.progress import track

from nightvoice.listening.embedding import embed
from nightvoice.listening.streaming_classifier import CONTEXT_SAMPLES
from scripts.train.augment import (
    OWN,
    RATE,
    Night,
    Sound,
    loudness,
    manner,
    piece,
    resampled,
    rms,
    rooms,
    whisper,
    world,
)

AFTER = RATE // 2
"""Samples after the end of the speech."""
WHOLE = ("human", "speech", "near", "noise")
"""Groups whose windows all count; of the others only those at the end of the phrase."""
COPIES = {"cramp": 6, "ouch": 3, "near": 3, "speech": 2}
COMMAND_COPIES = 4
CONDITIONS = ("clean", "snr20", "snr10", "whisper")
"""The conditions in which the validation speakers are rendered."""
HUSHED = "hushed"
"""The training copy in which everything is whispered."""
_UNIT = 20


@dataclass(frozen=True)
class Clip:
    """The source of one scene: a clip of the farm, or consecutive recordings."""

    files: tuple[Path, ...]
    group: str
    text: str


@dataclass(frozen=True)
class Unit:
    """A worker's unit of work."""

    name: str
    clips: tuple[Clip, ...]
    split: str
    copy: str


def rows_of(audio: Path, split: str) -> list[dict[str, str]]:
    """The manifest's rows of a split."""
    with (audio / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        return [row for row in csv.DictReader(manifest, delimiter="\t") if row["split"] == split]


def spoken_texts(audio: Path) -> dict[Path, str]:
    """Transcripts of the recordings that have one, except those that repeat a name."""
    rows = [*rows_of(audio, "train"), *rows_of(audio, "validation")]
    return {audio / row["file"]: row["text"] for row in rows if row["text"] and "wakewords" not in row["set"]}


def recordings(audio: Path, split: str) -> dict[str, list[Path]]:
    """The files of each set."""
    sets: dict[str, list[Path]] = {}
    for row in rows_of(audio, split):
        sets.setdefault(row["set"], []).append(audio / row["file"])
    return sets


def load(file: Path, longest: float = 20) -> Sound:
    """The first ``longest`` seconds at 16 kHz."""
    sound, rate = soundfile.read(file, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)[: int(longest * rate)]
    return np.asarray(mono if rate == RATE else soxr.resample(mono, rate, RATE), dtype=np.float32)


@cache
def surroundings(audio: Path, split: str) -> Night:
    """The split's noises, other people, rooms."""
    sets = recordings(audio, split)
    noises = [load(file) for name, files in sets.items() if name.startswith("noise") for file in files]
    noises += [load(file) for file in sets["neg_gsc_words"] if "Snoring" in file.name]
    talkers = [load(file) for file in sets["neg_librispeech"][:60]]
    responses = rooms(60, seed=5 if split == "train" else 6)
    if split == "train":
        responses += [load(file, 1) for file in sets["rir"]]
    return Night([n for n in noises if rms(n) > 1e-4], talkers, responses)


def as_in(
    copy: str, night: Night, sound: Sound, group: str, rng: np.random.Generator, own: float = OWN
) -> tuple[Sound, Night]:
    """The voice and night for one of the validation conditions, or at random for a numbered copy."""
    match copy:
        case "clean":
            return sound, Night(night.noises, night.talkers, night.responses, plain=True)
        case "snr20" | "snr10":
            return sound, Night(night.noises, night.talkers, night.responses, snr=float(copy[3:]))
        case "whisper" | "hushed":
            hushed = world(sound, 1, 1.05, 0, 1) if rng.uniform() < 0.5 else whisper(sound, rng)
            return hushed, night if copy == HUSHED else Night(night.noises, night.talkers, night.responses, snr=20)
    if group == "noise":
        return sound, night
    return (resampled(sound, rng.uniform(0.9, 1.1)) if group == "human" else manner(sound, rng, own)), night


def chain(files: Iterable[Path], rng: np.random.Generator) -> Sound:
    """The files concatenated, with short pauses."""
    parts: list[Sound] = []
    for file in files:
        parts += [load(file), np.zeros(int(rng.uniform(0.1, 0.6) * RATE), dtype=np.float32)]
    return np.concatenate(parts[:-1])


def scene(clip: Clip, copy: str, night: Night, rng: np.random.Generator) -> tuple[Sound, int]:
    """The clip as the microphone records it, and the number of samples after the end of speech."""
    sound, night = as_in(copy, night, chain(clip.files, rng), clip.group, rng)
    voice = max(loudness(sound), 1e-5)
    whole = np.zeros(CONTEXT_SAMPLES + sound.size + AFTER, dtype=np.float32)
    whole[CONTEXT_SAMPLES : CONTEXT_SAMPLES + sound.size] = sound
    if copy.isdigit() and clip.group != "noise" and rng.uniform() < 0.15:
        talk = piece(night.talkers, CONTEXT_SAMPLES - int(rng.uniform(0.02, 0.5) * RATE), rng)
        whole[: talk.size] = talk * (voice / max(loudness(talk), 1e-5) * rng.uniform(0.3, 1))
    shift = int(rng.integers(1280))  # the embedding's clock knows nothing of when somebody speaks
    heard = night.through(whole, voice, rng)[shift:]
    if copy.isdigit() and rng.uniform() < 0.1:
        # The runtime has digital silence for a past after it was reset.
        heard[: CONTEXT_SAMPLES - shift - int(rng.uniform(0.02, 0.6) * RATE)] = 0
    return heard if clip.group in WHOLE else heard[-CONTEXT_SAMPLES - AFTER - shift :], AFTER


def prepare(unit: Unit, folder: Path, audio: Path) -> int:
    """Embed a unit; returns the number of its clips."""
    os.nice(max(0, 19 - os.nice(0)))
    rng = np.random.default_rng(list(f"{unit.name} {unit.copy}".encode()))
    night = surroundings(audio, unit.split)
    rows: list[NDArray[np.float32]] = []
    first, count, end = [], [], []
    for clip in unit.clips:
        sound, after = scene(clip, unit.copy, night, rng)
        embeddings = embed((sound * 32767).astype(np.int16))
        first.append(sum(map(len, rows)))
        count.append(len(embeddings))
        end.append((CONTEXT_SAMPLES - (sound.size - after)) / RATE)
        rows.append(embeddings)
    target = folder / f"{unit.split}-{unit.name}-{unit.copy}.npz"
    with target.with_suffix(".part").open("wb") as file:
        np.savez(
            file,
            embeddings=np.concatenate(rows).astype(np.float16),
            first=np.array(first),
            count=np.array(count),
            end=np.array(end),
            group=np.array([c.group for c in unit.clips]),
            text=np.array([c.text for c in unit.clips]),
        )
    target.with_suffix(".part").rename(target)
    return len(unit.clips)


def is_validation(speaker: int) -> bool:
    """Whether a speaker is held out for validation: one in ten."""
    return speaker % 10 == 9


def farm_speakers(clips: Path) -> Iterable[tuple[int, tuple[Clip, ...]]]:
    """The speakers of a farm, with their clips."""
    for labels in sorted(clips.glob("*.json")):
        entries: list[Mapping[str, Any]] = json.loads(labels.read_text(encoding="utf-8"))
        yield int(labels.stem), tuple(Clip((clips / e["file"],), e["group"], e["text"]) for e in entries)


def farm_units(clips: Path) -> Iterable[Unit]:
    """Units of the farm's speakers, with the number of copies of each group."""
    for speaker, said in farm_speakers(clips):
        name = f"{speaker:04d}"
        if is_validation(speaker):
            for copy in CONDITIONS:
                yield Unit(name, said, "validation", copy)
            continue
        for copy in range(max(COPIES.values())):
            wanted = tuple(c for c in said if COPIES.get(c.group, COMMAND_COPIES) > copy)
            yield Unit(name, wanted, "train", str(copy))


def chains(files: list[Path]) -> list[tuple[Path, ...]]:
    """Group recordings into chunks of about 12 seconds."""
    found: list[list[Path]] = [[]]
    seconds = 0.0
    for file in files:
        if seconds > 12:
            found.append([])
            seconds = 0
        found[-1].append(file)
        seconds += soundfile.info(file).duration
    return [tuple(each) for each in found]


def recorded_units(audio: Path, copies: int) -> Iterable[Unit]:
    """Units of people and noises, for training and validation."""
    for split, names in (("train", [str(n) for n in range(copies)]), ("validation", ["clean", "snr10"])):
        for kind, files in recordings(audio, split).items():
            if kind == "rir":
                continue
            group = "noise" if kind.startswith("noise") else "human"
            # The wake words are six, over and over.
            few = files[::2] if kind == "neg_wakewords_picovoice" and split == "train" else files
            together = [Clip(each, group, each[0].stem) for each in chains(few)]
            for start in range(0, len(together), _UNIT):
                for copy in names if group == "human" else names[:1]:
                    yield Unit(f"{kind}{start // _UNIT:03d}", tuple(together[start : start + _UNIT]), split, copy)


def main(
    clips: Annotated[Path, typer.Argument(help="The farm's clips.")],
    folder: Annotated[Path, typer.Argument(help="Where the embeddings go.")],
    audio: Annotated[Path, typer.Option(help="The recordings, with their MANIFEST.tsv.")] = Path("../shared/audio"),
    copies: Annotated[int, typer.Option(help="How often each recording of a person is used.")] = 1,
    only: Annotated[str, typer.Option(help="farm or recordings; both if left out.")] = "",
    workers: Annotated[int, typer.Option(help="Processes at a time.")] = 1,
) -> None:
    """Embed everything that has not been embedded yet."""
    folder.mkdir(parents=True, exist_ok=True)
    units = [*recorded_units(audio, copies), *farm_units(clips)]
    if only:
        units = [u for u in units if u.name.isdigit() == (only == "farm")]
    missing = [u for u in units if not (folder / f"{u.split}-{u.name}-{u.copy}.npz").exists()]
    random.Random(1).shuffle(missing)  # so that what is there after a while is a fair sample
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(prepare, unit, folder, audio) for unit in missing]
        total = sum(job.result() for job in track(as_completed(jobs), description="embedding", total=len(jobs)))
    print(f"{total} scenes from {len(missing)} units in {folder}")


if __name__ == "__main__":
    typer.run(main)
