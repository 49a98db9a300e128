"""Who gives no answer is asked twice, then led on in statements, and let rest with a kind word."""

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.dialogue.agenda import QuestionKind
from nightvoice.dialogue.state import Phase
from tests.dialogue.observer import QUESTIONS
from tests.dialogue.test_guide import PACK, Bedside, guided, step, texts

LEADING_ON = set(PACK.phrases.talk["leading_on"])
RESTING_WELL = set(PACK.phrases.talk["resting_well"])
ADVICE = PACK.phrases.advice


def until_asked(bed: Bedside, kind: QuestionKind) -> None:
    while bed.state.asked is None or bed.state.asked.kind is not kind or bed.state.utterance:
        bed.wait(0.5)


def questions(said: list[str], name: str) -> list[str]:
    return [text for text in said if QUESTIONS.get(text) == name]


def test_a_silent_person_is_asked_twice_and_led_on_to_a_kind_end() -> None:
    said = guided().wait(400)
    assert len(questions(said, "easing")) == 2
    assert sum(text in LEADING_ON for text in said) == 1
    later = [way for way in PACK.protocols["calf"][1:] if not way.only_if_eased and not way.only_with]
    assert {way.say[0] for way in later if way.id != "towel-stretch"} <= set(said)
    assert said[-1] in RESTING_WELL


def test_whoever_speaks_again_is_asked_again() -> None:
    bed = guided()
    bed.wait(100)
    bed.hear("louder")
    assert questions(bed.wait(60), "easing")


def test_who_felt_relief_and_says_no_more_is_let_rest() -> None:
    bed = guided()
    until_asked(bed, QuestionKind.EASING)
    bed.hear("yes")
    said = bed.wait(120)
    assert len(questions(said, "gone")) == 2
    assert said[-1] in RESTING_WELL
    assert bed.state.phase is Phase.IDLE


def test_who_is_not_sure_if_it_eases_goes_on_with_questions() -> None:
    bed = guided()
    until_asked(bed, QuestionKind.EASING)
    bed.hear("unsure")
    assert questions(bed.wait(40), "easing")


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_question_is_repeated_in_other_words(language: str) -> None:
    for name, question in load_pack(language).phrases.questions.items():
        repeated = [(ask, text) for ask in question.ask for text in question.no_input if ask in text]
        assert not repeated or "{" in question.ask[0], name


def eased_by_walking() -> Bedside:
    bed = guided()
    bed.hear("next")
    for kind in (QuestionKind.EASING, QuestionKind.GONE, QuestionKind.SAFE_TO_STAND, QuestionKind.EASING):
        until_asked(bed, kind)
        if kind is QuestionKind.EASING and step(bed) == "walk-it-off":
            break
        bed.hear("no" if kind is QuestionKind.GONE else "yes")
    return bed


def test_who_is_on_their_feet_is_told_to_hold_on_until_in_bed() -> None:
    bed = eased_by_walking()
    said = [*texts(bed.hear("gone")), *bed.wait(20)]
    assert set(ADVICE["back_to_bed"].say) & set(said)
    assert not set(ADVICE["getting_up"].say) & set(said)


def test_who_sits_on_the_edge_of_the_bed_is_not_told_to_sit_up() -> None:
    bed = guided()
    bed.hear("next")
    bed.wait(5)
    said = [*texts(bed.hear("gone")), *bed.wait(20)]
    assert set(ADVICE["getting_up_sitting"].say) & set(said)


def test_again_in_a_rest_between_steps_repeats_the_step() -> None:
    bed = guided()
    while not bed.state.episode or step(bed) != "dangle-feet":
        bed.wait(1)
    while not set(texts(bed.actions[-1:])) & set(PACK.phrases.talk["breathe_in"]):
        bed.wait(0.5)
    hanging = next(way for way in PACK.protocols["calf"] if way.id == "dangle-feet")
    assert set(hanging.say) & {*texts(bed.hear("repeat")), *bed.wait(3)}
