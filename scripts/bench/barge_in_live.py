"""Speaking over the installed program: "stop" while it asks where the cramp is, its echo as loud as the person.

In the virtual bedroom, through real PortAudio. ``--trials N``. Prints one JSON object last. Needs PulseAudio and flite
(./scripts/test installs them).
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from nightvoice.audio.frames import RATE
from scripts.bench.reply import end_episode, spoken
from tests.helpers.program import Program
from tests.helpers.virtual_room import VirtualRoom, find

LONG_S = 2.5
"""Minimum length in seconds of a prompt that is spoken over, so that there is time for a word."""
_stderr = Console(stderr=True)


def stops(trials: int) -> dict[str, float]:
    """Share of "stop" heard over a prompt, and seconds until the program is silent."""
    hits: list[bool] = []
    stopped: list[float] = []
    with tempfile.TemporaryDirectory() as folder, VirtualRoom(echo=0.7) as room:
        wav = Path(folder) / "phrase.wav"
        cramp, stop = spoken("I have a cramp in my left calf", wav), spoken("stop", wav)
        with Program(room, Path(folder) / "diary.sqlite") as program:
            program.wait_for("listening")
            for _ in track(range(trials), "live", console=_stderr):
                time.sleep(1)
                room.say(*cramp)
                said = program.wait_for("said", seconds=20)
                while said["end"] - said["start"] < LONG_S:
                    said = program.wait_for("said", seconds=60)
                tape = room.record()
                time.sleep(0.5)
                loudness = np.sqrt(np.mean(tape.peek().room.astype(float) ** 2))
                room.say(
                    (stop[0] * (loudness / np.sqrt(np.mean(stop[0].astype(float) ** 2)))).astype(np.int16), stop[1]
                )
                try:
                    program.wait_for("interrupted", seconds=2)
                except AssertionError:
                    hits.append(False)
                    tape.stop()
                    end_episode(room, program, stop)
                else:
                    hits.append(True)
                    time.sleep(0.5)
                    recorded = tape.stop()
                    _, end = find(stop[0], stop[1], recorded.room)
                    loud = np.abs(recorded.speaker[end : end + RATE * 3 * 2].astype(int)) > 100
                    gap = np.convolve(loud, np.ones(4800), "valid") == 0
                    stopped.append(float(np.argmax(gap)) / 48_000)
                    program.wait_for("episode_closed", seconds=120)
    figures = {"trials": float(len(hits)), "stop heard over its own speech": float(np.mean(hits))}
    if stopped:
        p50, p95 = np.percentile(stopped, [50, 95])
        figures |= {"seconds from the word's end to silence, median": p50, "the same, p95": p95}
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=20)
    figures = stops(options.parse_args().trials)
    for name, value in figures.items():
        print(f"{value:9.3f}  {name}")
    print(json.dumps({"benchmark": "barge_in_live", **figures}))


if __name__ == "__main__":
    main()
