"""The guide as a pure function: what it says, asks and writes down for each event."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from nightvoice.content.loader import load_pack
from nightvoice.content.schema import SITES, Step
from nightvoice.dialogue.actions import Action, Record, RequestSummary, Say, StopSpeaking, Volume
from nightvoice.dialogue.agenda import QuestionKind
from nightvoice.dialogue.commands import COMMANDS
from nightvoice.dialogue.events import (
    Event,
    Heard,
    InputLost,
    InputRestored,
    LowConfidenceWake,
    Resumed,
    SpeechEnded,
    SummaryReady,
    Suspected,
    Tick,
)
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.state import Phase, State

PACK = load_pack()
SPEECH_S = 2.0


@dataclass
class Bedside:
    """Plays the guide: every utterance takes SPEECH_S; time leaps to where something happens."""

    guide: Guide = field(default_factory=lambda: Guide(PACK))
    state: State = field(default_factory=State)
    t: float = 0.0
    actions: list[Action] = field(default_factory=list)
    speech: tuple[int, float] | None = None

    def send(self, event: Event) -> tuple[Action, ...]:
        self.state, actions = self.guide.step(self.state, event)
        for action in actions:
            if isinstance(action, StopSpeaking):
                self.speech = None
            elif isinstance(action, Say):
                assert self.speech is None, "it speaks while it speaks"
                self.speech = (action.utterance, self.t + SPEECH_S)
        self.actions += actions
        return actions

    def hear(self, intent: str, **slots: str) -> tuple[Action, ...]:
        return self.send(Heard(self.t, intent, slots))

    def wait(self, seconds: float) -> list[str]:
        """Let time pass; return what was said meanwhile."""
        begin, end = len(self.actions), self.t + seconds
        while self.t < end:
            happens = min(self.state.due, self.state.alarm, self.speech[1] if self.speech else end)
            self.t = min(max(happens, self.t), end)
            if self.speech and self.t >= self.speech[1]:
                number, self.speech = self.speech[0], None
                self.send(SpeechEnded(self.t, number))
            self.send(Tick(self.t))
        return texts(self.actions[begin:])

    @property
    def records(self) -> list[tuple[str, object]]:
        return [(a.kind, next(iter(a.data.values()), None)) for a in self.actions if isinstance(a, Record)]


def texts(actions: list[Action] | tuple[Action, ...]) -> list[str]:
    return [action.text for action in actions if isinstance(action, Say)]


def step(bed: Bedside) -> str:
    """The step that it is at."""
    assert bed.state.episode is not None
    return bed.state.episode.plan[bed.state.episode.step_index].id


def step_of(protocol: str, name: str) -> Step:
    return next(step for step in PACK.protocols[protocol] if step.id == name)


def guided(site: str = "calf", profile: frozenset[str] = frozenset()) -> Bedside:
    """A bedside where the first step has just begun, after any question that comes first."""
    bed = Bedside(Guide(PACK, profile=profile))
    bed.hear("cramp", site=site)
    bed.hear("yes")  # not yet asked: does nothing
    if bed.wait(SPEECH_S)[-1] not in first_wordings():
        bed.wait(SPEECH_S + 0.5)
        bed.hear("yes")
    return bed


def first_wordings() -> set[str]:
    """The instructions of every step."""
    return {text for steps in PACK.protocols.values() for step in steps for text in step.say}


def test_a_quiet_tick_gives_back_the_same_state() -> None:
    state = State()
    assert Guide(PACK).step(state, Tick(1.0)) == (state, ())
    assert Guide(PACK).step(state, Tick(1.0))[0] is state


def test_an_answer_before_its_question_does_nothing() -> None:
    bed = Bedside()
    bed.hear("cramp")
    assert bed.hear("no") == ()


def test_the_stretch_of_the_shin_is_never_toes_up() -> None:
    for site in SITES:
        first = next(step for step in PACK.protocols[site] if not step.only_with)
        assert texts(guided(site).actions)[-1] in first.say
    shin = " ".join(text for step in PACK.protocols["shin"] for text in (*step.say, *step.again)).lower()
    assert "toes gently away" in shin
    assert "toes up" not in shin
    assert "pull the toes" not in shin
    assert "pull them" not in shin


def test_an_unknown_site_is_asked_for_and_the_thigh_is_asked_once_more() -> None:
    bed = Bedside()
    bed.hear("cramp")
    bed.wait(5)
    assert texts(bed.hear("site", site="thigh")) == ["Is it the front of the thigh, or the back?"]
    bed.wait(3)
    bed.hear("back")
    assert bed.state.episode is not None
    assert bed.state.episode.site == "hamstring"


def test_a_corrected_site_changes_the_protocol() -> None:
    bed = guided("calf")
    bed.wait(10)
    bed.hear("cramp", site="shin")
    assert texts(bed.actions)[-1] in PACK.protocols["shin"][0].say
    assert ("site", "shin") in bed.records


def test_clot_signs_end_the_stretching() -> None:
    bed = guided()
    bed.hear("flag", flag="clot")
    assert bed.state.phase is Phase.FLAGGED
    for intent in ("next", "repeat", "back", "continue", "cramp", "better"):
        bed.hear(intent)
        said = bed.wait(30)
        assert not any("toes" in text.lower() for text in said)
        assert bed.state.phase is Phase.FLAGGED


def test_a_flag_is_heard_in_every_phase() -> None:
    idle, opening, paused, settling = Bedside(), Bedside(), guided(), guided()
    opening.hear("cramp")
    paused.hear("pause")
    settling.hear("gone")
    for bed in (idle, opening, paused, settling):
        actions = bed.hear("flag", flag="chest")
        say = next(action for action in actions if isinstance(action, Say))
        assert say.loud
        assert say.claim == "flag-chest"
        assert ("flag", "chest") in bed.records


def test_relief_by_dangling_is_a_flag_for_the_morning() -> None:
    bed = guided()
    while step(bed) != "dangle-feet":
        bed.hear("next")
    bed.hear("better")
    assert ("flag", "dangling") in bed.records
    assert bed.state.phase is Phase.GUIDING


def test_standing_needs_easing_and_a_yes_to_whether_it_is_safe() -> None:
    bed = guided()
    for _ in range(8):
        bed.hear("next")
    assert not any("Stand up" in text for text in texts(bed.actions)), "not eased: no standing"
    bed = guided()
    bed.hear("better")
    while step(bed) != "warmth":
        bed.hear("next")
    assert texts(bed.hear("next")) == ["Sit up slowly, on the edge of the bed. Move your feet."]
    bed.wait(SPEECH_S + 0.5)
    assert texts(bed.actions)[-1].startswith("Are you sitting steady")
    bed.wait(3)
    bed.hear("yes")
    assert texts(bed.actions)[-1].startswith("Stand up slowly")


def test_who_does_not_sit_steady_stays_and_the_cramp_is_written_down_as_eased() -> None:
    bed = guided()
    bed.hear("better")
    while step(bed) != "warmth":
        bed.hear("next")
    bed.hear("next")
    bed.wait(SPEECH_S + 0.5)
    bed.hear("no")
    assert ("episode_closed", "eased") in bed.records
    assert bed.state.phase is Phase.SETTLING


def test_who_may_fall_is_never_asked_to_stand() -> None:
    bed = guided(profile=frozenset({"fall_risk"}))
    bed.hear("better")
    for _ in range(8):
        bed.hear("next")
        bed.wait(3)
    assert not any("Stand up" in text or "steady" in text for text in texts(bed.actions))


def test_pregnant_is_stretch_only() -> None:
    bed = guided(profile=frozenset({"pregnant"}))
    for _ in range(8):
        bed.hear("next")
        bed.wait(3)
    assert not any("Rub" in text for text in texts(bed.actions))


def test_repeat_begins_the_step_again_and_back_goes_to_the_one_before() -> None:
    bed = guided()
    bed.wait(20)
    towel = step_of("calf", "towel-stretch")
    assert texts(bed.hear("repeat"))[0] in towel.say
    bed.hear("next")
    assert texts(bed.hear("back"))[0] in towel.say


def test_pause_holds_everything_and_continue_takes_it_up() -> None:
    bed = guided()
    bed.wait(12)
    bed.hear("pause")
    assert bed.wait(60) == []
    bed.hear("continue")
    assert "ten" in bed.wait(30)


def test_louder_and_quieter_and_slower() -> None:
    bed = guided()
    assert Volume(+1) in bed.hear("louder")
    assert Volume(-1) in bed.hear("quieter")
    bed.hear("slower")
    assert bed.state.pace > 1


def test_an_acknowledgement_that_the_next_command_cuts_off_is_not_said_again() -> None:
    bed = Bedside()
    bed.hear("cramp", site="calf")
    bed.hear("slower")
    bed.hear("louder")
    bed.wait(30.0)
    assert len([text for text in texts(bed.actions) if text in PACK.phrases.talk["slower"]]) == 1


def test_deaf_and_hearing_again_are_said_in_an_episode_only() -> None:
    bed = Bedside()
    assert bed.send(InputLost(bed.t)) == ()
    bed = guided()
    assert texts(bed.send(InputLost(bed.t))) == ["I can't hear you just now. I'll keep counting."]
    assert texts(bed.send(InputRestored(bed.t))) == ["I can hear you again."]


def test_doubt_asks_softly_and_silence_means_sleep_on() -> None:
    bed = Bedside()
    assert texts(bed.send(LowConfidenceWake(bed.t))) == ["Do you have a cramp?"]
    bed.wait(30)
    assert bed.state.phase is Phase.IDLE
    assert bed.state.listens_for == "idle"
    assert bed.records == []
    assert bed.send(LowConfidenceWake(bed.t)) == (), "a television would be asked again and again"
    bed.wait(600)
    bed.send(LowConfidenceWake(bed.t))
    bed.wait(3)
    bed.hear("yes")
    assert bed.records[0][0] == "episode_opened"


def test_a_sign_for_the_doctor_in_a_pause_is_answered_and_the_pause_goes_on() -> None:
    bed = guided()
    bed.wait(12)
    bed.hear("pause")
    assert texts(bed.hear("flag", flag="sleep_loss"))[0] in PACK.triage.flags["sleep_loss"].say
    bed.wait(30)
    assert bed.state.paused_agenda is not None
    assert texts(bed.hear("continue")), "it goes on where it was"
    assert "ten" in bed.wait(120)


def test_a_denied_danger_sign_is_acknowledged_and_what_it_interrupted_goes_on() -> None:
    bed = guided()
    bed.wait(12)
    bed.send(Suspected(bed.t, "bleeding"))
    bed.wait(3)
    bed.hear("no")
    told = texts(bed.actions)
    assert told[-1] in PACK.phrases.talk["all_right"]
    interrupted = len(told)
    assert set(bed.wait(120)) & {"ten", *PACK.phrases.questions["easing"].ask}
    assert len(texts(bed.actions)) > interrupted


def test_whoever_needs_nothing_is_told_that_it_was_heard() -> None:
    for intent in ("no", "stop"):
        bed = Bedside()
        bed.send(LowConfidenceWake(bed.t))
        bed.wait(3)
        assert texts(bed.hear(intent))[0] in PACK.phrases.talk["all_right"]
        bed.wait(30)
        assert bed.state.phase is Phase.IDLE
        assert bed.hear(intent) == (), "nothing was asked"


def test_worse_without_an_episode_asks_for_the_cramp() -> None:
    bed = Bedside()
    bed.hear("flag", flag="worse")
    assert bed.state.asked is not None
    assert bed.state.asked.kind is QuestionKind.DOUBT
    bed.hear("yes")
    assert bed.state.episode is not None


def test_the_morning_is_asked_for_and_told() -> None:
    bed = Bedside()
    assert bed.hear("good_morning") == (RequestSummary(),)
    bed.send(SummaryReady(bed.t, (("Good morning.", None), ("You had one cramp.", None))))
    assert bed.state.listens_for == "morning"
    assert bed.wait(5) == ["You had one cramp.", "Have a good day."]


def test_after_a_restart_the_ten_minutes_go_on_from_the_onset() -> None:
    bed = Bedside()
    bed.send(Resumed(0.0, onset=-540.0, site="calf"))
    assert texts(bed.actions)[0].startswith("I'm back.")
    bed.wait(61)
    assert ("flag", "ten_minutes") in bed.records


def test_a_dead_loudspeaker_does_not_stop_the_guidance() -> None:
    bed = Bedside()
    bed.hear("cramp")
    bed.speech = None  # its end is never reported
    assert bed.wait(130) != []


INTENTS = st.sampled_from([*COMMANDS, "yes", "no", "cramp", "site", "side", "flag", "good_morning", "silence"])
SLOTS = st.fixed_dictionaries(
    {
        "site": st.sampled_from([*SITES, "thigh", "leg", "front"]),
        "side": st.sampled_from(["left", "right", "both"]),
        "flag": st.sampled_from(sorted(PACK.triage.flags)),
    }
)


@settings(max_examples=max(150, settings().max_examples), deadline=None)
@given(st.lists(st.tuples(INTENTS, SLOTS, st.integers(0, 12)), max_size=30))
def test_whatever_is_said_it_never_hangs_and_never_breaks_a_rule(heard: list[tuple[str, dict[str, str], int]]) -> None:
    bed = Bedside()
    for intent, slots, pause in heard:
        if intent != "silence":
            bed.hear(intent, **slots)
        bed.wait(pause)
        if bed.state.episode is not None:
            assert bed.speech or bed.state.due < float("inf"), "in an episode something always comes next"
            flagged = bed.state.flags & {"clot", "chest", "cold_leg"}
            assert not flagged or bed.state.phase is Phase.FLAGGED, "a danger sign ends the stretching"
            if bed.state.phase in (Phase.OPENING, Phase.GUIDING):
                assert bed.state.alarm <= bed.state.episode.onset + 600, "the ten minutes always run"
    bed.wait(1500)
    assert bed.state.phase is Phase.IDLE, "left alone it comes to an end"
    opened = sum(kind == "episode_opened" for kind, _ in bed.records)
    assert opened == sum(kind == "episode_closed" for kind, _ in bed.records)
