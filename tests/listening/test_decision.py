"""The decision: two ears must agree, and doubt asks."""

from dataclasses import replace

import pytest

from nightvoice.listening.decision import Evidence, Verdict, decide

CRAMP = Evidence("cramp", "i have a cramp in my left calf", decoder=0.9, cramp=0.95, command=None, state="idle")
NEXT = Evidence("next", "next", decoder=0.9, cramp=0.0, command=0.3, state="guiding")


def test_both_ears_sure_is_heard_with_its_place() -> None:
    decision = decide(CRAMP)
    assert (decision.verdict, decision.intent, decision.words_believed) == (Verdict.HEARD, "cramp", True)


def test_the_decoder_alone_never_wakes_it() -> None:
    assert decide(replace(CRAMP, cramp=0.0, decoder=0.97)).verdict is Verdict.REJECTED


def test_half_sure_ears_that_agree_are_believed_and_one_alone_is_not() -> None:
    both = replace(CRAMP, cramp=0.3, decoder=0.5)
    assert decide(both).verdict is Verdict.HEARD
    assert decide(replace(both, intent="", text="lamp")).verdict is Verdict.REJECTED


def test_a_sure_classifier_is_believed_but_not_the_words_that_the_decoder_made_up() -> None:
    decision = decide(replace(CRAMP, decoder=0.05))
    assert decision.verdict is Verdict.HEARD
    assert not decision.words_believed
    other = decide(replace(CRAMP, intent="", text="lamp"))
    assert (other.verdict, other.intent, other.words_believed) == (Verdict.HEARD, "cramp", False)


def test_in_between_it_asks_softly() -> None:
    assert decide(replace(CRAMP, cramp=0.2, decoder=0.1)).verdict is Verdict.DOUBTFUL
    assert decide(replace(CRAMP, cramp=0.05, decoder=0.1)).verdict is Verdict.REJECTED


def test_other_words_while_nobody_waits_for_an_answer_need_a_high_score() -> None:
    morning = Evidence("good_morning", "good morning", 0.85, 0.0, None, "idle")
    assert decide(morning).verdict is Verdict.REJECTED
    assert decide(replace(morning, decoder=0.95)).verdict is Verdict.HEARD


def test_a_command_needs_a_trace_of_its_class_or_plain_words() -> None:
    assert decide(replace(NEXT, decoder=0.3)).verdict is Verdict.HEARD
    assert decide(replace(NEXT, decoder=0.3, command=0.001)).verdict is Verdict.REJECTED
    assert decide(replace(NEXT, command=0.001)).verdict is Verdict.HEARD
    assert decide(replace(NEXT, intent="flag", decoder=0.3, command=None)).verdict is Verdict.REJECTED


def test_its_own_words_never_act_and_others_need_more() -> None:
    assert decide(replace(NEXT, spoken="Say next, or stop.")).why == "its own words"
    assert decide(replace(NEXT, decoder=0.22)).verdict is Verdict.HEARD
    assert decide(replace(NEXT, decoder=0.22, spoken="And rest.")).verdict is Verdict.REJECTED
    assert decide(replace(NEXT, spoken="And rest.")).verdict is Verdict.HEARD


def test_words_that_mean_nothing_are_rejected() -> None:
    assert decide(replace(NEXT, intent="", text="yes but no")).why == "no command"


@pytest.mark.parametrize(
    "evidence", [CRAMP, NEXT, replace(CRAMP, cramp=0.2, decoder=0.1), replace(NEXT, decoder=0.2, command=None)]
)
def test_more_sensitive_never_hears_less(evidence: Evidence) -> None:
    order = [Verdict.REJECTED, Verdict.DOUBTFUL, Verdict.HEARD]
    verdicts = [order.index(decide(evidence, sensitivity).verdict) for sensitivity in (0.0, 0.3, 0.5, 0.7, 1.0)]
    assert verdicts == sorted(verdicts)
