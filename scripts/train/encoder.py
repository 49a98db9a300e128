"""Teach Moonshine's encoder to hear in the night what it hears by day: distillation, to ONNX.

Every clip is heard as it was said, and as a bedside microphone gets it: whispered, by a machine's voice, in a room,
among noises. The teacher, the encoder as it is published, hears the first, the pupil the second; what their states
differ by is the loss. So words need no labels, and every recording of people helps. Reproducible by seed.
"""

import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import onnx
import torch
import typer
from augment import RATE, Sound, loudness, resampled, vocoder, whisper, world
from dataset import farm_speakers, is_validation, load, recordings, surroundings
from moonshine_encoder import Encoder
from moonshine_encoder import load as load_encoder
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from rich.progress import track
from torch import Tensor

from nightvoice.listening.moonshine import FILES, levelled, model_folder

Pair = tuple[NDArray[np.int16], NDArray[np.int16]]
"""As it is heard, as it was said; of the same length."""

LONGEST: Final = 3 * RATE
BATCH: Final = 32
NEW: Final = 10
"""Pairs made anew for each step; the others were used before."""
KEPT: Final = 6000
"""Pairs that may be used again."""
SHARES: Final = {"farm": 0.5, "human": 0.4, "noise": 0.1}
PLAIN: Final = 0.12
"""Share that is heard as it was said, so that nothing is unlearnt."""


@cache
def sources(clips: tuple[Path, ...], audio: Path, split: str) -> dict[str, list[Sound]]:
    """The sounds of a split: the farm's clips, people, noises."""
    wanted = split == "validation"
    farm = [
        load(clip.files[0])
        for folder in clips
        for speaker, said in farm_speakers(folder)
        if is_validation(speaker) is wanted
        for clip in said
    ]
    people = {
        kind: [load(file) for file in files]
        for kind, files in recordings(audio, split).items()
        if kind.startswith(("neg_", "cmd_"))
    }
    return {
        "farm": farm,
        "human": [sound for sounds in people.values() for sound in sounds],
        "noise": list(surroundings(audio, split).noises),
    }


def pair(clips: tuple[Path, ...], audio: Path, split: str, number: int) -> Pair:
    """The ``number``-th pair of a split."""
    rng = np.random.default_rng([number, split == "train"])
    kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    said = _drawn(sources(clips, audio, split)[kind], kind, rng)
    voice = max(loudness(said), 1e-5)
    around = [int(rng.uniform(low, high) * RATE) for low, high in ((0.1, 0.6), (0.05, 0.45))]
    clean = np.pad(said, around)[-LONGEST:] * (0.1 / voice)
    if rng.uniform() < PLAIN:
        return _int16(clean), _int16(clean)
    if kind == "noise":
        heard = surroundings(audio, split).through(clean, 0.1, rng)
        return _int16(heard), _int16(heard)
    heard = np.pad(_otherwise(said, rng), around)[-LONGEST:]
    return _int16(surroundings(audio, split).through(heard, voice, rng)), _int16(clean)


def _drawn(sounds: list[Sound], kind: str, rng: np.random.Generator) -> Sound:
    """One of them, or a part of it, quicker or slower."""
    sound = sounds[int(rng.integers(len(sounds)))]
    if kind != "farm":
        length = int(rng.uniform(0.8, 2.5) * RATE)
        start = int(rng.integers(max(1, sound.size - length)))
        sound = sound[start : start + length]
    if kind == "noise":
        return sound
    if rng.uniform() < 0.2:
        sound = world(sound, rng.uniform(0.6, 1.4), rng.uniform(0.85, 1.18), rng.uniform(-0.3, 0.8), 0)
    return resampled(sound, rng.uniform(0.85, 1.15))


def _otherwise(sound: Sound, rng: np.random.Generator) -> Sound:
    """Whispered (1 in 4), by a machine (1 in 4), or as it is; of the same length."""
    kind = rng.uniform()
    if kind < 0.1:
        other = whisper(sound, rng)
    elif kind < 0.16:
        other = world(sound, 1, 1, 0, 1)
    elif kind < 0.25:
        other = vocoder(sound, 0, rng)
    elif kind < 0.5:
        other = vocoder(sound, float(np.exp(rng.uniform(np.log(70), np.log(260)))), rng)
    else:
        return sound
    return np.pad(other, (0, max(0, sound.size - other.size)))[: sound.size]


def _int16(sound: Sound) -> NDArray[np.int16]:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def made(clips: tuple[Path, ...], audio: Path, split: str, count: int, workers: int, niceness: int) -> Iterator[Pair]:
    """Pairs in their order, from processes that are some steps ahead."""
    with ProcessPoolExecutor(workers, initializer=os.nice, initargs=(niceness,)) as pool:
        ahead: deque[Future[Pair]] = deque()
        for number in range(count + 20 * NEW):
            if number < count:
                ahead.append(pool.submit(pair, clips, audio, split, number))
            if number >= 20 * NEW:
                yield ahead.popleft().result()


