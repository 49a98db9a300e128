"""Fine-tune Moonshine's encoder for noisy, distant and whispered speech; export to ONNX.

Every clip is heard as it was said, and as a bedside microphone gets it: whispered, by a machine's voice, in a room,
among noises. The teacher, the encoder as it is published, hears the first, the pupil the second. The loss is what their
states differ by, so that every recording of people helps, and, where it is known what was said, how unlikely that is
when Moonshine's own decoder, which stays as it is, reads the pupil's states. Reproducible by seed.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import numpy as np
import onnx
import torch
import typer
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor, nn

from nightvoice.listening.engines.moonshine.model import BEGIN, END, Moonshine, normalised
from scripts.train.augment import RATE, Sound, loudness, resampled, vocoder, whisper, world
from scripts.train.dataset import farm_speakers, is_validation, load, recordings, spoken_texts, surroundings
from scripts.train.eight_bits import round_matrices
from scripts.train.moonshine_decoder import load as load_decoder
from scripts.train.moonshine_encoder import UPPER_FILE, WIDTH, Encoder, load_exported
from scripts.train.moonshine_encoder import load as load_encoder
from scripts.train.moonshine_files import DECODER, ENCODER, TOKENS, published
from scripts.train.vocabulary import english, sub_words

STEP: Final = RATE // 2
"""Lengths are multiples of this, at most LONGEST, so that sounds can be batched."""
LONGEST: Final = 8 * STEP
BATCH: Final = 32
NEW: Final = 8
"""New pairs per step; the others are reused."""
KEPT: Final = 6000
"""Size of the pool of pairs to reuse."""
SHARES: Final = {"farm": 0.5, "human": 0.4, "noise": 0.1}
PLAIN: Final = 0.12
"""Share of unaltered pairs, to prevent forgetting."""


class Source(NamedTuple):
    """A recording or clip, and its transcript: ``""`` without speech, None if unknown."""

    sound: Sound
    text: str | None


class Pair(NamedTuple):
    """The degraded and the clean sound, of the same length, and the transcript as in Source."""

    heard: NDArray[np.int16]
    said: NDArray[np.int16]
    text: str | None


@cache
def sources(clips: tuple[Path, ...], audio: Path, split: str) -> dict[str, list[list[Source]]]:
    """The sounds of a split: the clips of each farm, people, noises; each list has the same share."""
    wanted = split == "validation"
    farms = [
        [
            Source(load(clip.files[0]), clip.text)
            for speaker, said in farm_speakers(folder)
            if is_validation(speaker) is wanted
            for clip in said
        ]
        for folder in clips
    ]
    texts = spoken_texts(audio)
    people = [
        Source(load(file), texts.get(file))
        for kind, files in recordings(audio, split).items()
        if kind.startswith(("neg_", "cmd_"))
        for file in files
    ]
    noises = [Source(noise, "") for noise in surroundings(audio, split).noises]
    return {"farm": [farm for farm in farms if farm], "human": [people], "noise": [noises]}


def pair(clips: tuple[Path, ...], audio: Path, split: str, seed: int, number: int) -> Pair:
    """The ``number``-th pair of a split."""
    rng = np.random.default_rng([number, split == "train", seed])
    kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    lists = sources(clips, audio, split)[kind]
    said, text = _drawn(lists[int(rng.integers(len(lists)))], kind, rng)
    voice = max(loudness(said), 1e-5)
    around = [int(rng.uniform(low, high) * RATE) for low, high in ((0.1, 0.6), (0.05, 0.45))]
    around[0] += -(sum(around) + said.size) % STEP
    clean = np.pad(said, around)[-LONGEST:] * (0.1 / voice)
    if rng.uniform() < PLAIN:
        return Pair(_int16(clean), _int16(clean), text)
    if kind == "noise":
        heard = surroundings(audio, split).through(clean, 0.1, rng)
        return Pair(_int16(heard), _int16(heard), text)
    heard = np.pad(_otherwise(said, rng), around)[-LONGEST:]
    return Pair(_int16(surroundings(audio, split).through(heard, voice, rng)), _int16(clean), text)


def _drawn(among: list[Source], kind: str, rng: np.random.Generator) -> Source:
    """A random source at a random speed; a random part of it if it is long or has no transcript."""
    sound, text = among[int(rng.integers(len(among)))]
    if not text or sound.size > LONGEST * 0.8:
        length = int(rng.uniform(0.8, 2.5) * RATE)
        start = int(rng.integers(max(1, sound.size - length)))
        sound, text = sound[start : start + length], None if text else text
    if kind == "noise":
        return Source(sound, text)
    if rng.uniform() < 0.2:
        sound = world(sound, rng.uniform(0.6, 1.4), rng.uniform(0.85, 1.18), rng.uniform(-0.3, 0.8), 0)
    return Source(resampled(sound, rng.uniform(0.85, 1.15)), text)


def _otherwise(sound: Sound, rng: np.random.Generator) -> Sound:
    """Whispered (1 in 4), robotic (1 in 4), or unchanged; of the same length."""
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


class Plan(NamedTuple):
    """``rate``: peak learning rate; ``reading``: weight of the decoder's loss."""

    steps: int
    rate: float
    reading: float
    seed: int


