"""What people ask for by name, and what they ask: the guide does it or says why not, then goes on."""

from datetime import time

import pytest

from nightvoice.content.countries import NO_COUNTRY
from nightvoice.dialogue.actions import Record, RequestTime, Say
from nightvoice.dialogue.events import NotUnderstood, TimeReady
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.requests import QUESTIONS
from nightvoice.dialogue.state import Phase
from tests.dialogue.test_guide import PACK, Bedside


def holding(site: str = "calf", profile: frozenset[str] = frozenset(), bridged: bool = False) -> Bedside:
    """A person in the first hold."""
    bed = Bedside(Guide(PACK, profile=profile, bridged=bridged))
    bed.hear("cramp", site=site)
    bed.wait(9.0)
    bed.hear("yes")
    bed.wait(8.0)
    assert bed.state.phase is Phase.GUIDING
    return bed


def step_of(bed: Bedside) -> str:
    assert bed.state.episode is not None
    return bed.state.episode.plan[bed.state.episode.step_index].id


@pytest.mark.parametrize(
    ("what", "step"),
    [("dangle", "dangle-feet"), ("massage", "massage"), ("warm", "warmth"), ("towel", "towel-stretch")],
)
def test_a_step_that_is_asked_for_comes_at_once(what: str, step: str) -> None:
    bed = holding()
    bed.hear("next")
    bed.hear("asked", what=what)
    assert step_of(bed) == step


def test_a_step_that_is_asked_for_too_early_comes_first_afterwards() -> None:
    bed = Bedside()
    bed.hear("cramp")
    bed.hear("asked", what="dangle")
    bed.hear("site", site="calf")
    bed.hear("yes")
    bed.wait(9.0)
    assert step_of(bed) == "dangle-feet"


@pytest.mark.parametrize(
    ("what", "site", "profile", "said"),
    [
        ("walk", "calf", frozenset(), PACK.phrases.advice["walk_later"].say),
        ("massage", "calf", frozenset({"pregnant"}), PACK.phrases.talk["not_for_you"]),
        ("towel", "shin", frozenset(), PACK.phrases.advice["wrong_muscle"].say),
    ],
)
def test_a_step_that_is_not_for_now_is_refused_in_a_sentence(
    what: str, site: str, profile: frozenset[str], said: tuple[str, ...]
) -> None:
    bed = holding(site, profile)
    before = step_of(bed)
    spoken = [action.text for action in bed.hear("asked", what=what) if isinstance(action, Say)]
    assert spoken
    assert spoken[0] in said
    assert step_of(bed) == before


def test_who_cannot_reach_gets_the_step_without_hands() -> None:
    bed = holding()
    bed.hear("asked", what="cannot_reach")
    assert step_of(bed) == "heel-push"


def test_who_cannot_sit_stays_in_bed_all_night() -> None:
    bed = holding()
    bed.hear("asked", what="dangle")
    bed.hear("asked", what="cannot_sit")
    assert bed.state.episode is not None
    assert all(step.position == "bed" for step in bed.state.episode.plan)


@pytest.mark.parametrize("what", sorted(set(QUESTIONS) - {"time"}))
def test_a_question_is_answered_and_the_hold_goes_on(what: str) -> None:
    bed = holding()
    progress = bed.state.progress
    assert progress is not None
    said = bed.hear("asked", what=what)
    bed.wait(9.0)
    assert any(isinstance(action, Say) for action in said)
    assert bed.state.phase is Phase.GUIDING
    assert bed.state.progress is not None
    assert bed.state.progress.count > progress.count


@pytest.mark.parametrize(
    ("now", "words"),
    [(time(3, 4), "three o'clock"), (time(3, 50), "quarter to four"), (time(23, 55), "twelve o'clock")],
)
def test_it_tells_the_time_to_the_quarter(now: time, words: str) -> None:
    bed = holding()
    assert any(isinstance(action, RequestTime) for action in bed.hear("asked", what="time"))
    said = [action.text for action in bed.send(TimeReady(bed.t, now)) if isinstance(action, Say)]
    assert words in said[0]


