"""Gives every reader what is broken in every way, for a time: configuration, content packs, recordings, imports,
diaries, archives, written nights, the page's forms. Prints one JSON object last; exit 1 where more than a line came.

``--minutes N`` of the processor for each (10), so that a busy machine tries no less; ``--only NAME``,
``--seed N``. It works in a home of its own.
"""

import argparse
import json
import os
import tempfile
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from rich.console import Console

BATCH = 500
"""Examples per seed."""
BRISK = settings(deadline=None, database=None, report_multiple_bugs=False, suppress_health_check=list(HealthCheck))


def fuzz(target, folder: Path, minutes: float, first_seed: int) -> tuple[int, str]:  # type: ignore[no-untyped-def]
    """Number of examples tried, and the traceback of the first failure after shrinking; empty if there was none."""
    from tests.fuzz.fuzz_targets import check  # noqa: PLC0415 (after the home is set)

    tried = 0
    until = time.process_time() + 60 * minutes
    while time.process_time() < until:

        @seed(first_seed + tried)
        @settings(BRISK, max_examples=BATCH)
        @given(target.examples)
        def run(example: object) -> None:
            nonlocal tried
            if time.process_time() < until:
                tried += 1
                check(target, folder, example)

        try:
            run()
        except Exception:
            return tried, traceback.format_exc()
    return tried, ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console, result, failed = Console(stderr=True), {}, False
    with tempfile.TemporaryDirectory() as place:
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            os.environ[f"XDG_{name}_HOME"] = f"{place}/home/{name.lower()}"
        from tests.fuzz.fuzz_targets import Page, targets  # noqa: PLC0415

        page = Page(Path(place))
        for target in (*targets(Path(place)), page.target()):
            if options.only and target.name != options.only:
                continue
            with console.status(f"{target.name}, {options.minutes:g} min"):
                tried, wrong = fuzz(target, Path(place) / "fuzz", options.minutes, options.seed)
            failed = failed or bool(wrong)
            console.print(f"{target.name}: {tried} examples", wrong or "in order", markup=False, highlight=False)
            result[target.name] = {"examples": tried, "wrong": wrong.strip().splitlines()[-1] if wrong else None}
        page.close()
    print(json.dumps({"minutes_each": options.minutes, **result}))
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
