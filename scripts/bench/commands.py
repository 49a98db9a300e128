"""Time of long commands on a ten-year diary: ``support``, ``patterns``, the reports. Prints one JSON object last.

    python -m scripts.bench.commands [--against DIR]

The least of several runs of each, in seconds of processor time (of all threads) and of wall time. DIR: a checkout of an
older version; its runs alternate with those of this one, so that a busy machine treats both alike.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from scripts.bench.processor_time import children_s

RUNS: Final = 3
HERE: Final = Path(__file__).resolve().parents[2]
COMMANDS: Final[Mapping[str, Sequence[str]]] = {
    "support": ["support", "{folder}/help-{run}.zip"],
    "patterns": ["patterns", "--diary", "{diary}"],
    "patterns_ten_years": ["patterns", "--from", "2000-01-01", "--diary", "{diary}"],
    "html": ["summary", "--format", "html", "--output", "{folder}/night.html", "--diary", "{diary}"],
    "pdf": ["summary", "--format", "pdf", "--output", "{folder}/night.pdf", "--diary", "{diary}"],
    "episodes_list": ["episodes", "list", "--diary", "{diary}"],
    "export_fhir": ["episodes", "export", "--format", "fhir", "--diary", "{diary}"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, metavar="DIR", help="also measure this checkout")
    against = parser.parse_args().against
    trees = {"now": HERE} | ({"before": against.resolve()} if against else {})
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: Path(scratch) / name for name in trees}
        for name, tree in trees.items():
            print(f"writing ten years of diary for {name} …", file=sys.stderr)
            folders[name].mkdir()
            _run(tree, folders[name], ["-m", "scripts.bench.long_diary", str(folders[name] / "diary.sqlite")])
        result = {name: _least(words, trees, folders) for name, words in COMMANDS.items()}
    print(json.dumps(result))


def _least(words: Sequence[str], trees: Mapping[str, Path], folders: Mapping[str, Path]) -> dict[str, Any]:
    """Return the least processor and wall time of a command, by tree."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in trees}
    for run in range(RUNS):
        for name, tree in trees.items():
            folder = folders[name]
            filled = [word.format(folder=folder, diary=folder / "diary.sqlite", run=run) for word in words]
            found[name].append(_run(tree, folder, ["-m", "nightvoice", *filled]))
    return {
        name: {"processor_s": round(min(cpu for cpu, _ in runs), 2), "wall_s": round(min(wall for _, wall in runs), 2)}
        for name, runs in found.items()
    }


def _run(tree: Path, folder: Path, words: Sequence[str]) -> tuple[float, float]:
    """Run Python on the checkout ``tree``; return seconds of processor time and of wall time."""
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    surroundings = os.environ | homes | {"PYTHONPATH": str(tree)}
    processor, began = children_s(), perf_counter()
    subprocess.run([sys.executable, *words], cwd=tree, env=surroundings, check=True, capture_output=True)
    return children_s() - processor, perf_counter() - began


if __name__ == "__main__":
    main()
