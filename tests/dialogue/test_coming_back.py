"""A second cramp, the other leg, and two answers in one sentence."""

import pytest

from nightvoice.dialogue.actions import Record, Say
from nightvoice.dialogue.agenda import QuestionKind
from nightvoice.dialogue.state import Phase
from tests.dialogue.test_guide import PACK, Bedside


def opened(bed: Bedside) -> list[tuple[object, object]]:
    return [
        (action.data["site"], action.data["side"])
        for action in bed.actions
        if isinstance(action, Record) and action.kind == "episode_opened"
    ]


def place(bed: Bedside) -> tuple[object, object]:
    assert bed.state.episode is not None
    return bed.state.episode.site, bed.state.episode.side


def test_the_cramp_that_is_back_is_where_the_last_one_was() -> None:
    bed = Bedside()
    bed.hear("cramp", site="calf", side="left")
    bed.hear("gone")
    bed.wait(300.0)
    assert bed.state.phase is Phase.IDLE
    bed.hear("cramp", site="same")
    assert opened(bed) == [("calf", "left")] * 2


def test_a_cramp_that_is_back_after_none_is_asked_where() -> None:
    bed = Bedside()
    bed.hear("cramp", site="same")
    assert opened(bed) == [(None, None)]
    assert set(bed.wait(15.0)) & set(PACK.phrases.questions["site"].ask)


def test_the_other_leg_once_the_first_is_over_is_a_cramp_of_its_own() -> None:
    bed = Bedside()
    bed.hear("cramp", site="calf", side="left")
    bed.hear("gone")
    bed.hear("moved", side="other")
    assert opened(bed) == [("calf", "left"), ("calf", "right")]


def test_a_side_beside_a_yes_is_corrected_while_the_count_goes_on() -> None:
    bed = Bedside()
    bed.hear("cramp", site="calf", side="left")
    bed.wait(9.0)
    bed.hear("yes", side="right")
    assert place(bed) == ("calf", "right")
    assert bed.state.held_question is None
    assert bed.state.phase is Phase.GUIDING


def test_another_muscle_beside_a_yes_begins_its_own_steps() -> None:
    bed = Bedside()
    bed.hear("cramp", site="calf", side="left")
    bed.wait(9.0)
    said = [action.text for action in bed.hear("yes", site="arch", side="right") if isinstance(action, Say)]
    assert place(bed) == ("arch", "right")
    assert bed.state.held_question is None
    assert said[0] in {text for step in PACK.protocols["arch"] for text in step.say}


@pytest.mark.parametrize(("intent", "side"), [("moved", "right"), ("moved", "other"), ("yes", "other")])
def test_a_cramp_that_moves_to_the_other_leg_begins_anew_there(intent: str, side: str) -> None:
    bed = Bedside()
    bed.hear("cramp", site="calf", side="left")
    bed.hear("asked", what="dangle")
    while bed.state.asked is None:
        bed.wait(0.5)
    if intent == "moved":
        bed.hear("better")
    bed.hear(intent, side=side)
    assert place(bed) == ("calf", "right")
    assert bed.state.episode is not None
    assert not bed.state.episode.eased


def test_nobody_stands_on_the_other_leg_that_has_not_eased() -> None:
    bed = Bedside()
    bed.hear("cramp", site="calf", side="left")
    bed.hear("asked", what="dangle")
    for answer in ("yes", "no"):  # it is easing, but not gone
        while bed.state.asked is None:
            bed.wait(0.5)
        bed.hear(answer)
    while bed.state.asked is None or bed.state.asked.kind is not QuestionKind.SAFE_TO_STAND:
        bed.wait(0.5)
    bed.hear("yes", side="right")
    assert place(bed) == ("calf", "right")
    assert bed.state.episode is not None
    assert bed.state.episode.plan[bed.state.episode.step_index].position != "standing"
    assert not bed.state.episode.eased