def made(make: Callable[[int], Pair], count: int, workers: int, niceness: int) -> Iterator[Pair]:
    """Pairs in order, prefetched by worker processes."""
    with ProcessPoolExecutor(workers, initializer=os.nice, initargs=(niceness,)) as pool:
        ahead: deque[Future[Pair]] = deque()
        for number in range(count + 20 * NEW):
            if number < count:
                ahead.append(pool.submit(make, number))
            if number >= 20 * NEW:
                yield ahead.popleft().result()


def batch(pairs: list[Pair]) -> tuple[Tensor, Tensor]:
    """Batches for the encoder, each (n, samples)."""
    heard, said = (
        [torch.from_numpy(normalised(sound)) for sound in side]
        for side in zip(*(each[:2] for each in pairs), strict=True)
    )
    return torch.stack(heard), torch.stack(said)


class Reader:
    """Moonshine's decoder and tokeniser."""

    def __init__(self, folder: Path) -> None:
        pieces = english(sub_words((folder / TOKENS).read_bytes()))
        self._decoder = load_decoder(folder / DECODER, pieces).eval().requires_grad_(False)
        self._model = Moonshine.shipped()

    def pieces(self, text: str) -> list[int]:
        """A sentence in the model's style, with a capital and a full stop; empty stays empty."""
        if not text:
            return [BEGIN, END]
        words = [word.capitalize() if word == "i" or word.startswith("i'") else word for word in text.lower().split()]
        words[0] = words[0].capitalize()
        return [BEGIN, *(piece for word in words for piece in self._model.tokenize(word)), self._model.token("."), END]

    def surprise(self, states: Tensor, texts: list[str | None]) -> tuple[Tensor, float]:
        """Mean negative log likelihood of a piece (nats), and the share of pieces that are the likeliest.

        Of the texts that are known; without any it is 0.
        """
        known = [(row, text) for row, text in enumerate(texts) if text is not None]
        if not known:
            return states.new_zeros(()), 0.0
        rows = [row for row, _ in known]
        written = [torch.tensor(self.pieces(text)) for _, text in known]
        target = nn.utils.rnn.pad_sequence(written, batch_first=True, padding_value=-1)
        there = torch.ones(len(known), states.shape[1], dtype=torch.bool)
        logits = self._decoder(states[rows], there, target[:, :-1].clamp(min=0)).float().flatten(0, 1)
        wanted = target[:, 1:].flatten()
        right = logits.argmax(dim=1)[wanted >= 0] == wanted[wanted >= 0]
        return nn.functional.cross_entropy(logits, wanted, ignore_index=-1), right.float().mean().item()


def difference(pupil: Tensor, teacher: Tensor) -> Tensor:
    """Mean squared error relative to the teacher's power: 0 is identical, 1 is unrelated."""
    return (pupil - teacher).square().mean() / teacher.square().mean()