def test_other_numbers_to_call_leave_the_bridge_as_it_is() -> None:
    bed = Bedside(Guide(PACK, bridged=True).with_numbers(NO_COUNTRY))
    bed.hear("cramp", site="calf", side="left")
    said = [action.text for action in bed.hear("asked", what="light") if isinstance(action, Say)]
    assert said[0] in PACK.phrases.talk["answer_light"]


def test_the_light_is_asked_for_only_where_something_listens() -> None:
    for bridged, key in ((True, "answer_light"), (False, "answer_no_light")):
        said = [a.text for a in holding(bridged=bridged).hear("asked", what="light") if isinstance(a, Say)]
        assert said[0] in PACK.phrases.talk[key]


def test_should_i_call_a_doctor_asks_and_a_no_goes_on_with_the_hold() -> None:
    bed = holding()
    step = step_of(bed)
    bed.hear("asked", what="doctor")
    bed.wait(9.0)
    bed.hear("no")
    assert bed.state.phase is Phase.GUIDING
    assert step_of(bed) == step


def test_what_does_not_work_leads_to_the_next_way() -> None:
    bed = holding()
    bed.hear("asked", what="not_working")
    assert step_of(bed) == "dangle-feet"


def test_a_stretch_that_hurts_is_eased_off() -> None:
    bed = holding()
    said = [action.text for action in bed.hear("asked", what="hurts") if isinstance(action, Say)]
    assert said[0] in PACK.phrases.advice["ease_off"].say


def test_the_other_leg_is_written_down_and_the_hold_goes_on() -> None:
    bed = holding()
    bed.hear("moved", side="left")
    bed.hear("moved", side="other")
    sides = [a.data["side"] for a in bed.actions if isinstance(a, Record) and a.kind == "site"]
    assert sides == ["left", "right"]
    assert bed.state.phase is Phase.GUIDING


def test_words_that_are_not_understood_in_a_hold_get_a_soft_answer() -> None:
    bed = holding()
    while bed.state.progress is None or not bed.state.utterance:
        bed.wait(0.5)
    said = [action.text for action in bed.send(NotUnderstood(bed.t, 1)) if isinstance(action, Say)]
    assert said[0] in PACK.phrases.talk["opening"]


def test_whispering_leaves_out_most_of_the_count_and_lasts_until_louder() -> None:
    bed = holding()
    bed.hear("quieter", whisper="on")
    whispered = bed.wait(40.0)
    assert {"five", "ten"} <= set(whispered)
    assert not {"six", "seven"} & set(whispered)
    assert all(action.soft for action in bed.actions[-3:] if isinstance(action, Say))
    bed.hear("gone")
    bed.wait(60.0)
    bed.hear("cramp", site="calf")
    assert bed.state.whisper_until > bed.t
    bed.hear("louder")
    assert bed.state.whisper_until < bed.t


def test_the_setting_whispers_in_every_cramp_until_louder_and_again_the_next_night() -> None:
    bed = Bedside(Guide(PACK, whispers=True))

    def is_soft() -> bool:
        bed.hear("cramp", site="calf")
        said = [action for action in bed.actions if isinstance(action, Say)]
        return said[-1].soft

    assert is_soft()
    bed.wait(5.0)
    bed.hear("louder")
    bed.hear("stop")
    bed.wait(60.0)
    assert not is_soft()
    bed.hear("stop")
    bed.wait(13 * 3600.0)
    assert is_soft()


def test_a_danger_is_never_whispered() -> None:
    bed = holding()
    bed.hear("quieter", whisper="on")
    bed.hear("worse")
    bed.wait(20.0)
    said = [action for action in bed.actions if isinstance(action, Say)]
    assert [action.soft for action in said if action.text == PACK.triage.flags["chest"].ask] == [False]
    bed.hear("yes")
    assert not next(action for action in reversed(bed.actions) if isinstance(action, Say)).soft
