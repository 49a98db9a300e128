"""The decision: decoder and classifier must agree, and in doubt it asks."""

from dataclasses import replace

import pytest

from nightvoice.config.choices import ENGINES
from nightvoice.listening.decision import Decision, Verdict, decide
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.evidence import Candidate, Evidence
from nightvoice.listening.thresholds import Thresholds

THRESHOLDS = {name: engine_spec(name, EngineOptions()).thresholds for name in ENGINES.names()}
PLAIN = Thresholds(
    decoder_weight=1.0,
    command_decoder_weight=1.0,
    cramp=0.0,
    cramp_classifier_only=4.0,
    doubt=-2.0,
    command=0.0,
    command_classifier_only=2.0,
    decoder_only=1.0,
    free_words=0.0,
    unprompted=3.0,
    danger=-1.0,
    own_words=3.0,
)
"""Round numbers to reason with; the real ones differ by engine."""
CRAMP = Candidate(
    "cramp", "i have a cramp in my left calf", decoder_score=0.9, classifier_score=0.9, slots={"site": "calf"}
)
NEXT = Candidate("next", "next", decoder_score=0.9, classifier_score=0.3)


def waiting(*candidates: Candidate, cramp: float = 0.0) -> Evidence:
    return Evidence(
        tuple(replace(each, classifier_score=cramp) if each.intent == "cramp" else each for each in candidates),
        Candidate("cramp", "", 0.0, cramp),
        "idle",
    )


def guiding(*candidates: Candidate, alone: Candidate | None = None) -> Evidence:
    return Evidence(candidates, alone, "guiding")


def judged(evidence: Evidence) -> Decision:
    return decide(evidence, PLAIN)


def test_both_ears_sure_is_heard_with_its_place() -> None:
    decision = judged(waiting(CRAMP, cramp=0.9))
    assert (decision.verdict, decision.intent) == (Verdict.HEARD, "cramp")
    assert decision.candidate == CRAMP


def test_the_decoder_alone_never_wakes_it() -> None:
    assert judged(waiting(replace(CRAMP, decoder_score=0.99), cramp=0.001)).verdict is Verdict.REJECTED


def test_a_sure_classifier_is_believed_but_not_the_words_that_the_decoder_made_up() -> None:
    for candidates in ((), (replace(CRAMP, decoder_score=0.001),)):
        decision = judged(waiting(*candidates, cramp=0.99))
        assert (decision.verdict, decision.intent) == (Verdict.HEARD, "cramp")
        assert decision.candidate is not None
        assert not decision.candidate.slots
    assert judged(waiting(cramp=0.9)).verdict is Verdict.REJECTED


def test_help_by_its_sound_alone_is_heard_where_the_engine_can_tell_it() -> None:
    knows = replace(PLAIN, help_classifier_only=2.0)
    for score, heard in ((0.95, True), (0.8, False)):
        evidence = replace(waiting(), classifier_only=Candidate("help", "", 0.0, score))
        assert (decide(evidence, knows).verdict is Verdict.HEARD) is heard
        assert decide(evidence, PLAIN).verdict is Verdict.REJECTED


def test_a_noise_that_no_words_fit_must_be_surer_than_clear_speech() -> None:
    speech = waiting(CRAMP, cramp=0.7)
    assert judged(replace(speech, word_confidence=0.5)).verdict is Verdict.HEARD
    noise = replace(speech, word_confidence=0.02)
    assert judged(noise).verdict is not Verdict.HEARD
    assert (
        judged(waiting(CRAMP, cramp=0.7)).margin
        > judged(replace(noise, word_confidence=0.2)).margin
        > judged(noise).margin
    )


def test_what_is_read_as_long_talk_of_something_else_must_be_surer_unless_the_words_of_a_cramp_or_danger_fit() -> None:
    talk = "this thing has a camera and that is the main thing about it"
    sound, misread = waiting(cramp=0.99), waiting(replace(CRAMP, decoder_score=0.1), cramp=0.99)
    for brief in (sound, misread):
        assert judged(brief).margin == pytest.approx(judged(replace(brief, transcript="I have a tramp.")).margin)
        assert judged(replace(brief, transcript=talk)).margin == pytest.approx(judged(brief).margin - 2)
    cramp = waiting(CRAMP, cramp=0.9)
    danger = waiting(Candidate("flag", "my chest hurts", decoder_score=0.3, classifier_score=0.9))
    for worded in (cramp, danger):
        assert judged(replace(worded, transcript=talk)).margin == pytest.approx(judged(worded).margin)


