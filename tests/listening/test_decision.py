"""The decision: two ears must agree, and doubt asks."""

from dataclasses import replace

import pytest

from nightvoice.listening.decision import Evidence, Verdict, decide

BAR = 0.5
CRAMP = Evidence(intent="cramp", text="i have a cramp in my left calf", decoder=0.9, cramp=0.95, state="idle")
NEXT = Evidence(intent="next", text="next", decoder=0.9, cramp=0.0, state="guiding")


def test_both_ears_sure_is_heard_with_its_place() -> None:
    decision = decide(CRAMP, BAR)
    assert (decision.verdict, decision.intent, decision.words_believed) == (Verdict.HEARD, "cramp", True)


def test_the_decoder_alone_never_wakes_it() -> None:
    assert decide(replace(CRAMP, cramp=0.1, decoder=1.0), BAR).verdict is Verdict.REJECTED


def test_a_sure_classifier_is_believed_but_not_the_words_that_the_decoder_made_up() -> None:
    decision = decide(replace(CRAMP, decoder=0.05), BAR)
    assert decision.verdict is Verdict.HEARD
    assert not decision.words_believed
    other = decide(replace(CRAMP, intent="", text="lamp"), BAR)
    assert (other.verdict, other.intent, other.words_believed) == (Verdict.HEARD, "cramp", False)


def test_in_between_it_asks_softly() -> None:
    assert decide(replace(CRAMP, cramp=0.6, decoder=0.3), BAR).verdict is Verdict.DOUBTFUL
    assert decide(replace(CRAMP, cramp=0.6, decoder=0.8), BAR).verdict is Verdict.HEARD


def test_other_words_while_nobody_waits_for_an_answer_need_a_high_score() -> None:
    morning = Evidence("good_morning", "good morning", 0.8, 0.0, "idle")
    assert decide(morning, BAR).verdict is Verdict.REJECTED
    assert decide(replace(morning, decoder=0.95), BAR).verdict is Verdict.HEARD


def test_its_own_words_never_act_and_others_need_more() -> None:
    assert decide(replace(NEXT, spoken="Say next, or stop."), BAR).why == "its own words"
    assert decide(replace(NEXT, decoder=0.55), BAR).verdict is Verdict.HEARD
    assert decide(replace(NEXT, decoder=0.55, spoken="And rest."), BAR).verdict is Verdict.REJECTED
    assert decide(replace(NEXT, spoken="And rest."), BAR).verdict is Verdict.HEARD


def test_words_that_mean_nothing_are_rejected() -> None:
    assert decide(replace(NEXT, intent="", text="yes but no"), BAR).why == "no command"


@pytest.mark.parametrize("evidence", [CRAMP, NEXT, replace(CRAMP, cramp=0.6), replace(NEXT, decoder=0.4)])
def test_more_sensitive_never_hears_less(evidence: Evidence) -> None:
    order = [Verdict.REJECTED, Verdict.DOUBTFUL, Verdict.HEARD]
    verdicts = [order.index(decide(evidence, bar).verdict) for bar in (0.9, 0.7, 0.5, 0.3, 0.1)]
    assert verdicts == sorted(verdicts)
