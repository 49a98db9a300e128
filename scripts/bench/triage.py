"""Triage against its table of utterances: emergencies missed, false alarms, time. Prints one JSON object last.

python scripts/bench/triage.py [--set fresh] [--language de]
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from nightvoice.content.loader import load_pack
from nightvoice.understanding.red_flags import RedFlagDetector, RedFlagFinding

TESTS = Path(__file__).parent.parent.parent / "tests" / "understanding"
TABLES = {"en": TESTS / "triage_table.yaml", "de": TESTS / "triage_table_de.yaml"}
REPEAT = 5
"""Repetitions for the average time of one call."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", help="only this set of the table: tuned, seen_once, fresh")
    parser.add_argument("--language", default="en", choices=sorted(TABLES))
    options = parser.parse_args()
    triage = load_pack(options.language).triage
    signs = RedFlagDetector(triage)
    rows: list[dict[str, Any]] = yaml.safe_load(TABLES[options.language].read_text("utf-8"))
    utterances = [(row["expect"], text) for row in rows if options.set in (None, row["set"]) for text in row["said"]]
    counts, wrong = Counter[str](), []
    for expected, text in utterances:
        found = told(signs.find(text))
        counts.update(judge(expected, found, {flag for flag, f in triage.flags.items() if f.action == "emergency"}))
        if found != expected:
            wrong.append((text, expected, found))
    began = perf_counter()
    for _ in range(REPEAT):
        for _, text in utterances:
            signs.find(text)
    each = (perf_counter() - began) / REPEAT / len(utterances)
    show(wrong)
    print(json.dumps({"utterances": len(utterances), **counts, "as_expected": len(utterances) - len(wrong),
                      "microseconds_each": round(each * 1e6)}))  # fmt: skip


def told(finding: RedFlagFinding) -> str:
    """A finding in the notation of the table."""
    if finding.flag is None:
        return "none"
    return finding.flag if finding.sure else f"ask {finding.flag}"


def judge(expected: str, found: str, emergencies: set[str]) -> Counter[str]:
    """Count one utterance. An emergency that only leads to a question is counted separately."""
    counts = Counter(emergencies=0, emergencies_missed=0, emergencies_asked_about=0)
    counts.update(harmless=0, false_emergencies=0, false_alarms_of_any_kind=0, needless_questions=0)
    if expected in emergencies:
        counts["emergencies"] += 1
        counts["emergencies_missed"] += found == "none" or found.removeprefix("ask ") not in emergencies
        counts["emergencies_asked_about"] += found.startswith("ask ")
    if expected == "none":
        counts["harmless"] += 1
        counts["false_emergencies"] += found in emergencies
        counts["false_alarms_of_any_kind"] += found != "none" and not found.startswith("ask ")
        counts["needless_questions"] += found.startswith("ask ")
    return counts


def show(wrong: list[tuple[str, str, str]]) -> None:
    table = Table("utterance", "expected", "found", title=f"{len(wrong)} otherwise than expected")
    for row in wrong:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
