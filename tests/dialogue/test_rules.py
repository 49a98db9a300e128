"""Whatever is said, whenever, by whomever: none of the twelve rules is broken."""

from collections import Counter

from bedroom import Bedroom
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from observer import PACK

from nightvoice.content.gate import CONDITIONS
from nightvoice.content.schema import SITES
from nightvoice.dialogue.commands import COMMANDS
from nightvoice.dialogue.events import Doubtful, HearsAgain, NotUnderstood, StretchTime, Suspected, WentDeaf
from nightvoice.dialogue.experience import Experience
from nightvoice.dialogue.guide import Guide

EXAMPLES = 1000
STEPS = 200_000
"""Turns of the guide that the rules are held against at least."""
SIGNS = sorted(PACK.triage.lexicon.signs)
Utterance = tuple[str, dict[str, str]]
ANSWERS: list[Utterance] = [(intent, {}) for intent in ("yes", "yes", "yes", "no", "better", "next")]
WORDS: list[Utterance] = [
    *((intent, {}) for intent in (*COMMANDS, "good_morning", "stretch", "cramp")),
    *(("cramp", {"site": site, "side": side}) for site in (*SITES, "thigh", "leg") for side in ("left", "both")),
    *(("site", {"site": site}) for site in (*SITES, "thigh", "front", "leg")),
    ("side", {"side": "right"}),
]
DANGERS: list[Utterance] = [("flag", {"flag": sign}) for sign in SIGNS]
PAUSES = (0.0, 0.5, 1.5, 3.0, 4.0, 6.0, 9.0, 15.0, 40.0)
KEYS = [(protocol, step.id) for protocol, steps in PACK.protocols.items() for step in steps]
counted = Counter[str]()


class AnyNight(RuleBasedStateMachine):
    """A person who says anything at any time, or nothing; the power may go."""

    @initialize(
        profile=st.frozensets(st.sampled_from(CONDITIONS), max_size=3),
        eased=st.lists(st.sampled_from(KEYS), max_size=3),
        worse=st.lists(st.sampled_from(KEYS), max_size=3),
    )
    def lies_down(self, profile: frozenset[str], eased: list[tuple[str, str]], worse: list[tuple[str, str]]) -> None:
        experience = Experience(Counter(eased), Counter(worse))
        self.bedroom = Bedroom(Guide(PACK, profile=profile), profile, experience=experience)

    @rule(said=st.sampled_from(ANSWERS), pause=st.sampled_from(PAUSES))
    def answers(self, said: Utterance, pause: float) -> None:
        self.bedroom.hear(*said)
        self.bedroom.wait(pause)

    @rule(said=st.sampled_from(ANSWERS + WORDS), pause=st.sampled_from(PAUSES), whispered=st.booleans())
    def says(self, said: Utterance, pause: float, whispered: bool) -> None:
        self.bedroom.hear(*said, whispered)
        self.bedroom.wait(pause)

    @rule(site=st.sampled_from(SITES), pause=st.sampled_from(PAUSES))
    def has_a_cramp(self, site: str, pause: float) -> None:
        self.bedroom.hear("cramp", {"site": site})
        self.bedroom.wait(9.0)
        self.bedroom.hear("yes", {})
        self.bedroom.wait(pause)

    @rule(said=st.sampled_from(DANGERS), pause=st.sampled_from(PAUSES))
    def is_in_danger(self, said: Utterance, pause: float) -> None:
        self.bedroom.hear(*said)
        self.bedroom.wait(pause)

    @rule(flag=st.sampled_from([sign for sign in SIGNS if PACK.triage.flags[sign].ask]), pause=st.sampled_from(PAUSES))
    def may_be_in_danger(self, flag: str, pause: float) -> None:
        self.bedroom.send(Suspected(self.bedroom.t, flag))
        self.bedroom.wait(pause)

    @rule(seconds=st.sampled_from((20.0, 60.0, 300.0, 700.0)))
    def is_silent(self, seconds: float) -> None:
        self.bedroom.wait(seconds)

    @rule(
        pause=st.sampled_from(PAUSES),
        event=st.sampled_from((NotUnderstood, Doubtful, WentDeaf, HearsAgain, StretchTime)),
    )
    def is_noise(self, event: type, pause: float) -> None:
        self.bedroom.send(event(self.bedroom.t))
        self.bedroom.wait(pause)

    @rule(minutes=st.sampled_from((0.2, 3.0, 12.0, 800.0)))
    def power_goes(self, minutes: float) -> None:
        self.bedroom.restart(minutes)

    def teardown(self) -> None:
        if hasattr(self, "bedroom"):
            self.bedroom.wait(2000)
            counted["steps"] += self.bedroom.steps
            assert not self.bedroom.night.open, "left alone it comes to an end"


def test_no_night_breaks_a_rule() -> None:
    counted.clear()
    run_state_machine_as_test(
        AnyNight,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert counted["steps"] >= STEPS