def test_a_command_that_the_decoder_had_no_words_for_is_believed_by_its_sound_alone() -> None:
    alone = Candidate("next", "", 0.0, classifier_score=0.9)
    assert judged(guiding(alone=alone)).intent == "next"
    assert judged(guiding(alone=replace(alone, classifier_score=0.8))).verdict is Verdict.REJECTED
    assert judged(guiding(alone=replace(alone, expected=False))).verdict is Verdict.REJECTED


def test_words_that_are_believed_go_before_mere_sound() -> None:
    assert judged(waiting(CRAMP, cramp=0.9999)).candidate == replace(CRAMP, classifier_score=0.9999)


def test_in_between_it_asks_softly() -> None:
    assert judged(waiting(replace(CRAMP, decoder_score=0.5), cramp=0.2)).verdict is Verdict.DOUBTFUL
    assert judged(waiting(replace(CRAMP, decoder_score=0.2), cramp=0.2)).verdict is Verdict.REJECTED


@pytest.mark.parametrize(
    ("transcript", "confidence", "verdict"),
    [
        ("Cramp.", 0.8, Verdict.HEARD),
        ("Cramp.", 0.3, Verdict.DOUBTFUL),
        ("Crab.", 0.8, Verdict.DOUBTFUL),
        ("Oh, crab.", 0.8, Verdict.HEARD),
        ("", 0.8, Verdict.HEARD),
    ],
)
def test_a_single_word_that_is_not_clearly_a_cramp_is_asked_about(
    transcript: str, confidence: float, verdict: Verdict
) -> None:
    lone = replace(waiting(replace(CRAMP, text="cramp"), cramp=0.9), transcript=transcript, word_confidence=confidence)
    assert judged(lone).verdict is verdict
    if verdict is Verdict.DOUBTFUL:
        assert decide(replace(lone, pause_progress=0.9), PLAIN).verdict is Verdict.REJECTED


def test_other_words_while_nobody_waits_for_an_answer_need_a_high_score() -> None:
    morning = Candidate("good_morning", "good morning", 0.9, None)
    assert judged(waiting(morning)).verdict is Verdict.REJECTED
    assert judged(waiting(replace(morning, decoder_score=0.96))).verdict is Verdict.HEARD


def test_a_command_needs_both_ears_and_words_without_a_class_need_to_be_plain() -> None:
    assert judged(guiding(NEXT)).verdict is Verdict.HEARD
    assert judged(guiding(replace(NEXT, classifier_score=0.05))).verdict is Verdict.REJECTED
    assert judged(guiding(replace(NEXT, decoder_score=0.5))).verdict is Verdict.REJECTED
    flag = Candidate("flag", "my chest hurts", 0.6, None, {"flag": "chest"})
    assert judged(guiding(flag)).verdict is Verdict.REJECTED
    assert judged(guiding(replace(flag, decoder_score=0.8))).verdict is Verdict.HEARD


def test_amid_talk_that_runs_on_more_is_needed_while_idle_but_not_of_a_command() -> None:
    cramp = waiting(replace(CRAMP, decoder_score=0.7), cramp=0.6)
    assert judged(cramp).verdict is Verdict.HEARD
    assert judged(replace(cramp, in_talk=True)).verdict is Verdict.DOUBTFUL
    answer = guiding(replace(NEXT, decoder_score=0.8))
    assert judged(replace(answer, in_talk=True)) == judged(answer)


