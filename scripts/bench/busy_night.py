"""Processor time of `nightvoice rehearse` on a busy night, against another checkout. Prints one JSON object.

``python scripts/bench/busy_night.py --against DIR`` plays the first half of the sample night and then a minute of
people's speech (../shared/audio) through both, in turn, with this Python. The events of both are compared too.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from nightvoice.assembly import sample_night
from nightvoice.audio.file import FileAudio
from nightvoice.audio.frames import RATE, Samples
from scripts.bench.processor_time import children_s

HERE = Path(__file__).parents[2]
SPEECH = HERE.parent / "shared" / "audio" / "neg_librispeech"
SAMPLE_S, SPEECH_S, PAUSE_S = 75, 60, 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="DIR", required=True, help="a checkout to compare with")
    parser.add_argument("--runs", type=int, default=3, help="runs of each checkout")
    chosen = parser.parse_args()
    if not SPEECH.is_dir():
        raise SystemExit(f"{SPEECH}: not there; it holds people's speech")
    checkouts = {"before": chosen.against.resolve(), "after": HERE}
    seconds: dict[str, list[float]] = {name: [] for name in checkouts}
    events: dict[str, set[bytes]] = {name: set() for name in checkouts}
    with TemporaryDirectory() as folder:
        night = Path(folder) / "night.wav"
        soundfile.write(night, _busy_night(), RATE)
        for _ in range(chosen.runs):
            for name, checkout in checkouts.items():
                used, out = _rehearse(checkout, night, Path(folder))
                seconds[name].append(used)
                events[name].add(out)
    before, after = (median(seconds[name]) for name in checkouts)
    result = {"before_s": round(before, 2), "after_s": round(after, 2), "times_as_fast": round(before / after, 2)}
    print(json.dumps(result | {"same_events": events["before"] == events["after"]}))


def _busy_night() -> Samples:
    parts = [_sound(sample_night())[: SAMPLE_S * RATE]]
    speech = 0
    for file in sorted(SPEECH.iterdir())[::7]:
        if speech < SPEECH_S * RATE:
            parts += [_sound(file), np.zeros(PAUSE_S * RATE, np.int16)]
            speech += len(parts[-2])
    return np.concatenate(parts)


def _sound(file: Path) -> Samples:
    audio = FileAudio(file)
    sound = np.concatenate(list(audio.frames()))
    audio.close()
    return sound


def _rehearse(checkout: Path, night: Path, folder: Path) -> tuple[float, bytes]:
    """Return the processor seconds and the printed events of one rehearsal."""
    diary = folder / "diary.sqlite"
    diary.unlink(missing_ok=True)
    command = [sys.executable, "-m", "nightvoice", "rehearse", str(night), "--json", "--diary", str(diary)]
    command += ["--engine", "moonshine"]
    before = children_s()
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    out = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True).stdout
    return children_s() - before, out


if __name__ == "__main__":
    main()
