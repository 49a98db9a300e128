"""How well people's own words are understood: sets of sentences and answers that nobody tuned on.

    python scripts/bench/understanding.py [--round 3] [--wrong] [--ears 4]

Each sentence is understood as it would be in an episode. An emergency is heard if its flag is raised, or one question
is asked that leads there; a harmless sentence must do neither. ``--ears N``: every Nth sentence is also spoken by a
test voice, in a room with noise at 20 dB, and heard by the pipeline; both figures are of the same sentences.
tests/understanding/unseen/README.md says how the sets were made and what their first try gave. Also prints the memory
that understanding words takes. One JSON object last.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from itertools import count, cycle
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nightvoice.assembly import build_pipeline, build_recognizer
from nightvoice.audio.frames import FRAME_SAMPLES
from nightvoice.config.schema import Config
from nightvoice.content.loader import load_pack
from nightvoice.listening.decision import Verdict
from nightvoice.system.malloc_trim import resident_mb
from scripts.train.sayings import QUESTIONS

UNSEEN: Final = Path(__file__).parents[2] / "tests" / "understanding" / "unseen"
PACK: Final = load_pack("en")
MEANS_YES: Final = {
    "easing": ("better", "gone"),
    "gone": ("gone",),
    "still": ("cramp", "worse"),
    "doubt": ("cramp",),
    "help": ("help",),
}
"""Intents, and requests, that the guide takes for a yes, by question."""
MEANS_NO: Final = {
    "easing": ("worse", "not_working"),
    "gone": ("better", "worse", "not_working"),
    "still": ("gone",),
    "usual": ("unusual", "worse", "flag", "suspicion"),
    "help": ("fine",),
}
Recognized = tuple[str, Mapping[str, str]] | None
"""Intent and slots."""


Row = tuple[str, str, str]
"""Class, kind and sentence; or question, meaning and answer."""
Understand = Callable[[str, str, str], Recognized]
"""From words, the dialogue's state and the open question to an intent and its slots."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round", type=int, help="only this round; default: the newest")
    parser.add_argument("--wrong", action="store_true", help="show each sentence that was not understood")
    parser.add_argument("--ears", type=int, default=0, help="also let the ears hear every Nth sentence")
    options = parser.parse_args()
    number = options.round or max(int(file.stem.split("_")[-1]) for file in UNSEEN.glob("said_*.tsv"))
    before = resident_mb()
    recognizer = build_recognizer(Config())
    said, answers = rows(UNSEEN / f"said_{number}.tsv"), rows(UNSEEN / f"answers_{number}.tsv")
    step = options.ears or 1

    def read(text: str, state: str, question: str) -> Recognized:
        result = recognizer.recognize(text, state, question)
        return None if result is None else (result.intent, result.slots)

    began = perf_counter()
    judged = [(*row, outcome(read, row[2])) for row in said[::step]]
    each = (perf_counter() - began) / len(judged)
    answered = [(*row, answer(read, row[0], row[2])) for row in answers[::step]]
    figures = {"round": number, **sentences(judged), **people(answered), "milliseconds_each": round(each * 1e3, 1)}
    figures["memory_mb"] = round(resident_mb() - before)
    if options.ears:
        hear = by_ear()
        judged = [(*row, outcome(hear, row[2])) for row in track(said[::step], "sentences")]
        answered = [(*row, answer(hear, row[0], row[2])) for row in track(answers[::step], "answers")]
        figures |= {f"heard, {name}": value for name, value in {**sentences(judged), **people(answered)}.items()}
    if options.wrong:
        show(judged, answered)
    print(json.dumps(figures))


def by_ear() -> Understand:
    """Understand words by speaking them to the pipeline. The first thing heard counts."""
    from scripts.bench.voices import in_bedroom, room_noise, voices, with_noise  # noqa: PLC0415

    pipeline, noise, rng = build_pipeline(Config()), room_noise("test"), np.random.default_rng(5)
    speakers, turn = cycle(voices("test").values()), count()

    def hear(text: str, state: str, question: str) -> Recognized:
        sound = with_noise(in_bedroom(next(speakers)(text), "test", next(turn)), noise, 20, rng)
        starts = range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
        pipeline.forget()  # another person speaks
        results = (pipeline.hear(sound[at : at + FRAME_SAMPLES], state, None, question) for at in starts)
        heard = [each for each in results if each is not None and each.verdict is Verdict.HEARD]
        dangers = [each for each in heard if each.intent in ("flag", "suspicion")]
        first = next(iter(dangers or heard), None)
        return None if first is None else (first.intent, first.slots)

    return hear


def rows(file: Path) -> list[Row]:
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines() if line)
    return [(first, second, text) for first, second, text in lines]


def outcome(understand: Understand, text: str) -> str:
    """What the guide would do: the action of the flag raised, "ask ACTION", or nothing."""
    intent, slots = understand(text, "guiding", "") or ("", {})
    if intent not in ("flag", "suspicion", "help"):
        return "nothing"
    if intent == "help":
        return "ask emergency"
    action = PACK.triage.flags[slots["flag"]].action
    return action if intent == "flag" else f"ask {action}"


def answer(understand: Understand, question: str, text: str) -> str:
    """The answer as understood: yes, no, unsure, or other."""
    danger = question in PACK.triage.flags
    state = "triage" if danger else "usual" if question in ("usual", "still", "doubt") else "guiding"
    intent, slots = understand(text, state, QUESTIONS[question][0]) or ("other", {})
    intent = slots["what"] if intent == "asked" else intent
    if intent in ("yes", "no", "unsure"):
        return intent
    if (danger and intent in ("flag", "suspicion")) or intent in MEANS_YES.get(question, ()):
        return "yes"
    return "no" if intent in MEANS_NO.get(question, ()) else "other"


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
    remarks = [row for row in answered if row[1] == "other"]
    answered = [row for row in answered if row[1] != "other"]
    right = sum(meaning == found for _, meaning, _, found in answered)
    dangers = [row for row in answered if row[0] in PACK.triage.flags]
    return {
        "answers": len(answered),
        "answers_right": round(100 * right / max(1, len(answered)), 1),
        "yes_taken_for_no": sum((meaning, found) == ("yes", "no") for _, meaning, _, found in answered),
        "danger_yes_taken_for_no": sum((meaning, found) == ("yes", "no") for _, meaning, _, found in dangers),
        "no_taken_for_yes": sum((meaning, found) == ("no", "yes") for _, meaning, _, found in answered),
        "remarks": len(remarks),
        "remarks_taken_for_yes": sum(found == "yes" for *_, found in remarks),
        "remarks_taken_for_no": sum(found == "no" for *_, found in remarks),
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
