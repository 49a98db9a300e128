"""Processor time of short commands in two checkouts. Prints one JSON object.

``python scripts/bench/start_up.py BEFORE AFTER`` runs ``nightvoice --help``, ``summary`` of the sample night and
``rehearse --script`` of one night with this Python, in turn, and compares the fastest runs. Each checkout makes its own
diary, since an old one cannot read what a newer one writes, and its own compiled files.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.bench.processor_time import children_s

NIGHT = """
night:
  - {at: 5, say: "I have a cramp in my left calf"}
  - {at: 60, say: "it's gone"}
until: 120
"""
COMMANDS = {
    "help": ["--help"],
    "summary": ["summary", "--diary", "diary.sqlite"],
    "rehearse_script": ["rehearse", "--script", "night.yaml", "--json"],
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("before", type=Path, help="checkout to compare to")
    options.add_argument("after", type=Path, help="checkout to measure")
    options.add_argument("--runs", type=int, default=10, help="runs of each command")
    chosen = options.parse_args()
    result: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        checkouts = {"before": chosen.before.resolve(), "after": chosen.after.resolve()}
        for which, checkout in checkouts.items():
            folder = Path(place, which)
            folder.mkdir()
            (folder / "night.yaml").write_text(NIGHT, encoding="utf-8")
            _seconds(checkout, ["rehearse", "--sample", "--diary", "diary.sqlite"], folder)
        for name, arguments in COMMANDS.items():
            fastest = dict.fromkeys(checkouts, float("inf"))
            for _ in range(chosen.runs):
                for which, checkout in checkouts.items():
                    fastest[which] = min(fastest[which], _seconds(checkout, arguments, Path(place, which)))
            result |= {f"{name}_{which}_s": round(seconds, 3) for which, seconds in fastest.items()}
            result[f"{name}_ratio"] = round(fastest["after"] / fastest["before"], 3)
    print(json.dumps(result))


def _seconds(checkout: Path, arguments: list[str], folder: Path) -> float:
    homes = {f"XDG_{name}_HOME": f"{folder}/{name.lower()}" for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    compiled = {"PYTHONPYCACHEPREFIX": f"{folder}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
    environment = os.environ | homes | compiled | {"PYTHONPATH": str(checkout)}
    before = children_s()
    subprocess.run(
        [sys.executable, "-m", "nightvoice", *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )
    return children_s() - before


if __name__ == "__main__":
    main()
