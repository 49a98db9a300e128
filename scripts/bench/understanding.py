"""How well people's own words are understood: sets of sentences and answers that nobody tuned on.

    python scripts/bench/understanding.py [--round 3] [--wrong]

Each sentence is said in an episode, to the real guide. An emergency is heard if the guide tells what to do, or asks one
question that leads there; a harmless sentence must start neither. tests/understanding/unseen/README.md tells how the
sets were made and what their first try gave. Prints one JSON object last.
"""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from nightvoice.assembly import build_recognizer
from nightvoice.config.schema import Config
from nightvoice.content import load_pack
from nightvoice.understanding.recognizer import IntentRecognizer
from scripts.train.sayings import QUESTIONS

UNSEEN: Final = Path(__file__).parent.parent.parent / "tests" / "understanding" / "unseen"
PACK: Final = load_pack("en")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round", type=int, help="only this round; default: the newest")
    parser.add_argument("--folder", type=Path, default=UNSEEN)
    parser.add_argument("--wrong", action="store_true", help="show each sentence that was not understood")
    options = parser.parse_args()
    number = options.round or max(int(file.stem.split("_")[-1]) for file in options.folder.glob("said_*.tsv"))
    recognizer = build_recognizer(Config())
    said = rows(options.folder / f"said_{number}.tsv")
    answers = rows(options.folder / f"answers_{number}.tsv")
    began = perf_counter()
    judged = [(kind, name, text, outcome(recognizer, text)) for kind, name, text in said]
    each = (perf_counter() - began) / len(said)
    answered = [(question, meaning, text, answer(recognizer, question, text)) for question, meaning, text in answers]
    if options.wrong:
        show(judged, answered)
    print(
        json.dumps(
            {"round": number, **sentences(judged), **people(answered), "milliseconds_each": round(each * 1e3, 1)}
        )
    )


def rows(file: Path) -> list[tuple[str, str, str]]:
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines() if line)
    return [(first, second, text) for first, second, text in lines]


def outcome(recognizer: IntentRecognizer, text: str) -> str:
    """What the guide would do: the action of the flag raised, "ask ACTION", or nothing."""
    result = recognizer.recognize(text, "guiding")
    if result is None or result.intent not in ("flag", "suspicion", "help"):
        return "nothing"
    if result.intent == "help":
        return "ask emergency"
    action = PACK.triage.flags[result.slots["flag"]].action
    return action if result.intent == "flag" else f"ask {action}"


def answer(recognizer: IntentRecognizer, question: str, text: str) -> str:
    """The answer as understood: yes, no, unsure, or other."""
    state = (
        "triage" if question in PACK.triage.flags else "usual" if question in ("usual", "still", "doubt") else "guiding"
    )
    result = recognizer.recognize(text, state, QUESTIONS[question][0])
    if result is None:
        return "other"
    if question in PACK.triage.flags and result.intent in ("flag", "suspicion"):
        return "yes"
    positive = {"easing": ("better", "gone"), "still": ("cramp", "worse"), "help": ("help",)}
    negative = {"easing": ("worse",), "still": ("gone",), "usual": ("unusual", "flag", "suspicion"), "help": ("fine",)}
    if result.intent in positive.get(question, ()) or (question == "help" and result.intent in ("flag", "suspicion")):
        return "yes"
    if result.intent in negative.get(question, ()):
        return "no"
    return result.intent if result.intent in ("yes", "no", "unsure") else "other"


def sentences(judged: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    """Shares in percent."""
    by_class: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, _, _, found in judged:
        by_class[kind][found] += 1

    def share(kind: str, *outcomes: str) -> float:
        counts = by_class[kind]
        return round(100 * sum(counts[o] for o in outcomes) / max(1, sum(counts.values())), 1)

    asks = ("ask emergency", "ask urgent", "ask doctor", "ask morning")
    return {
        "emergencies": sum(by_class["emergency"].values()),
        "emergency_line_or_question": share("emergency", "emergency", "ask emergency", "ask urgent"),
        "emergency_line": share("emergency", "emergency"),
        "emergency_got_nothing": share("emergency", "nothing"),
        "urgent_flagged_or_asked": share("urgent", "emergency", "urgent", "ask emergency", "ask urgent"),
        "uneasy_asked": share("uneasy", "emergency", "urgent", *asks),
        "harmless": sum(by_class["harmless"].values()),
        "false_emergencies": share("harmless", "emergency"),
        "false_urgent": share("harmless", "urgent"),
        "needless_questions": share("harmless", *asks),
    }


def people(answered: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    right = sum(meaning == found for _, meaning, _, found in answered)
    dangers = [row for row in answered if row[0] in PACK.triage.flags]
    return {
        "answers": len(answered),
        "answers_right": round(100 * right / max(1, len(answered)), 1),
        "yes_taken_for_no": sum((meaning, found) == ("yes", "no") for _, meaning, _, found in answered),
        "danger_yes_taken_for_no": sum((meaning, found) == ("yes", "no") for _, meaning, _, found in dangers),
        "no_taken_for_yes": sum((meaning, found) == ("no", "yes") for _, meaning, _, found in answered),
    }


def show(judged: list[tuple[str, str, str, str]], answered: list[tuple[str, str, str, str]]) -> None:
    """List what was not understood."""
    good = {"emergency": ("emergency", "ask emergency", "ask urgent"), "harmless": ("nothing", "doctor", "morning")}
    table = Table("class", "kind", "said", "outcome")
    for kind, name, text, found in judged:
        if kind in good and found not in good[kind]:
            table.add_row(kind, name, text, found)
    for question, meaning, text, found in answered:
        if meaning != found:
            table.add_row(question, meaning, text, found)
    Console().print(table)


if __name__ == "__main__":
    main()
