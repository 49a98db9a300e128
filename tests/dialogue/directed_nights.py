"""Nights with a plan: each leads straight to what a rule is about. Random nights alone take minutes to get there."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product

from nightvoice.content.schema import SITES, Pack
from nightvoice.dialogue.events import Suspected
from nightvoice.dialogue.guide import Guide
from tests.dialogue.any_night import RARE, SIGNS, TELLABLE, asked_about, giving_up, says, usual_cramp
from tests.dialogue.bedroom import Bedroom
from tests.dialogue.observer import PACK
from tests.dialogue.rules import Rule

LONG_PLAN = 8
"""At least the number of steps of any protocol."""
PROFILES = (frozenset[str](), *(frozenset({condition}) for condition in ("pregnant", "diabetes", "fall_risk")))
Night = Callable[[Bedroom], None]


def eases_at_step(bedroom: Bedroom, site: str, number: int) -> None:
    """Skip to step ``number``, say that it eases, and go on to getting up."""
    usual_cramp(bedroom, site)
    for _ in range(number):
        bedroom.hear("next", {})
    bedroom.wait(9.0)
    bedroom.hear("better", {})
    for intent in ("no", "yes", "yes", "no", "gone"):
        bedroom.wait_for_question(60.0)
        bedroom.hear(intent, {})


def comes_to_stand(bedroom: Bedroom, number: int, answer: str | None) -> None:
    """Skip to step ``number``, say that it eases and isn't gone; answer whether it is safe to stand, or say nothing."""
    usual_cramp(bedroom, "calf")
    for _ in range(number):
        bedroom.hear("next", {})
    bedroom.wait(9.0)
    for intent in ("yes", "no", answer):
        bedroom.wait_for_question(60.0)
        if intent is not None:
            bedroom.hear(intent, {})


def tells_and_skips(bedroom: Bedroom, condition: str, cut: float | None) -> None:
    """Tell of a condition while idle; the power may fail; then have a cramp and skip through the steps."""
    bedroom.hear("told", {"condition": condition})
    bedroom.wait(30.0)
    if cut is not None:
        bedroom.restart(cut)
    skips_through(bedroom, "calf")


def tells_midway(bedroom: Bedroom, condition: str) -> None:
    """Tell of a condition during the first step, and skip through the others."""
    usual_cramp(bedroom, "calf")
    bedroom.wait(9.0)
    bedroom.hear("told", {"condition": condition})
    for _ in range(LONG_PLAN):
        bedroom.wait(6.0)
        bedroom.hear("next", {})


def skips_through(bedroom: Bedroom, site: str) -> None:
    usual_cramp(bedroom, site)
    for _ in range(LONG_PLAN):
        bedroom.wait(6.0)
        bedroom.hear("next", {})


def is_asked(bedroom: Bedroom, sign: str, answer: str | None) -> None:
    """Be asked about a danger sign during a step; answer, or say nothing; later have another cramp."""
    usual_cramp(bedroom, "calf")
    bedroom.wait(9.0)
    bedroom.send(Suspected(bedroom.t, sign))
    bedroom.wait(6.0)
    if answer is not None:
        bedroom.hear(answer, {})
    bedroom.wait(150.0)
    bedroom.hear("stop", {})
    bedroom.wait(60.0)
    skips_through(bedroom, "calf")


def happens_after(bedroom: Bedroom, before: tuple[str, ...], happening: Night) -> None:
    """Let something happen during a step, or while paused, settling or stretching for the night."""
    if before != ("stretch",):
        usual_cramp(bedroom, "calf")
    for intent in before:
        bedroom.wait(9.0)
        bedroom.hear(intent, {})
    bedroom.wait(5.0)
    happening(bedroom)
    bedroom.wait(90.0)


def cramps_twice(bedroom: Bedroom, minutes: float | None) -> None:
    """Stop a cramp early and have it again, or lose power meanwhile, until the ten minutes are over."""
    usual_cramp(bedroom, "calf")
    bedroom.wait(120.0)
    if minutes is None:
        bedroom.hear("stop", {})
        bedroom.wait(60.0)
        usual_cramp(bedroom, "calf")
    else:
        bedroom.restart(minutes)
    for _ in range(10):
        bedroom.wait(50.0)
        bedroom.hear("repeat", {})


def stretches_after(bedroom: Bedroom, sign: str) -> None:
    """Tell of a danger sign, stop, and want the bedtime stretches."""
    bedroom.hear("flag", {"flag": sign})
    bedroom.wait(9.0)
    bedroom.hear("stop", {})
    bedroom.wait(60.0)
    bedroom.hear("stretch", {})
    bedroom.wait(60.0)


def names_the_site_late(bedroom: Bedroom, sign: str) -> None:
    """Have a cramp after a danger sign, be asked about another one, and name the site before the "no"."""
    bedroom.hear("flag", {"flag": sign})
    bedroom.wait(9.0)
    bedroom.hear("stop", {})
    bedroom.wait(60.0)
    bedroom.hear("cramp", {})
    bedroom.wait(9.0)
    bedroom.send(Suspected(bedroom.t, "stroke"))
    bedroom.wait(9.0)
    bedroom.hear("site", {"site": "calf"})
    bedroom.wait(9.0)
    bedroom.hear("no", {})
    bedroom.wait(30.0)


