"""What it costs to create a diary and to import the diary's code. Prints one JSON object last.

Processor time of a fresh process, beyond that of the bare interpreter. `--against DIR` also measures another checkout,
in turn with this one, and adds the ratio.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from scripts.bench.processor_time import children_s

HERE = Path(__file__).parents[2]
REPEATS = 15
PROGRAMS = {
    "bare": "pass",
    "import": "import nightvoice.diary.store",
    "create": "import sys; from nightvoice.diary.store import Diary; Diary.open(sys.argv[1]).close()",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, metavar="DIR", help="a checkout to compare with")
    against = parser.parse_args().against
    checkouts = {"here": HERE} | ({"there": against.resolve()} if against else {})
    with TemporaryDirectory() as place:
        folder = Path(place)
        # One run more than is counted: the first compiles the modules.
        runs = [
            {(name, what): _ms(checkout, what, folder) for name, checkout in checkouts.items() for what in PROGRAMS}
            for _ in range(REPEATS + 1)
        ][1:]
    result: dict[str, float] = {}
    for what in ("import", "create"):
        cost = {name: median(run[name, what] - run[name, "bare"] for run in runs) for name in checkouts}
        result |= {f"{what}_{name}_ms": round(value, 1) for name, value in cost.items()}
        if against:
            result[f"{what}_ratio"] = round(cost["here"] / cost["there"], 2)
    print(json.dumps(result))


def _ms(checkout: Path, what: str, folder: Path) -> float:
    """Processor milliseconds of one of PROGRAMS with the code of ``checkout``."""
    (folder / "diary.sqlite").unlink(missing_ok=True)
    compiled = folder / str(abs(hash(checkout)))
    paths = {"PYTHONPATH": str(checkout), "PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": ""}
    before = children_s()
    command = [sys.executable, "-c", PROGRAMS[what], str(folder / "diary.sqlite")]
    subprocess.run(command, env=os.environ | paths, cwd=folder, check=True)
    return 1000 * (children_s() - before)


if __name__ == "__main__":
    main()