@pytest.mark.parametrize(
    ("intent", "askable", "alone", "amid_talk"),
    [
        ("asked", False, (Verdict.HEARD, "asked"), (Verdict.REJECTED, "asked")),
        ("no", False, (Verdict.HEARD, "no"), (Verdict.HEARD, "no")),
        ("flag", True, (Verdict.HEARD, "flag"), (Verdict.HEARD, "suspicion")),
    ],
)
def test_in_an_episode_amid_talk_requests_need_more_answers_do_not_and_dangers_are_asked_about(
    intent: str, askable: bool, alone: tuple[Verdict, str], amid_talk: tuple[Verdict, str]
) -> None:
    said = guiding(Candidate(intent, "in free words", decoder_score=0.85, classifier_score=None, askable=askable))
    for evidence, expected in ((said, alone), (replace(said, in_talk=True), amid_talk)):
        decision = judged(evidence)
        assert (decision.verdict, decision.intent) == expected


def test_in_an_episode_talk_that_is_far_is_not_believed_but_its_listed_danger_signs_are_asked_about() -> None:
    command = guiding(replace(NEXT, decoder_score=0.99))
    meant = guiding(Candidate("flag", "in free words", decoder_score=0.99, classifier_score=None, askable=True))
    likely = guiding(Candidate("suspicion", "in free words", decoder_score=0.99, classifier_score=None))
    listed = guiding(Candidate("flag", "i can't breathe", decoder_score=0.85, classifier_score=0.9))
    nothing = (Verdict.REJECTED, "")
    for said, expected in (
        (command, nothing),
        (meant, nothing),
        (likely, nothing),
        (listed, (Verdict.HEARD, "suspicion")),
    ):
        alone, television = judged(replace(said, is_far=True)), judged(replace(said, is_far=True, in_talk=True))
        assert alone == judged(said)
        assert (television.verdict, television.intent) == expected


@pytest.mark.parametrize(
    ("text", "transcript", "rival", "fit", "verdict"),
    [
        ("it isn't", "It isn't.", "it is", 0.0, Verdict.HEARD),
        ("it isn't", "It isn't.", "it is", 0.8, Verdict.REJECTED),
        ("it isn't", "It isn't.", "yes", 0.8, Verdict.HEARD),  # a part of a phrase may sound like any single word
        ("it isn't", "It is in there.", "it is", 0.0, Verdict.REJECTED),
        ("next", "Next.", "it is", 0.0, Verdict.REJECTED),  # a single word is easily read into noise
    ],
)
def test_a_phrase_of_some_words_that_is_read_plainly_needs_no_class(
    text: str, transcript: str, rival: str, fit: float, verdict: Verdict
) -> None:
    read = Candidate("no", text, decoder_score=0.9, classifier_score=0.01)
    other = Candidate("yes", rival, decoder_score=fit, classifier_score=0.01)
    evidence = replace(guiding(read, other), transcript=transcript)
    assert judged(evidence).verdict is verdict
    assert judged(replace(evidence, speaking="Is it easing?")).verdict is Verdict.REJECTED


def test_the_likeliest_of_several_is_taken_and_an_answer_to_the_question_is_likelier() -> None:
    yes, yeah = Candidate("yes", "yes", 0.6, 0.6), Candidate("next", "next", 0.7, 0.6, expected=False)
    assert judged(guiding(yes, yeah)).intent == "yes"
    assert judged(guiding(yes, replace(yeah, expected=True))).intent == "next"


def test_what_may_be_its_own_words_needs_much_more_and_others_some() -> None:
    sure = replace(NEXT, decoder_score=0.95)
    spoken = replace(guiding(sure), speaking="Say next, or stop.")
    assert judged(spoken).why.startswith("its own words")
    assert judged(replace(spoken, speaking="And rest.")).verdict is Verdict.HEARD
    assert judged(replace(spoken, candidates=(replace(sure, classifier_score=0.9),))).verdict is Verdict.HEARD
    echo = replace(guiding(sure), speaking="Text on the leg.", transcript="Text on.")
    assert judged(echo).why.startswith("its own words")
    assert judged(replace(echo, transcript="Next one.")).verdict is Verdict.HEARD


def test_where_the_words_prove_nothing_its_own_never_act() -> None:
    spoken = replace(
        guiding(replace(NEXT, decoder_score=0.9999, classifier_score=0.9999)), speaking="Say next, or stop."
    )
    assert decide(spoken, THRESHOLDS["pocketsphinx"]) == Decision(Verdict.REJECTED, why="its own words")