def fit(
    teacher: Encoder,
    pupil: Encoder,
    reader: Reader,
    pairs: Iterator[Pair],
    tried: list[Pair],
    plan: Plan,
    target: Path,
) -> Encoder:
    """Train; returns the running average of the weights, which every hundred steps is written to ``target``."""
    rng = np.random.default_rng(plan.seed)
    average = torch.optim.swa_utils.AveragedModel(pupil, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99))
    optimizer = torch.optim.AdamW(pupil.parameters(), lr=plan.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, plan.rate, total_steps=plan.steps, pct_start=0.1)
    kept = [next(pairs) for _ in range(10 * BATCH)]
    report("before", teacher, pupil, reader, tried)
    for step in track(range(plan.steps), description="training"):
        kept = [*kept[-KEPT:], *(next(pairs) for _ in range(NEW))]
        length = len(kept[int(rng.integers(len(kept)))].heard)
        alike = [each for each in kept if len(each.heard) == length]
        drawn = [alike[i] for i in rng.integers(len(alike), size=BATCH)]
        heard, said = batch(drawn)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                wanted = teacher(said)
            states = pupil(heard)
            loss = difference(states.float(), wanted.float())
            if plan.reading:
                loss = loss + plan.reading * reader.surprise(states, [each.text for each in drawn])[0]
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(pupil.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(pupil)
        if step % 100 == 99:
            report(f"step {step + 1}, loss {loss.item():.3f}", teacher, average.module, reader, tried)
            export(average.module, target)
    return average.module.eval()


def report(title: str, teacher: Encoder, pupil: Encoder, reader: Reader, tried: list[Pair]) -> None:
    """Print the student's distance to the teacher, and the decoder's loss."""
    in_order = sorted(tried, key=lambda each: len(each.heard))
    found = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for _, group in groupby(in_order, key=lambda each: len(each.heard)):
            for pairs in batched(list(group), BATCH):
                heard, said = batch(pairs)
                states = pupil(heard)
                read, right = reader.surprise(states, [each.text for each in pairs])
                apart = difference(states.float(), teacher(said).float()).item()
                found.append((len(pairs), apart, sum(each.text is not None for each in pairs), read.item(), right))
    count, apart, texts, read, right = np.array(found).T
    print(
        f"{title}: {np.average(apart, weights=count):.4f} from the teacher; "
        f"{np.average(read, weights=texts):.3f} nats a piece, {np.average(right, weights=texts):.3f} right",
        flush=True,
    )


def batched(pairs: list[Pair], size: int) -> Iterator[list[Pair]]:
    """Batches of ``size``, in order."""
    return (pairs[at : at + size] for at in range(0, len(pairs), size))


def export(encoder: Encoder, lower: Path) -> None:
    """Export both parts to ONNX, the upper beside the lower, with matrices stored in 8 bits and multiplied in 32."""
    _export(encoder.lower, torch.zeros(1, RATE), ("sound", "samples"), "middle", lower)
    _export(encoder.upper, torch.zeros(1, 40, WIDTH), ("middle", "time"), "states", lower.with_name(UPPER_FILE))


def _export(part: torch.nn.Module, example: Tensor, into: tuple[str, str], output: str, file: Path) -> None:
    """Export a part; ``into``: the name of its input, and of that input's second dimension, which varies."""
    torch.onnx.export(
        part.eval(),
        (example,),
        str(file),
        input_names=[into[0]],
        output_names=[output],
        dynamic_axes={into[0]: {1: into[1]}, output: {1: "time"}},
        dynamo=False,
        opset_version=17,
    )
    model = onnx.load(str(file))
    round_matrices(model)
    onnx.save(model, str(file))


def main(
    target: Annotated[Path, typer.Argument(help="models/encoder.onnx; words.onnx comes beside it")],
    clips: Annotated[list[Path], typer.Option(help="Clips of a farm; may be given again.")],
    audio: Annotated[Path, typer.Option(help="The recordings, with their MANIFEST.tsv.")] = Path("../shared/audio"),
    start: Annotated[Path | None, typer.Option(help="What this made, to go on from; without: the published.")] = None,
    steps: Annotated[int, typer.Option(help="Training steps.")] = 2500,
    rate: Annotated[float, typer.Option(help="Learning rate at its highest.")] = 3e-4,
    reading: Annotated[
        float, typer.Option(help="Weight of what the decoder reads; 0: only the teacher's states.")
    ] = 0.5,
    seed: Annotated[int, typer.Option(help="Of the draws; another one makes other pairs.")] = 1,
    threads: Annotated[int, typer.Option(help="Processor cores to train with.")] = 2,
    workers: Annotated[int, typer.Option(help="Processes that make pairs.")] = 2,
    niceness: Annotated[int, typer.Option(help="0..19; how readily these give way.")] = 5,
) -> None:
    """Train the encoder; print how it does on the validation speakers and recordings."""
    folder = published()
    torch.set_num_threads(threads)
    began = time.perf_counter()
    teacher = load_encoder(folder / ENCODER).eval()
    pupil = load_exported(start) if start else load_encoder(folder / ENCODER)
    tried = list(made(partial(pair, tuple(clips), audio, "validation", 1), 10 * BATCH, workers, niceness))
    train = partial(pair, tuple(clips), audio, "train", seed)
    pairs = made(train, 10 * BATCH + steps * NEW, workers, niceness)
    plan = Plan(steps, rate, reading, seed)
    export(fit(teacher, pupil, Reader(folder), pairs, tried, plan, target), target)
    print(f"{time.perf_counter() - began:.0f} s, {target} {target.stat().st_size} bytes")


if __name__ == "__main__":
    typer.run(main)
