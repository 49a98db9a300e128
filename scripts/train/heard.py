"""What our ears make of the sentences that people say: more training text for the sentence classifier.

    python scripts/train/heard.py OUT.tsv [--count 2000] [--seed 1]

Each sentence is spoken by a voice that no benchmark tests, in a room, among noise, and read by Moonshine. Readings that
differ from what was said are kept, with the same labels, unless too few of the words are left to tell what was meant.
"""

import random
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from rapidfuzz.fuzz import ratio
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import FRAME_SAMPLES, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.engines.base import Engine
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.understanding.grammar import Grammar
from nightvoice.understanding.word_pieces import words
from scripts.bench.voices import in_bedroom, room_noise, voices, with_noise
from scripts.train.sayings import load_sentences

SPLIT: Final = "validation"
"""Its voices, rooms and noises are not those of the test split."""
UNTOLD: Final = 80
"""Likeness of the letters, in percent, below which a reading no longer says what was meant."""
HARMLESS: Final = 0.25
"""Share of harmless sentences."""


def main(
    out: Path,
    count: Annotated[int, typer.Option(help="Number of sentences to say.")] = 2000,
    seed: Annotated[int, typer.Option(help="Which sentences, voices and noises.")] = 1,
) -> None:
    """Write the readings to OUT, in the format of ``said/sentences_*.tsv``."""
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    every = [sentence for sentence in load_sentences() if sentence.labels or chance.random() < HARMLESS]
    chosen = chance.sample(every, min(count, len(every)))
    engine = engine_spec("moonshine", EngineOptions()).make(EngineOptions())
    grammar = build_recognizer(Config()).grammar("guiding")
    speakers, noise = list(voices(SPLIT).values()), room_noise(SPLIT)
    kept = 0
    with out.open("w", encoding="utf-8") as file:
        for number, sentence in enumerate(track(chosen, "listening")):
            spoken = in_bedroom(chance.choice(speakers)(sentence.text), SPLIT, number)
            sound = with_noise(spoken, noise, chance.choice((20, 25, 30)), rng)
            read = reading(engine, grammar, sound)
            if read and read != sentence.text and ratio(read, sentence.text) >= UNTOLD:
                file.write(f"{','.join(sorted(sentence.labels)) or 'none'}\t{read}\n")
                kept += 1
    print(f"{kept} of {len(chosen)} readings kept")


def reading(engine: Engine, grammar: Grammar, sound: Samples) -> str:
    """Return the free words that ``engine`` reads in ``sound``, in lower case without punctuation."""
    engine.start(grammar)
    for start in range(0, len(sound) - FRAME_SAMPLES, FRAME_SAMPLES):
        engine.accept(sound[start : start + FRAME_SAMPLES])
    return " ".join(words(engine.final().transcript.text)).replace(" '", "'").replace("' ", "'")


if __name__ == "__main__":
    typer.run(main)
