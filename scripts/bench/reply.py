"""Latency from the end of a phrase to the first sample of the reply, in the virtual bedroom (real PortAudio).

Also the memory of the process after it. Prints one JSON object last. `--trials N`; another engine with
NIGHTVOICE_LISTENING__ENGINE. Needs PulseAudio and flite (./scripts/test installs them).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import soundfile

from nightvoice.system.malloc_trim import resident_mb
from tests.helpers.program import Program
from tests.helpers.virtual_room import Sound, VirtualRoom, reply_latency

PHRASES = ("I have a cramp", "I have a cramp in my left calf", "my foot is cramping", "I've got a cramp in my toes")
PEAK = 12_000


def spoken(text: str, file: Path) -> tuple[Sound, int]:
    """``text`` in flite's voice, without trailing silence."""
    subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", str(file)], check=True)
    sound, rate = soundfile.read(file, dtype="int16")
    loud = [index for index in range(0, len(sound), 80) if abs(sound[index : index + 80]).max() > 300]
    sound = sound[: loud[-1] + 80]
    return (sound * (PEAK / abs(sound).max())).astype("int16"), rate


def end_episode(room: VirtualRoom, program: Program, stop: tuple[Sound, int]) -> None:
    """Say "stop" until the episode ends. Raises AssertionError after a minute."""
    for _ in range(10):
        room.say(*stop)
        try:
            program.wait_for("episode_closed", seconds=6)
        except AssertionError:
            continue
        return
    raise AssertionError("an episode did not end, though it was asked to ten times")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    trials = parser.parse_args().trials
    latencies: list[float] = []
    missed = 0
    with tempfile.TemporaryDirectory() as folder, VirtualRoom() as room:
        phrases = {text: spoken(text, Path(folder) / "phrase.wav") for text in PHRASES}
        stop = spoken("stop", Path(folder) / "phrase.wav")
        began = time.perf_counter()
        with Program(room, Path(folder) / "diary.sqlite") as program:
            program.wait_for("listening")
            start = time.perf_counter() - began
            time.sleep(1)
            for trial in range(trials):
                text = PHRASES[trial % len(PHRASES)]
                tape = room.record()
                room.say(*phrases[text])
                try:
                    program.wait_for("said", seconds=4)
                except AssertionError:
                    missed += 1
                    tape.stop()
                    continue
                time.sleep(0.5)
                latency = reply_latency(tape.stop(), *phrases[text])
                assert latency is not None
                latencies.append(latency)
                print(f"{trial + 1:3d}  {1000 * latency:5.0f} ms  {text}", file=sys.stderr)
                end_episode(room, program, stop)
                time.sleep(1)
            memory = resident_mb(program.pid)
    if len(latencies) < 2:
        raise SystemExit(f"only {len(latencies)} of {trials} phrases were answered")
    result = {
        "trials": trials,
        "missed": missed,
        "median_ms": round(1000 * median(latencies)),
        "p95_ms": round(1000 * quantiles(latencies, n=20, method="inclusive")[18]),
        "max_ms": round(1000 * max(latencies)),
        "memory_mb": round(memory),
        "run_start_to_listening_s": round(start, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
