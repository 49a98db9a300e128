"""Random nights: a person who says anything at any time, or nothing, with power cuts."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.requests import REQUESTS
from nightvoice.content.schema import SITES, Pack
from nightvoice.dialogue.commands import COMMANDS
from nightvoice.dialogue.cramp_history import CrampHistory, Place
from nightvoice.dialogue.events import (
    Event,
    InputLost,
    InputRestored,
    LowConfidenceWake,
    NotUnderstood,
    ProfileTime,
    StretchTime,
    Suspected,
)
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.step_history import StepHistory
from nightvoice.understanding.recognizer import WHAT_IF
from tests.dialogue.bedroom import ALL, Bedroom
from tests.dialogue.observer import PACK
from tests.dialogue.rules import Rule

Happening = Callable[[Bedroom], None]


def says(intent: str, **slots: str) -> Happening:
    return lambda bedroom: bedroom.hear(intent, slots)


def whispers(intent: str) -> Happening:
    return lambda bedroom: bedroom.hear(intent, {}, whispered=True)


def usual_cramp(bedroom: Bedroom, site: str) -> None:
    """A cramp at ``site``, up to its first step."""
    bedroom.hear("cramp", {"site": site})
    bedroom.wait(9.0)
    bedroom.hear("yes", {})


def impatience(bedroom: Bedroom) -> None:
    """Skip to the end of the plan."""
    for _ in range(6):
        bedroom.hear("next", {})


def giving_up(bedroom: Bedroom) -> None:
    """Stop, then say nothing for some minutes."""
    bedroom.hear("stop", {})
    bedroom.wait(250.0)


def asked_about(bedroom: Bedroom) -> None:
    """Answer some questions about the profile, then stop."""
    bedroom.hear("profile", {})
    for intent in ("yes", "no", "unsure", "yes", "yes", "next", "yes", "stop"):
        bedroom.wait(20.0)
        bedroom.hear(intent, {})


def doubts(flag: str) -> Happening:
    return lambda bedroom: bedroom.send(Suspected(bedroom.t, flag))


def comes(event: Callable[[float], Event]) -> Happening:
    return lambda bedroom: bedroom.send(event(bedroom.t))


def silence(seconds: float) -> Happening:
    return lambda bedroom: bedroom.wait(seconds)


def power_cut(minutes: float) -> Happening:
    return lambda bedroom: bedroom.restart(minutes)


SIGNS = sorted({name for name, flag in PACK.triage.flags.items() if flag.ask}.union(PACK.triage.lexicon.signs))
TELLABLE = (
    "pregnant",
    "blood_thinners",
    "diabetes",
    "neuropathy",
    "arterial_disease",
    "kidney_disease",
    "heart_disease",
    "fall_risk",
    "limited_mobility",
)
"""Conditions that a person tells of at night."""


def mumbles(bedroom: Bedroom) -> None:
    """Say something of several words that is not understood."""
    bedroom.send(NotUnderstood(bedroom.t, 4))


def confides(bedroom: Bedroom, condition: str) -> None:
    """Tell of a condition during the first step, and skip to the end of the plan."""
    usual_cramp(bedroom, "calf")
    bedroom.wait(9.0)
    bedroom.hear("told", {"condition": condition})
    bedroom.wait(4.0)
    bedroom.hear("no", {})
    impatience(bedroom)


def gets_nowhere(bedroom: Bedroom) -> None:
    """Answer "no" for some minutes: no step brings relief."""
    for _ in range(14):
        bedroom.hear("no", {})
        bedroom.wait(70.0)


RARE: list[Happening] = [
    *(says(intent) for intent in (*COMMANDS, "pause", "pause", "worse", "cramp", "stretch", "unsure", "good_morning")),
    *(says("cramp", site=site, side=side) for site in (*SITES, "thigh", "leg") for side in ("left", "both")),
    *(says("site", site=site) for site in (*SITES, "thigh", "front", "leg")),
    says("side", side="right"),
    says("profile"),
    *(whispers(intent) for intent in ("yes", "no", "louder", "stretch")),
    says("quieter", whisper="on"),
    *(says("flag", flag=sign) for sign in SIGNS),
    *(says("told", condition=condition) for condition in TELLABLE),
    *(says(intent) for intent in ("unusual", "fine", "help_coming", "no_phone", "alone") * 2),
    *(partial(confides, condition=condition) for condition in TELLABLE),
    *(says("asked", what=what) for what in (*REQUESTS, WHAT_IF) if what not in ("partner", "what_can_you")),
    gets_nowhere,
    mumbles,
    *(doubts(sign) for sign in SIGNS if PACK.triage.flags[sign].ask),
    *(comes(event) for event in (NotUnderstood, LowConfidenceWake, InputLost, InputRestored, StretchTime, ProfileTime)),
    *(silence(seconds) for seconds in (20.0, 20.0, 20.0, 60.0, 60.0, 300.0, 700.0)),
    *(power_cut(minutes) for minutes in (0.2, 3.0, 12.0, 800.0)),
]
HAPPENINGS: list[Happening] = [
    *(partial(usual_cramp, site=site) for site in SITES * 6),
    *(says(intent) for intent in ("yes", "no", "better", "next") * 10),
    *([impatience, giving_up] * 5),
    *([asked_about] * 3),
    *([mumbles] * 2),
    gets_nowhere,
    *RARE,
]
PAUSES = (0.0, 0.5, 1.5, 3.0, 3.0, 4.0, 4.0, 6.0, 9.0, 15.0, 40.0)
KEYS = [(protocol, step.id) for protocol, steps in PACK.protocols.items() for step in steps]


class AnyNight(RuleBasedStateMachine):
    """Checks every step of the guide against the rules in ``judged_by``; ``steps`` counts them."""

    judged_by: ClassVar[Mapping[str, Rule]] = ALL
    pack: ClassVar[Pack] = PACK
    steps: ClassVar[int] = 0

    @initialize(
        profile=st.frozensets(st.sampled_from(CONDITIONS), max_size=3),
        eased=st.lists(st.sampled_from(KEYS), max_size=3),
        worse=st.lists(st.sampled_from(KEYS), max_size=3),
        usual=st.frozensets(st.sampled_from(SITES), max_size=2),
        place=st.none() | st.builds(Place, st.sampled_from(SITES), st.sampled_from((None, "left", "right", "both"))),
    )
    def lies_down(
        self,
        profile: frozenset[str],
        eased: list[tuple[str, str]],
        worse: list[tuple[str, str]],
        usual: frozenset[str],
        place: Place | None,
    ) -> None:
        history = CrampHistory(StepHistory(Counter(eased), Counter(worse)), usual, place)
        self.bedroom = Bedroom(Guide(self.pack, profile=profile), profile, self.judged_by, history)

    @rule(number=st.integers(0, len(HAPPENINGS) - 1), pause=st.sampled_from(PAUSES))
    def happens(self, number: int, pause: float) -> None:
        HAPPENINGS[number](self.bedroom)
        self.bedroom.wait(pause)

    def teardown(self) -> None:
        if hasattr(self, "bedroom"):
            self.bedroom.wait(2000)
            AnyNight.steps += self.bedroom.steps
            assert not self.bedroom.night.open, "left alone it comes to an end"


def play(nights: int, same: bool) -> int:
    """Play random nights, the ``same`` each time or new ones; returns the number of steps. Raises RuleBrokenError."""
    AnyNight.steps = 0
    run_state_machine_as_test(
        AnyNight,
        settings=settings(
            max_examples=nights,
            stateful_step_count=40,
            derandomize=same,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return AnyNight.steps
