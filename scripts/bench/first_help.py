"""How soon help comes after "I have a cramp in my left calf", and with how many words: a part of ``guide.py``.

It imports only what older checkouts have too; run by itself, it prints one JSON object for the checkout on its path.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nightvoice.content.loader import load_pack
from nightvoice.content.schema import SITES
from nightvoice.dialogue.actions import Action, Record, Say
from nightvoice.dialogue.guide import Guide
from nightvoice.speaking.duration import estimate_seconds
from tests.dialogue.bedroom import Bedroom

PACK: Final = load_pack()
NUMBERS: Final = frozenset(PACK.phrases.counts)
NIGHT_S: Final = 600.0
REPLY_S: Final = 1.0
"""Seconds from the end of a question to its answer."""
RESTS: Final = ("And", "Let", "Rest")
"""How the words of a rest begin, which end a hold; in older checkouts too."""
USUAL: Final = {"usual cramp": "yes"}


@dataclass
class TimedBedroom(Bedroom):
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


def is_count(text: str) -> bool:
    return text in NUMBERS


def is_step(text: str, site: str) -> bool:
    """Return whether ``text`` is what begins a step for ``site``."""
    return any(text in step.say for step in PACK.protocols[site])


def questions(bed: TimedBedroom, until: float = NIGHT_S) -> Iterator[Say]:
    """Let time pass, and yield each question once it could be answered."""
    seen = 0
    while bed.t < until:
        bed.wait(0.25)
        heard, seen = bed.said[seen:], len(bed.said)
        for _, end, say in heard:
            if "?" in say.text:
                bed.wait(max(0.0, end + REPLY_S - bed.t))
                yield say


def live(site: str, answers: Mapping[str, str]) -> TimedBedroom:
    """Play the night of a cramp at ``site``. ``answers``: part of a question, and the answer to it; else silence."""
    bed = TimedBedroom(Guide(PACK), rules={})
    bed.hear("cramp", {"site": site, "side": "left"})
    for say in questions(bed):
        for part, answer in answers.items():
            if part in say.text:
                bed.hear(answer, {})
    return bed


def opening(bed: TimedBedroom, site: str) -> dict[str, float]:
    """Return when help came, and with how many words."""
    counted = next(n for n, (_, _, say) in enumerate(bed.said) if is_count(say.text))
    over = next(n for n in range(counted, len(bed.said)) if bed.said[n][2].text.startswith(RESTS))
    return {
        "movement_s": round(next(begin for begin, _, say in bed.said if is_step(say.text, site)), 1),
        "counted_s": round(bed.said[counted][0], 1),
        "words_until_hold_over": sum(len(s.text.split()) for _, _, s in bed.said[:over] if not is_count(s.text)),
    }


def by_site() -> dict[str, Any]:
    """Return the figures by site."""
    return {
        site: {"answers_yes": opening(live(site, USUAL), site), "silent": opening(live(site, {}), site)}
        for site in SITES
    }


if __name__ == "__main__":
    print(json.dumps(by_site()))