def moves_to_the_other_leg(bedroom: Bedroom, intent: str, slots: Mapping[str, str]) -> None:
    """Feel relief on the edge of the bed, have it in the other leg, and say that it is easing a little and safe."""
    bedroom.hear("cramp", {"site": "calf", "side": "left"})
    bedroom.wait(9.0)
    bedroom.hear("next", {})
    for answer, place in (("yes", {}), (intent, slots), ("no", {}), ("yes", {}), ("no", {}), ("yes", {})):
        bedroom.wait_for_question(60.0)
        bedroom.hear(answer, place)


def false_alarm(bedroom: Bedroom, sign: str) -> None:
    """Tell of a danger sign during a step and take it back; the cramp is gone."""
    usual_cramp(bedroom, "calf")
    bedroom.wait(9.0)
    for intent, slots in (("flag", {"flag": sign}), ("fine", {}), ("no", {})):
        bedroom.hear(intent, slots)
        bedroom.wait(9.0)


def denies_the_alarm(bedroom: Bedroom, sign: str) -> None:
    """Tell of a danger sign in a step; say "no" to the alarm, and to the question about it; the cramp is gone."""
    usual_cramp(bedroom, "calf")
    bedroom.wait(9.0)
    for intent, slots in (("flag", {"flag": sign}), ("no", {}), ("no", {}), ("no", {})):
        bedroom.hear(intent, slots)
        bedroom.wait(9.0)


def denies_all(bedroom: Bedroom, sign: str) -> None:
    """Have a cramp after a danger sign, and answer every question with "no"."""
    bedroom.hear("flag", {"flag": sign})
    bedroom.wait(9.0)
    bedroom.hear("stop", {})
    bedroom.wait(60.0)
    bedroom.hear("cramp", {"site": "calf"})
    for _ in range(6):
        bedroom.wait(9.0)
        bedroom.hear("no", {})


def two_signs(bedroom: Bedroom, sign: str) -> None:
    """Tell of a faint beside another danger sign."""
    for flag in (sign, "faint"):
        bedroom.hear("flag", {"flag": flag})
        bedroom.wait(9.0)


def slows_down(bedroom: Bedroom, site: str) -> None:
    """Ask for more time until there is no more, and say nothing."""
    usual_cramp(bedroom, site)
    for _ in range(4):
        bedroom.hear("slower", {})
        bedroom.wait(3.0)
    bedroom.wait(500.0)


def groups() -> Iterator[list[Night]]:
    """Yield the planned nights, those that take longest last."""
    yield [partial(cramps_twice, minutes=minutes) for minutes in (None, 0.2, 3.0)]
    yield [partial(eases_at_step, site=site, number=number) for site in SITES for number in range(LONG_PLAN)]
    yield [partial(comes_to_stand, number=number, answer=answer) for number in range(5) for answer in ("no", None)]
    moves = (("moved", {"side": "right"}), ("moved", {"side": "other"}), ("yes", {"side": "other"}))
    yield [partial(moves_to_the_other_leg, intent=intent, slots=slots) for intent, slots in moves]
    yield [partial(slows_down, site=site) for site in SITES]
    yield [says("flag", flag=sign) for sign in SIGNS]
    after_a_sign = (two_signs, denies_all, denies_the_alarm, false_alarm, stretches_after, names_the_site_late)
    yield [partial(night, sign=sign) for sign in SIGNS for night in after_a_sign]
    yield [partial(skips_through, site=site) for site in SITES]
    yield [partial(happens_after, before=("pause",), happening=says("flag", flag=sign)) for sign in SIGNS]
    corrections = [says("site", site=site) for site in SITES]
    yield [partial(happens_after, before=(), happening=correction) for correction in corrections]
    yield [partial(tells_midway, condition=condition) for condition in TELLABLE]
    yield [partial(tells_and_skips, condition=condition, cut=cut) for condition in TELLABLE for cut in (None, 3.0)]
    answers = ("yes", "no", "unsure", "stop", None)
    asked = [sign for sign in SIGNS if PACK.triage.flags[sign].ask]
    yield [partial(is_asked, sign=sign, answer=answer) for sign in asked for answer in answers]
    for before in ((), ("pause",), ("gone",), ("stretch",)):
        yield [partial(happens_after, before=before, happening=night) for night in (asked_about, giving_up, *RARE)]


def play_directed(rules: Mapping[str, Rule], pack: Pack = PACK) -> int:
    """Play each planned night with some profiles; returns the number of steps. Raises RuleBrokenError."""
    steps = 0
    for group in groups():
        for profile, night in product(PROFILES, group):
            bedroom = Bedroom(Guide(pack, profile=profile), profile, rules)
            night(bedroom)
            bedroom.wait(700.0)
            steps += bedroom.steps
    return steps