def batch(pairs: list[Pair]) -> tuple[Tensor, Tensor]:
    """Sounds as the encoder gets them, (n, samples): the shortest one's length."""
    length = min(len(heard) for heard, _ in pairs)
    both = [[torch.from_numpy(levelled(sound[-length:])) for sound in each] for each in pairs]
    return torch.stack([heard for heard, _ in both]), torch.stack([said for _, said in both])


def difference(pupil: Tensor, teacher: Tensor) -> Tensor:
    """Mean square over that of the teacher: 0 is alike, 1 is nothing in common."""
    return (pupil - teacher).square().mean() / teacher.square().mean()


def fit(
    teacher: Encoder, pairs: Iterator[Pair], tried: list[Pair], steps: int, rate: float, seed: int, kept_in: Path
) -> Encoder:
    """Train; returns the running average of the weights, which every hundred steps is written to ``kept_in``."""
    rng = np.random.default_rng(seed)
    pupil = Encoder()
    pupil.load_state_dict(teacher.state_dict())
    average = torch.optim.swa_utils.AveragedModel(pupil, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99))
    optimizer = torch.optim.AdamW(pupil.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    kept: list[Pair] = [next(pairs) for _ in range(10 * BATCH)]
    print(f"before: {_difference_of(teacher, teacher, tried):.4f}", flush=True)
    for step in track(range(steps), description="training"):
        kept = [*kept[-KEPT:], *(next(pairs) for _ in range(NEW))]
        # Of like length, so that little is cut off.
        drawn = sorted((kept[i] for i in rng.integers(len(kept), size=4 * BATCH)), key=lambda each: len(each[0]))
        at = int(rng.integers(4)) * BATCH
        heard, said = batch(drawn[at : at + BATCH])
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                wanted = teacher(said)
            loss = difference(pupil(heard).float(), wanted.float())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(pupil.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(pupil)
        if step % 100 == 99:
            tried_at = _difference_of(average.module, teacher, tried)
            print(f"step {step + 1}, loss {loss.item():.4f}, tried {tried_at:.4f}", flush=True)
            torch.save(average.module.state_dict(), kept_in)
    return average.module.eval()


def _difference_of(pupil: Encoder, teacher: Encoder, tried: list[Pair]) -> float:
    in_order = sorted(tried, key=lambda each: len(each[0]))
    found = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(in_order), BATCH):
            heard, said = batch(in_order[start : start + BATCH])
            found.append(difference(pupil(heard).float(), teacher(said).float()).item())
    return float(np.mean(found))


def export(encoder: Encoder, file: Path) -> None:
    """Write it as ONNX, its matrices in 8 bits."""
    whole = file.with_suffix(".float.onnx")
    torch.onnx.export(
        encoder.eval(),
        (torch.zeros(1, RATE),),
        str(whole),
        input_names=["sound"],
        output_names=["states"],
        dynamic_axes={"sound": {1: "samples"}, "states": {1: "time"}},
        dynamo=False,
        opset_version=17,
    )
    quantize_dynamic(whole, file, op_types_to_quantize=["MatMul"], weight_type=QuantType.QUInt8)
    whole.unlink()
    onnx.checker.check_model(str(file))


def main(
    target: Annotated[Path, typer.Argument(help="models/encoder.onnx")],
    clips: Annotated[list[Path], typer.Option(help="Clips of a farm; may be given again.")],
    audio: Annotated[Path, typer.Option(help="The recordings, with their MANIFEST.tsv.")] = Path("../shared/audio"),
    steps: Annotated[int, typer.Option(help="Training steps.")] = 2500,
    rate: Annotated[float, typer.Option(help="Learning rate at its highest.")] = 3e-4,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 1,
    threads: Annotated[int, typer.Option(help="Processor cores to train with.")] = 2,
    workers: Annotated[int, typer.Option(help="Processes that make pairs.")] = 2,
    niceness: Annotated[int, typer.Option(help="0..19; how readily these give way.")] = 5,
) -> None:
    """Train the encoder; print how far it is from the teacher on the validation speakers and recordings."""
    folder = model_folder()
    if folder is None:
        raise SystemExit("the speech model is not there: pip install nightvoice")
    torch.set_num_threads(threads)
    began = time.perf_counter()
    teacher = load_encoder(folder / FILES[0]).eval()
    tried = list(made(tuple(clips), audio, "validation", 10 * BATCH, workers, niceness))
    pairs = made(tuple(clips), audio, "train", 10 * BATCH + steps * NEW, workers, niceness)
    export(fit(teacher, pairs, tried, steps, rate, seed, target.with_suffix(".pt")), target)
    print(f"{time.perf_counter() - began:.0f} s, {target} {target.stat().st_size} bytes")


if __name__ == "__main__":
    typer.run(main)
