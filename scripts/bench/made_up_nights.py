"""Made-up nights for ``guide.py``: a person with a cramp who answers, asks, interrupts or stays silent, by a seed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Final

from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.schema import SITES, THIGH
from nightvoice.dialogue.actions import Action, Record, Say
from nightvoice.dialogue.cramp_history import CrampHistory, Place
from nightvoice.dialogue.events import HistoryReady
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.prompt_builder import RISKS
from nightvoice.dialogue.step_history import StepHistory
from scripts.bench.first_help import PACK, REPLY_S, TimedBedroom, is_count, is_step
from tests.dialogue.any_night import KEYS, RARE
from tests.dialogue.bedroom import ALL
from tests.dialogue.observer import PRESSING, QUESTIONS, Night
from tests.dialogue.rules import RuleBrokenError, Turn

NIGHT_S: Final = 900.0
ANSWERS: Final = {
    "easing": ("yes", "no", "better", "no", "gone"),
    "gone": ("yes", "no"),
    "usual": ("yes", "yes", "yes", "no", "unsure"),
    "danger": ("no", "no", "no", "no", "yes", "unsure"),
    "safe_to_stand": ("yes", "no"),
    "site": tuple(SITES),
    "thigh": ("front", "back"),
}
"""Likely answers by question; to any other yes or no."""


@dataclass(frozen=True)
class Person:
    """How somebody behaves tonight."""

    answers: float
    """How often they answer a question."""
    interrupts: float
    """How often, each second, they say or do something that nobody asked for."""


PEOPLE: Final = (Person(0.0, 0.0), Person(0.9, 0.0), Person(0.9, 0.01), Person(0.6, 0.04))


@dataclass
class MadeUpNight:
    """What one made-up night showed."""

    seed: int
    site: str | None
    movement_s: float | None = None
    """Seconds from the cramp to the first movement; None if it was interrupted, or a question had to come first."""
    counted_s: float | None = None
    longest_silence_s: float = 0.0
    asked_before_easing: list[str] = field(default_factory=list)
    """The questions to somebody whose cramp is known and usual, before "is it easing?"."""
    broken: str = ""


def play(seed: int) -> MadeUpNight:
    """Play the night of ``seed``."""
    random = Random(seed)
    site = random.choice((*SITES * 2, None, THIGH))
    profile = frozenset(random.sample(CONDITIONS, random.choice((0, 0, 0, 1, 2))))
    known = site in SITES and random.random() < 0.4
    bed = TimedBedroom(Guide(PACK, profile=profile), profile, history=_history(random, site if known else None))
    night = MadeUpNight(seed, site if site in SITES else None)
    bed.rules = {**ALL, "watch": lambda turn, act, now: _watch(night, turn, act, now)}
    slots = {} if site is None else {"site": site, "side": random.choice(("left", "right", "both"))}
    try:
        bed.send(HistoryReady(0.0, bed.history))
        bed.hear("cramp", slots)
        disturbed = next(_disturbances(bed, random), inf)
    except RuleBrokenError as broken:
        night.broken = str(broken)
        return night
    if night.site is not None and RISKS.isdisjoint(profile):
        _measure(night, bed, disturbed, known)
    return night


def _history(random: Random, site: str | None) -> CrampHistory:
    steps = StepHistory(Counter(random.sample(KEYS, 3)), Counter(random.sample(KEYS, 1)))
    if site is None:
        return CrampHistory(steps)
    return CrampHistory(steps, frozenset({site}), random.choice((None, Place(site, "left"))))


def _disturbances(bed: TimedBedroom, random: Random) -> Iterator[float]:
    """Live through the night, and yield the time of the first word of the person after the cramp."""
    person, first = random.choice(PEOPLE), inf
    while bed.t < NIGHT_S:
        before = len(bed.said)
        bed.wait(1.0)
        asked = [(end, QUESTIONS[say.text]) for _, end, say in bed.said[before:] if say.text in QUESTIONS]
        if random.random() < person.interrupts:
            first = min(first, bed.t)
            random.choice(RARE)(bed)
        elif asked and random.random() < person.answers:
            end, question = asked[-1]
            bed.wait(max(0.0, end + REPLY_S - bed.t))
            first = min(first, bed.t)
            _answer(bed, random, question)
    yield first


def _answer(bed: TimedBedroom, random: Random, question: str) -> None:
    """Answer ``question``, now and then with the place in the same sentence."""
    answer = random.choice(ANSWERS.get(question, ("yes", "no")))
    if question in ("site", "thigh"):
        bed.hear("site", {"site": answer})
    elif answer == "yes" and random.random() < 0.15:
        bed.hear("yes", random.choice(({"side": "right"}, {"site": random.choice(SITES)})))
    else:
        bed.hear(answer, {})


def _watch(night: MadeUpNight, turn: Turn, act: Action | None, now: Night) -> None:
    """Note the longest time without a word; as rule 27."""
    speaks = isinstance(act, Say) or (isinstance(act, Record) and act.kind == "episode_closed")
    if speaks and now.open and not now.speaking and not now.paused and not now.flags & PRESSING:
        night.longest_silence_s = max(night.longest_silence_s, now.t - now.quiet_since)


def _measure(night: MadeUpNight, bed: TimedBedroom, disturbed: float, known: bool) -> None:
    """Note when help came, as far as the person had said nothing else."""
    assert night.site is not None
    movement = next((begin for begin, _, say in bed.said if is_step(say.text, night.site)), inf)
    counted = next((begin for begin, _, say in bed.said if is_count(say.text)), inf)
    if min(movement, NIGHT_S) < disturbed:
        night.movement_s = movement
    if min(counted, NIGHT_S) < disturbed:
        night.counted_s = counted
    if known:
        for begin, _, say in bed.said:
            if begin >= disturbed or QUESTIONS.get(say.text) == "easing":
                break
            if say.text in QUESTIONS:
                night.asked_before_easing.append(QUESTIONS[say.text])
