"""How long the guide waits: nobody is left in silence, and a question stays open while calm words are said."""

from nightvoice.dialogue.agenda import QuestionKind
from tests.dialogue.test_guide import PACK, Bedside, guided, texts

WAITING = set(PACK.phrases.talk["waiting"])
SLOWEST = 2.8


def asked(kind: QuestionKind) -> Bedside:
    """A bedside with the slowest pace where a question of ``kind`` is open."""
    bed = guided()
    if kind is QuestionKind.TRIAGE:
        bed.hear("worse")
    for _ in range(4):
        bed.hear("slower")
    while bed.state.asked is None or bed.state.asked.kind is not kind or bed.state.utterance:
        bed.wait(0.5)
    return bed


def test_a_long_wait_for_an_answer_has_calm_words_in_between_and_is_not_shortened() -> None:
    bed = asked(QuestionKind.EASING)
    question = bed.state.asked
    assert question is not None
    assert set(bed.wait(question.patience * SLOWEST - 1.0)) <= WAITING
    assert set(bed.wait(5.0)) & set(question.no_input)


def test_the_answer_counts_before_during_and_after_the_calm_words() -> None:
    for seconds in (5.0, 12.0, 20.0):
        bed = asked(QuestionKind.EASING)
        bed.wait(seconds)
        assert texts(bed.hear("yes"))[0] in PACK.phrases.talk["good"]


def test_a_danger_question_is_not_put_off_by_calm_words() -> None:
    bed = asked(QuestionKind.TRIAGE)
    question = bed.state.asked
    assert question is not None
    assert bed.wait(12.0)[0] in question.no_input


def test_a_pause_is_quiet() -> None:
    bed = guided()
    bed.hear("pause")
    bed.wait(5.0)
    assert bed.wait(80.0) == []
