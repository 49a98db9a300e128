"""Soak test: nights of real noise through the real loop, faster than real time. Does memory grow?

Ambient sound, coughs and other noises of a bedroom, and now and then somebody who speaks of something else
(../shared/audio), for ``--noisy N`` minutes of each hour (15), which is far more than a bedroom has; in between the
ambient sound is 20 dB fainter and nothing else is heard. Prints for each engine the slope of its memory after the
warm-up, in MB for an hour of night, threads and file handles, what was taken for a cramp, and how fast it went; one
JSON object last; exit 1 where memory grows by more than 1 MB/h, or threads or handles do. ``--hours N`` (240 is thirty
nights), ``--engine NAME`` (every one that is there), ``--seed N``. It tells every hour of night how far it is; SIGTERM
or Ctrl-C ends it, with what it has by then.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from nightvoice import assembly
from nightvoice.audio.file import OfflineAudio
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, SILENCE, Frame
from nightvoice.audio.ports import AudioPorts
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.listening.restarting import RestartingListener
from nightvoice.night.settings import Hooks
from nightvoice.system.clock import LOCAL
from nightvoice.system.malloc_trim import release_free_memory, resident_mb

AUDIO = Path(__file__).parents[3] / "shared" / "audio"
ENGINES = ("moonshine", "vosk", "pocketsphinx")
GOAL_MB_AN_HOUR = 1.0
WARM_UP = 0.25
"""Share of the run that is ignored as warm-up, while modules load lazily."""
SAMPLES_AN_HOUR = 12
NOISE_EVERY_S, SPEECH_EVERY_S = 30.0, 300.0
QUIETER = 0.1
"""Amplitude of the ambient sound between the noisy parts of the hours."""
NOISES = ("noise_esc10", "noise_cough", "noise_background")
_stderr = Console(stderr=True)


class Sample(NamedTuple):
    """Resources of the process at one time of the night."""

    hour: float
    memory_mb: float
    threads: int
    handles: int


class NoisyMicrophone(OfflineAudio):
    """A noisy bedroom for ``hours``, or until it is ``ending``; calls ``on_sample`` SAMPLES_AN_HOUR times an hour."""

    def __init__(self, hours: float, noisy: float, seed: int, folder: Path, on_sample: Callable[[float], None]) -> None:
        """``noisy``: share of each hour, its first part. ``folder``: for the recordings as plain samples: decoding
        them now and then would look like growth."""
        super().__init__(repeat(SILENCE, round(hours * 3600 / FRAME_S)))
        self._rng = np.random.default_rng(seed)
        self._noisy = noisy
        self._on_sample = on_sample
        self.heard: deque[str] = deque(maxlen=3)
        """The most recently played recordings, newest last."""
        self.ending = False
        with (AUDIO / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
            rows = list(csv.DictReader(manifest, delimiter="\t"))
        self._files = {
            "ambient": [row["file"] for row in rows if row["set"] == "noise_ambient_blanket"],
            "noise": [row["file"] for row in rows if row["set"] in NOISES],
            "speech": [row["file"] for row in rows if row["set"] == "neg_librispeech"],
        }
        self._plain: dict[str, Path] = {}
        every = [file for files in self._files.values() for file in files]
        for number, file in enumerate(track(every, "decoding", console=_stderr, transient=True)):
            sound, rate = soundfile.read(AUDIO / file, dtype="float32", always_2d=True)
            self._plain[file] = folder / str(number)
            (soxr.resample(sound.mean(axis=1), rate, RATE) * 32767).astype(np.int16).tofile(self._plain[file])

    def frames(self) -> Iterator[Frame]:
        sound, background = np.zeros(0, np.float32), np.zeros(0, np.float32)
        every = round(3600 / SAMPLES_AN_HOUR / FRAME_S)
        for number, _ in enumerate(super().frames()):
            if self.ending:
                return
            if number % every == 0:
                self._on_sample(number * FRAME_S / 3600)
            if len(background) < FRAME_SAMPLES:
                background = self._read("ambient") * 0.1
            noisy = number * FRAME_S % 3600 < self._noisy * 3600
            for kind, seconds in (("noise", NOISE_EVERY_S), ("speech", SPEECH_EVERY_S)):
                if noisy and self._rng.random() < FRAME_S / seconds:
                    sound = self._read(kind) * self._rng.uniform(0.1, 1)
            mixed = background[:FRAME_SAMPLES] * (1.0 if noisy else QUIETER)
            mixed[: len(sound[:FRAME_SAMPLES])] += sound[:FRAME_SAMPLES]
            sound, background = sound[FRAME_SAMPLES:], background[FRAME_SAMPLES:]
            yield (np.clip(mixed, -1, 1) * 32767).astype(np.int16)

    def _read(self, kind: str) -> NDArray[np.float32]:
        files = self._files[kind]
        file = files[self._rng.integers(len(files))]
        if kind != "ambient":
            self.heard.append(file)
        return np.fromfile(self._plain[file], np.int16).astype(np.float32) / np.float32(32767)


def soak(engine: str, hours: float, noisy: float, seed: int) -> dict[str, Any]:
    """Run one engine in this process; ``noisy`` is the noisy share of each hour."""
    samples: list[Sample] = []
    counts: Counter[str] = Counter()
    cramps: list[dict[str, Any]] = []
    troubles: list[str] = []
    began = time.monotonic()

    def sample(hour: float) -> None:
        release_free_memory()  # as the ears do each quiet minute: what one utterance needed is no growth
        samples.append(Sample(hour, resident_mb(), threading.active_count(), len(os.listdir("/proc/self/fd"))))
        if len(samples) % SAMPLES_AN_HOUR == 0:
            _stderr.print(f"{engine}: {report()}", markup=False, highlight=False, soft_wrap=True)

    def count(event: dict[str, Any]) -> None:
        counts[event["event"]] += 1
        if event["event"] == "heard" and event["intent"] == "cramp":
            cramps.append({"hour": round(event["t"] / 3600, 3), "text": event["text"], "after": list(room.heard)})

    def report() -> dict[str, Any]:
        warm = np.array([row for row in samples if row.hour >= WARM_UP * samples[-1].hour])
        rising = len(warm) > 1
        return {
            "hours": round(samples[-1].hour, 2),
            "minutes_of_noise_an_hour": round(60 * noisy),
            "memory_mb": round(samples[-1].memory_mb),
            "memory_mb_an_hour": round(float(np.polyfit(warm[:, 0], warm[:, 1], 1)[0]), 3) if rising else None,
            "memory_mb_most": round(max(row.memory_mb for row in samples)),
            "threads_grown": int(warm[-1, 2] - warm[0, 2]),
            "handles_grown": int(warm[-1, 3] - warm[0, 3]),
            "troubles": troubles,
            "rejected": counts["rejected"],
            "cramps": cramps,
            "times_real_time": round(samples[-1].hour * 3600 / (time.monotonic() - began), 1),
        }

    def end(*_: object) -> None:
        room.ending = True

    with tempfile.TemporaryDirectory() as folder:
        room = NoisyMicrophone(hours, noisy, seed, Path(folder), sample)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
        config = Config()
        listener = RestartingListener(lambda: assembly.build_pipeline(config, engine), troubles.append)  # type: ignore[arg-type]
        journal = assembly.open_diary(f"{folder}/diary.sqlite")
        start = datetime(2026, 3, 1, 22, 0, tzinfo=LOCAL)
        audio = AudioPorts(room, assembly.build_speaker(config, room.queue))
        settings = assembly.night_settings(config, start)
        assembly.build_assistant(config, audio, listener, journal, settings, Hooks(count)).run()
        journal.close()
    return report()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=240)
    parser.add_argument("--noisy", type=float, default=15, metavar="MINUTES")
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not (AUDIO / "MANIFEST.tsv").exists():
        raise SystemExit(f"{AUDIO}: there are no recordings to listen to")
    if options.engine:
        try:
            print(json.dumps(soak(options.engine, options.hours, options.noisy / 60, options.seed)))
        except NightvoiceError as error:
            print(json.dumps({"not_tried": str(error)}))
        return
    results = {}
    for engine in ENGINES:  # each in a process of its own, which has never seen the others
        command = [sys.executable, __file__, "--hours", str(options.hours), "--noisy", str(options.noisy)]
        command += ["--seed", str(options.seed)]
        with subprocess.Popen([*command, "--engine", engine], stdout=subprocess.PIPE, text=True) as ran:
            signal.signal(signal.SIGTERM, lambda *_, ran=ran: ran.terminate())
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it without us
            told = ran.communicate()[0]
        results[engine] = json.loads(told.splitlines()[-1]) if ran.returncode == 0 else {"crashed": True}
    print(json.dumps(results))
    tried = [result for result in results.values() if "not_tried" not in result]
    raise SystemExit(0 if tried and all(map(_good, tried)) else 1)


def _good(result: dict[str, Any]) -> bool:
    if result.get("crashed") or result["troubles"]:
        return False
    grown = max(result["threads_grown"], result["handles_grown"])
    return bool(result["memory_mb_an_hour"] <= GOAL_MB_AN_HOUR and grown <= 0)


if __name__ == "__main__":
    main()
