"""How well requests are understood: a step, an answer or another way by name, in words that nobody tuned on.

    python scripts/bench/asked.py [--wrong] [FILE]

FILE: lines of what is wanted (``none``: nothing), a tab, and the words; default: the newest round of
tests/understanding/unseen, whose README.md says how it was made. Also counts the requests that are taken for a yes or
no to a question that is open. Prints one JSON object last.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Final

from nightvoice.assembly import build_recognizer
from nightvoice.config.schema import Config
from nightvoice.content.requests import REQUESTS
from nightvoice.understanding.recognizer import ASKED, RecognizeResult
from nightvoice.understanding.sentence_classifier import WHAT_IF
from scripts.bench.understanding import UNSEEN

SAME: Final = {
    "helper": "partner",
    "commands": "what_can_you",
    "what_else": "stretch_other",
    "next": "stretch_other",
    "doctor": "danger",
}
"""Intents and requests that do what another name in the file wants."""

OPEN: Final = {
    "usual": "Is it like your usual cramp?",
    "guiding": "Is it easing?",
    "triage": "Do you have chest pain, or trouble breathing?",
}
"""States, each with a question that may be open while something else is asked for."""
SIGNS: Final = {"danger", "not_working", "hurts", "cannot_reach", "cannot_sit", WHAT_IF}
"""Requests that may answer such a question, too."""


def understood(result: RecognizeResult | None) -> str:
    """Return the name in the file for what was understood: ``none`` for anything that is no request."""
    if result is None:
        return "none"
    name = result.slots["what"] if result.intent == ASKED else result.intent
    name = SAME.get(name, name)
    return name if name in (*REQUESTS, WHAT_IF) else "none"


def answers_it(result: RecognizeResult | None) -> bool:
    """Return whether a yes or no was understood."""
    return result is not None and result.intent in ("yes", "no")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="default: the newest round")
    parser.add_argument("--wrong", action="store_true", help="show each sentence that was misunderstood")
    options = parser.parse_args()
    file = options.file or max(UNSEEN.glob("asked_*.tsv"), key=lambda each: int(each.stem.split("_")[-1]))
    recognizer = build_recognizer(Config())
    rows = [line.split("\t")[:2] for line in file.read_text(encoding="utf-8").splitlines() if "\t" in line]
    rows = [(SAME.get(wanted, wanted), text) for wanted, text in rows if wanted != "wanted"]
    missed: Counter[str] = Counter()
    for wanted, text in rows:
        result = recognizer.recognize(text, "guiding")
        found = understood(result)
        asks_back = wanted in ("danger", WHAT_IF) and result is not None and result.intent == "suspicion"
        asks_back = asks_back or (wanted == WHAT_IF and found == "danger")
        if found != wanted and not asks_back:
            missed[wanted] += 1
            if options.wrong:
                print(f"{wanted:>14} taken for {found:<14} {text}")
    asked = sum(wanted != "none" for wanted, _ in rows)
    besides = [text for wanted, text in rows if wanted not in ("none", *SIGNS)]
    answers = {
        question: sum(answers_it(recognizer.recognize(text, state, question)) for text in besides)
        for state, question in OPEN.items()
    }
    wrong = missed.total() - missed["none"]
    result = {
        "asked": asked,
        "understood_percent": round(100 * (1 - wrong / asked), 1),
        "none": len(rows) - asked,
        "none_taken_for_a_request": missed["none"],
        "missed": dict(missed),
        "requests_beside_a_question": len(besides),
        "taken_for_its_answer": answers,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
