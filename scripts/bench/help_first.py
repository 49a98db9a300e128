"""How soon help comes after "I have a cramp in my left calf", and with how many words. Prints one JSON object last.

    python scripts/bench/help_first.py [--against DIR]

By site, each utterance as long as it takes to say: seconds of speech to the first movement, seconds until the hold of a
person who stays silent is counted, words (without counts) until the first hold is over, and the longest time without a
word in the ten minutes of an episode. Also when each of the three ways (towel, feet over the edge, walk) is reached by
somebody whom nothing helps and who is steady. DIR: a checkout of an older version, for the same figures of it.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nightvoice.content.loader import load_pack
from nightvoice.content.schema import SITES
from nightvoice.dialogue.actions import Action, Record, Say
from nightvoice.dialogue.guide import Guide
from nightvoice.speaking.duration import estimate_seconds
from tests.dialogue.bedroom import Bedroom

PACK: Final = load_pack()
NUMBERS: Final = frozenset(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
NIGHT_S: Final = 600.0
REPLY_S: Final = 1.0
"""Seconds from the end of a question to its answer."""
USUAL: Final = {"usual cramp": "yes"}
STEADY: Final = {"usual": "yes", "easing": "no", "steady": "yes", "another way": "yes"}
"""The answers of somebody whom nothing helps, and who can walk."""


@dataclass
class Timed(Bedroom):
    """A bedroom in which everything takes as long as it does to say."""

    said: list[tuple[float, float, Say]] = field(default_factory=list)
    """Begin, end and words of each utterance."""
    steps_at: dict[str, float] = field(default_factory=dict)
    """When each step first began."""

    def _do(self, act: Action) -> None:
        super()._do(act)
        if isinstance(act, Say):
            end = self.t + estimate_seconds(act.text)
            self.speech = (act.utterance, end)
            self.said.append((self.t, end, act))
        if isinstance(act, Record) and act.kind == "step":
            self.steps_at.setdefault(str(act.data["step"]), self.t)


def is_count(say: Say) -> bool:
    return say.text.strip(" .…").lower() in NUMBERS


def live(site: str, answers: Mapping[str, str], otherwise: str | None = None) -> Timed:
    """Play the night of a cramp at ``site``. ``answers``: part of a question, and the answer to it.

    ``otherwise``: the answer to any other question; None for silence.
    """
    bed = Timed(Guide(PACK), rules={})
    bed.hear("cramp", {"site": site, "side": "left"})
    while bed.t < NIGHT_S:
        before = len(bed.said)
        bed.wait(0.25)
        for _, end, say in bed.said[before:]:
            named = (answer for part, answer in answers.items() if part in say.text and "?" in say.text)
            intent = next(named, otherwise if say.text.endswith("?") else None)
            if intent is not None:
                bed.wait(max(0.0, end + REPLY_S - bed.t))
                bed.hear(intent, {})
    return bed


def opening(bed: Timed, site: str) -> dict[str, float]:
    """Return when help came, with how many words, and the longest silence."""
    movements = {text for step in PACK.protocols[site] for text in step.say}
    counted = [n for n, (_, _, say) in enumerate(bed.said) if is_count(say)]
    over = next(n for n in range(counted[0], len(bed.said)) if bed.said[n][2].text.split()[0] in ("And", "Let", "Rest"))
    words = sum(len(say.text.split()) for _, _, say in bed.said[:over] if not is_count(say))
    gaps = (begin - end for (_, end, _), (begin, _, _) in zip(bed.said, bed.said[1:], strict=False) if begin < NIGHT_S)
    return {
        "movement_s": round(next(begin for begin, _, say in bed.said if say.text in movements), 1),
        "counted_s": round(bed.said[counted[0]][0], 1),
        "words_until_hold_over": words,
        "longest_gap_s": round(max(gaps), 1),
    }


def table() -> dict[str, Any]:
    """Return all figures by site."""
    return {
        site: {
            "answers_yes": opening(live(site, USUAL), site),
            "silent": opening(live(site, {}), site),
            "minutes_to_each_way": {step: round(at / 60, 1) for step, at in live(site, STEADY, "no").steps_at.items()},
        }
        for site in SITES
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, metavar="DIR", help="also measure this checkout")
    options = parser.parse_args()
    result = {"now": table()}
    if options.against is not None:
        command = [sys.executable, str(Path(__file__).resolve())]
        surroundings = {**os.environ, "PYTHONPATH": str(options.against)}
        found = subprocess.run(
            command, cwd=options.against, env=surroundings, capture_output=True, text=True, check=True
        )
        result["before"] = json.loads(found.stdout)["now"]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
