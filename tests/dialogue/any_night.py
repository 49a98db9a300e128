"""Any night: a person who says anything at any time, or nothing, in a house where the power may go."""

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

from bedroom import ALL, Bedroom
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from observer import PACK
from rules import Rule

from nightvoice.content.gate import CONDITIONS
from nightvoice.content.schema import SITES, Pack
from nightvoice.dialogue.commands import COMMANDS
from nightvoice.dialogue.events import Doubtful, HearsAgain, NotUnderstood, StretchTime, Suspected, WentDeaf
from nightvoice.dialogue.experience import Experience
from nightvoice.dialogue.guide import Guide

SIGNS = sorted(PACK.triage.lexicon.signs)
Utterance = tuple[str, dict[str, str]]
ANSWERS: list[Utterance] = [(intent, {}) for intent in ("yes", "yes", "yes", "no", "better", "next", "pause", "stop")]
WORDS: list[Utterance] = [
    *((intent, {}) for intent in (*COMMANDS, "good_morning", "stretch", "cramp")),
    *(("cramp", {"site": site, "side": side}) for site in (*SITES, "thigh", "leg") for side in ("left", "both")),
    *(("site", {"site": site}) for site in (*SITES, "thigh", "front", "leg")),
    ("side", {"side": "right"}),
]
DANGERS: list[Utterance] = [("flag", {"flag": sign}) for sign in SIGNS]
PAUSES = (0.0, 0.5, 1.5, 3.0, 4.0, 6.0, 9.0, 15.0, 40.0)
KEYS = [(protocol, step.id) for protocol, steps in PACK.protocols.items() for step in steps]


class AnyNight(RuleBasedStateMachine):
    """Every turn is held against ``judged_by``; ``steps`` counts the guide's turns."""

    judged_by: ClassVar[Mapping[str, Rule]] = ALL
    pack: ClassVar[Pack] = PACK
    steps: ClassVar[int] = 0

    @initialize(
        profile=st.frozensets(st.sampled_from(CONDITIONS), max_size=3),
        eased=st.lists(st.sampled_from(KEYS), max_size=3),
        worse=st.lists(st.sampled_from(KEYS), max_size=3),
    )
    def lies_down(self, profile: frozenset[str], eased: list[tuple[str, str]], worse: list[tuple[str, str]]) -> None:
        experience = Experience(Counter(eased), Counter(worse))
        self.bedroom = Bedroom(Guide(self.pack, profile=profile), profile, self.judged_by, experience)

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
            AnyNight.steps += self.bedroom.steps
            assert not self.bedroom.night.open, "left alone it comes to an end"
