"""What our ears make of talk that is not meant for them: harmless text for the sentence classifier to learn from.

    python -m scripts.train.overheard OUT.tsv [--count 1500] [--seed 1]

Pieces of the recordings of other people (``../shared/audio``, training split) are read by both ears, well and badly, as
at night. What the rules understand is left out. The file is for ``sentences.py --more``; it is not committed.
"""

from pathlib import Path
from random import Random
from typing import Annotated, Final

import numpy as np
import soundfile
import typer
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import RATE
from nightvoice.config.schema import Config
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.transcribers.whisper_base import whisper_base
from scripts.bench.voices import AUDIO, levelled, rows_of, to_int16
from scripts.train.heard import reading

SETS: Final = ("neg_speechocean", "neg_libri", "neg_ljspeech", "neg_gsc_words", "neg_wakewords", "cmd_s2p")
SHORTEST_S, LONGEST_S = 1.5, 8.0
FEW: Final = ("neg_wakewords", "neg_gsc_words")
"""Sets with few different words, of which a tenth is enough."""


def main(
    out: Path,
    count: Annotated[int, typer.Option(help="Number of pieces to read.")] = 1500,
    seed: Annotated[int, typer.Option(help="Which pieces.")] = 1,
) -> None:
    """Write the readings to OUT, in the format of ``said/sentences_*.tsv``."""
    chance, rng = Random(seed), np.random.default_rng(seed)
    engine = engine_spec("moonshine", EngineOptions()).make(EngineOptions())
    recognizer, second = build_recognizer(Config()), whisper_base()
    rows = [row for row in rows_of("train", SETS) if not row["set"].startswith(FEW) or chance.random() < 0.1]
    found = dict[str, None]()
    for row in track([chance.choice(rows) for _ in range(count)], "listening"):
        sound = levelled(soundfile.read(AUDIO / row["file"])[0] * 32768)
        start = int(max(0, len(sound) - SHORTEST_S * RATE) * chance.random() * 0.5)
        piece = sound[start : start + round(chance.uniform(SHORTEST_S, LONGEST_S) * RATE)]
        fainter = np.pad(piece * 10 ** (chance.uniform(-20, 0) / 20), RATE // 4)
        heard = to_int16(fainter + rng.normal(0, 4, len(fainter)))
        texts = [reading(engine, recognizer.grammar("guiding"), heard), *(each.text for each in second.read(heard)[:1])]
        for text in texts:
            known = recognizer.recognize(text, "guiding") if text else None
            if text and (known is None or known.by_meaning):
                found[text] = None
    out.write_text("".join(f"none\t{text}\n" for text in found), encoding="utf-8")
    print(f"{len(found)} readings of {count} pieces")


if __name__ == "__main__":
    typer.run(main)