@pytest.mark.parametrize(("engine", "more"), [("moonshine", 0), ("pocketsphinx", 1.5), ("vosk", 1.5)])
def test_over_its_voice_more_is_needed_of_an_engine_that_echo_misleads(engine: str, more: float) -> None:
    evidence, thresholds = guiding(replace(NEXT, decoder_score=0.75)), THRESHOLDS[engine]
    over = decide(replace(evidence, speaking="And rest."), thresholds)
    assert over.margin == pytest.approx(decide(evidence, thresholds).margin - more)


def test_in_the_middle_of_an_utterance_it_must_be_surer_and_does_not_ask() -> None:
    unsure = guiding(replace(NEXT, decoder_score=0.8))
    assert judged(replace(unsure, pause_progress=0.3)).verdict is Verdict.REJECTED
    surer = guiding(replace(NEXT, decoder_score=0.8, classifier_score=0.9))
    assert judged(replace(surer, pause_progress=0.3)).verdict is Verdict.HEARD
    doubtful = waiting(replace(CRAMP, decoder_score=0.5), cramp=0.2)
    assert judged(replace(doubtful, pause_progress=0.3)).verdict is Verdict.REJECTED


def test_words_that_mean_nothing_are_rejected() -> None:
    assert judged(guiding()).why == "no command"


@pytest.mark.parametrize("engine", THRESHOLDS)
@pytest.mark.parametrize(
    "evidence", [waiting(CRAMP, cramp=0.9), waiting(CRAMP, cramp=0.2), guiding(NEXT), waiting(cramp=0.97)]
)
def test_more_sensitive_never_hears_less(evidence: Evidence, engine: str) -> None:
    order = [Verdict.REJECTED, Verdict.DOUBTFUL, Verdict.HEARD]
    found = [decide(evidence, THRESHOLDS[engine], step / 10).verdict for step in range(11)]
    assert [order.index(verdict) for verdict in found] == sorted(order.index(verdict) for verdict in found)
    assert found[-1] is Verdict.HEARD


def test_a_danger_sign_needs_both_ears_and_either_may_make_up_for_the_other() -> None:
    for state in ("idle", "guiding"):
        for words, sound, believed in ((0.9, 0.5, True), (0.5, 0.9, True), (0.9, 0.01, False), (0.01, 0.5, False)):
            flag = Candidate("flag", "my chest hurts", words, sound)
            decision = decide(Evidence((flag,), None, state), PLAIN)
            assert (decision.verdict is Verdict.HEARD) is believed, (state, words, sound)


def test_plain_words_of_danger_count_in_an_episode_and_are_asked_about_else() -> None:
    flag = Candidate("flag", "my chest hurts", 0.99, 0.001)
    assert decide(Evidence((flag,), None, "guiding"), PLAIN).verdict is Verdict.HEARD
    assert decide(Evidence((flag,), None, "idle"), PLAIN).verdict is Verdict.DOUBTFUL


def test_unprompted_words_need_the_sound_of_them_too() -> None:
    for sound, believed in ((0.9, True), (0.001, False)):
        morning = Candidate("good_morning", "good morning", 0.99, sound)
        decision = decide(Evidence((morning,), None, "idle"), PLAIN)
        assert (decision.verdict is Verdict.HEARD) is believed


def test_a_danger_in_own_words_that_was_not_heard_clearly_is_asked_about() -> None:
    def of(score: float, speaking: str | None = None) -> tuple[Verdict, str]:
        candidate = Candidate("flag", "she came over all strange", score, None, {"flag": "faint"}, askable=True)
        decision = judged(replace(guiding(candidate), speaking=speaking))
        return decision.verdict, decision.intent

    assert of(0.8) == (Verdict.HEARD, "flag")
    assert of(0.6) == (Verdict.HEARD, "suspicion")
    assert of(0.4)[0] is Verdict.REJECTED
    assert of(0.6, speaking="breathe in")[0] is Verdict.REJECTED, "it may be the echo of its own voice"
