"""The towel, the feet over the edge of the bed, and the walk: reached soon, and the walk only after relief."""

import pytest

from nightvoice.dialogue.actions import Record
from nightvoice.dialogue.agenda import Line
from nightvoice.dialogue.guide import Guide
from tests.dialogue.test_guide import PACK, Bedside

WALK_COMES = set(PACK.phrases.advice["walk_comes"].say)
SIT_UP = set(PACK.phrases.advice["sit_up"].say)
EDGED = ("calf", "arch", "toes")
MINUTES_S = 300.0


def answering(site: str, answers: dict[str, list[str]], profile: frozenset[str] = frozenset()) -> Bedside:
    """Play some minutes of a usual cramp of somebody who gives ``answers`` by the kind of the question, then no."""
    bed = Bedside(Guide(PACK, profile=profile))
    bed.hear("cramp", site=site)
    while bed.t < MINUTES_S and bed.state.episode is not None:
        bed.wait(0.5)
        asked = bed.state.asked
        if asked is not None and not bed.state.utterance:
            left = answers.get(asked.kind.value, [])
            bed.hear(left.pop(0) if left else "yes" if asked.kind.value == "usual" else "no")
        elif isinstance(bed.state.current, Line) and bed.state.current.asks is not None:
            bed.hear("yes")
    return bed


def began(bed: Bedside) -> list[object]:
    return [action.data["step"] for action in bed.actions if isinstance(action, Record) and action.kind == "step"]


def said(bed: Bedside) -> list[str]:
    return [action.text for action in bed.actions if hasattr(action, "text")]


@pytest.mark.parametrize("site", EDGED)
def test_the_feet_hang_down_right_after_the_stretch(site: str) -> None:
    bed = answering(site, {})
    assert began(bed)[1] == "dangle-feet"
    assert sum(text in WALK_COMES for text in said(bed)) == 1
    assert "walk-it-off" not in began(bed)


@pytest.mark.parametrize("site", EDGED)
def test_who_sits_on_the_edge_and_feels_relief_walks_next_if_steady(site: str) -> None:
    bed = answering(site, {"easing": ["no", "yes"], "safe_to_stand": ["yes"]})
    assert began(bed)[1:3] == ["dangle-feet", "walk-it-off"]
    assert not SIT_UP & set(said(bed))


def test_who_is_not_steady_gets_the_ways_that_are_left_in_bed() -> None:
    bed = answering("calf", {"easing": ["no", "yes"]})
    assert began(bed)[:4] == ["towel-stretch", "dangle-feet", "massage", "let-go"]


def test_the_second_round_is_announced_after_the_danger_questions() -> None:
    said_ = said(answering("calf", {}))
    number = next(n for n, text in enumerate(said_) if text == PACK.triage.flags["clot"].ask)
    assert said_[number + 1] in PACK.phrases.advice["again_patiently"].say


@pytest.mark.parametrize("condition", ["fall_risk", "pregnant"])
def test_who_must_not_sit_on_the_edge_hears_of_no_walk_either(condition: str) -> None:
    bed = answering("calf", {}, frozenset({condition}))
    assert not {"dangle-feet", "walk-it-off"} & set(began(bed))
    assert not WALK_COMES & set(said(bed))
