"""Rules and classifier, weighed: a pure function, tried with made-up scores."""

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.understanding.interpretation import Interpretation, asked_for, interpret
from nightvoice.understanding.red_flags import NOTHING_FOUND, RedFlagFinding
from nightvoice.understanding.sentence_classifier import ANSWERS, NO_REQUEST, Meaning

TRIAGE = load_pack("en").triage
OTHERS = ("unease", "worse", "unusual", "helper", "fine", "help_coming", "no_phone", "alone", "pregnant", "diabetes")


def meaning(answer: str = "", sure: float = 0.95, **scores: float) -> Meaning:
    labels = dict.fromkeys((*TRIAGE.flags, *OTHERS), 0.001) | scores
    rest = (1 - sure) / (len(ANSWERS) - 1)
    answers = {each: sure if each == answer else rest for each in ANSWERS} if answer else {}
    return Meaning(labels, {NO_REQUEST: 1.0}, answers)


def of(
    what: Meaning, finding: RedFlagFinding = NOTHING_FOUND, phrase: str = "", state: str = "guiding", text: str = "…"
) -> tuple[str, str]:
    known = Interpretation(phrase) if phrase else None
    found = interpret(text, what, finding, known, TRIAGE, state)
    return ("", "") if found is None else (found.intent, next(iter(found.slots.values()), ""))


def test_a_sure_danger_is_acted_on_and_a_possible_one_asked_about() -> None:
    assert of(meaning(stroke=0.8)) == ("flag", "stroke")
    assert of(meaning(stroke=0.3)) == ("suspicion", "stroke")
    assert of(meaning(stroke=0.05)) == ("", "")


def test_several_faint_dangers_together_are_asked_about() -> None:
    assert of(meaning(chest=0.12, stroke=0.13, faint=0.02)) == ("suspicion", "stroke")


def test_what_a_rule_found_counts_unless_the_classifier_finds_no_danger_at_all() -> None:
    found = RedFlagFinding("chest")
    assert of(meaning(chest=0.3), found) == ("flag", "chest")
    assert of(meaning(chest=0.05), found) == ("suspicion", "chest")
    assert of(meaning(), found) == ("", ""), "a book, or somebody else's"
    assert of(meaning(stroke=0.9), found) == ("flag", "stroke")


def test_a_denial_weighs_against_all_but_a_clear_danger() -> None:
    denied = RedFlagFinding(denied=True, dismissed=frozenset({"chest"}))
    assert of(meaning(chest=0.8), denied) == of(meaning(stroke=0.7), denied) == ("", "")
    assert of(meaning(stroke=0.97), denied) == ("flag", "stroke")
    assert of(meaning(chest=0.99), denied) == ("suspicion", "chest"), "no feeling is no denial"


def test_of_several_clear_dangers_the_most_urgent_counts() -> None:
    assert of(meaning(clot=0.95, cold_leg=0.7)) == ("flag", "cold_leg")
    assert of(meaning(emergency=0.7, clot=0.4), RedFlagFinding("clot")) == ("flag", "emergency")
    assert of(meaning(numbness=0.7, stroke=0.3)) == ("suspicion", "stroke")


def test_a_clear_answer_outweighs_what_presses_nobody() -> None:
    assert of(meaning("yes", sleep_loss=0.9)) == of(meaning("yes", ten_minutes=0.9)) == ("yes", "")
    assert of(meaning("yes", 0.8, sleep_loss=0.9)) == ("flag", "sleep_loss")


def test_while_idle_only_a_clear_danger_counts() -> None:
    assert of(meaning(chest=0.7), state="idle") == ("", "")
    assert of(meaning(chest=0.97), state="idle") == ("flag", "chest")
    assert of(meaning(unease=0.9, pregnant=0.9), state="idle") == ("", "")


def test_unease_and_a_bare_cry_for_help_lead_to_one_question() -> None:
    assert of(meaning(unease=0.9)) == of(meaning(help=0.9)) == ("suspicion", "help")


@pytest.mark.parametrize(("score", "answer"), [(0.95, "yes"), (0.45, "yes")])
def test_even_a_doubtful_yes_to_a_danger_is_one(score: float, answer: str) -> None:
    assert of(meaning("yes", score), state="triage")[0] == answer


def test_a_doubtful_yes_to_whether_it_is_safe_to_stand_is_none() -> None:
    assert of(meaning("yes", 0.6)) == ("", "")
    assert of(meaning("yes", 0.8)) == ("yes", "")


def test_a_doubtful_no_is_no_answer() -> None:
    assert of(meaning("no", 0.8)) == ("", "")
    assert of(meaning("no", 0.9)) == ("no", "")
    assert of(meaning("no", 0.9), state="triage") == ("", ""), "it may be a yes"


def test_the_question_decides_what_a_set_phrase_means() -> None:
    assert of(meaning("yes", 0.95), phrase="no", state="triage") == ("yes", "")
    assert of(meaning("no", 0.95), phrase="worse") == ("worse", "")
    assert of(meaning("yes", 0.7), phrase="no", state="triage") == ("no", "")
    assert of(meaning("no", 0.99), phrase="yes", text="yes") == ("yes", "")
    assert of(meaning("yes", 0.99), phrase="next") == ("next", "")


def test_a_danger_beside_an_answer_is_not_lost() -> None:
    assert of(meaning("no", 0.9, stroke=0.9)) == ("flag", "stroke")
    assert of(meaning("yes", 0.5, chest=0.3), state="triage") == ("suspicion", "chest")
    assert of(meaning("yes", 0.9, chest=0.3)) == ("yes", "")
    supposed = RedFlagFinding("chest", sure=False)
    assert of(meaning("yes", 0.99, chest=0.3), supposed) == ("suspicion", "chest")


def test_what_else_is_told_is_an_intent_or_a_condition() -> None:
    assert of(meaning(help_coming=0.9)) == ("help_coming", "")
    assert of(meaning(pregnant=0.9)) == ("told", "pregnant")
    assert of(meaning(unusual=0.8, pregnant=0.9)) == ("unusual", "")


def test_a_danger_outweighs_what_is_asked_for_beside_it_unless_the_danger_is_the_question() -> None:
    def beside(what: str, said: Meaning, finding: RedFlagFinding = NOTHING_FOUND) -> str:
        request = Interpretation("asked", {"what": what})
        found = interpret("…", said, finding, None, TRIAGE, "guiding", request)
        return found.intent if found is not None else ""

    assert beside("towel", meaning()) == "asked"
    assert beside("towel", meaning(stroke=0.3)) == beside("get_up", meaning(help=0.9)) == "suspicion"
    assert beside("walk", meaning(stroke=0.8)) == "flag"
    assert beside("danger", meaning(clot=0.8)) == beside("doctor", meaning(emergency=0.95)) == "asked"
    assert beside("danger", meaning(clot=0.95)) == beside("danger", meaning(clot=0.5), RedFlagFinding("clot")) == "flag"


def test_a_question_about_a_danger_to_come_names_the_danger() -> None:
    asked = Interpretation("asked", {"what": "what_if"})

    def slots(finding: RedFlagFinding, **labels: float) -> dict[str, str]:
        found = interpret("…", meaning(**labels), finding, None, TRIAGE, "guiding", asked)
        return {} if found is None else {"intent": found.intent, **found.slots}

    named = {"intent": "asked", "what": "what_if", "flag": "stroke"}
    assert slots(RedFlagFinding("stroke", sure=False, what_if=True)) == named
    assert slots(RedFlagFinding(what_if=True, dismissed=frozenset({"stroke"}))) == named
    assert slots(NOTHING_FOUND, stroke=0.1) == named
    assert "flag" not in slots(RedFlagFinding(denied=True, dismissed=frozenset({"stroke"})))
    may_be_there = slots(RedFlagFinding("stroke", sure=False, what_if=True), stroke=0.9)
    assert may_be_there == {"intent": "suspicion", "flag": "stroke", "what_if": "on"}


def test_a_clear_request_outweighs_a_danger_that_is_only_possible() -> None:
    def beside(asked: float, finding: RedFlagFinding = NOTHING_FOUND, **labels: float) -> str:
        said = Meaning(meaning(**labels).labels, {NO_REQUEST: 1 - asked, "light": asked}, {})
        request = Interpretation("asked", {"what": "light"})
        found = interpret("…", said, finding, None, TRIAGE, "guiding", request)
        return found.intent if found is not None else ""

    assert beside(0.95, faint=0.3) == "asked"
    assert beside(0.8, faint=0.3) == beside(0.95, help=0.9) == "suspicion"
    assert beside(0.95, RedFlagFinding("faint", sure=False), faint=0.3) == "suspicion"
    assert beside(0.95, faint=0.7) == "suspicion", "likely, but only to the classifier"
    assert beside(0.8, faint=0.7) == beside(0.95, faint=0.95) == "flag"
    assert beside(0.95, RedFlagFinding("faint"), faint=0.7) == "flag"


@pytest.mark.parametrize(
    ("answer", "asked", "intent"), [(0.97, 0.9, "no"), (0.95, 0.97, "asked"), (0.85, 0.5, "asked")]
)
def test_a_clear_answer_outweighs_a_request_that_is_less_clear(answer: float, asked: float, intent: str) -> None:
    """As "not a bit" to "is it easing?", which could also ask for another way."""
    said = meaning("no", sure=answer)
    said = Meaning(said.labels, {NO_REQUEST: 1 - asked, "not_working": asked}, said.answers)
    request = Interpretation("asked", {"what": "not_working"})
    found = interpret("…", said, NOTHING_FOUND, None, TRIAGE, "guiding", request)
    assert found is not None
    assert found.intent == intent


def test_the_likeliest_request_counts_if_it_is_likely_enough() -> None:
    assert asked_for(Meaning({}, {NO_REQUEST: 0.3, "towel": 0.6, "no_towel": 0.1}, {})) == "towel"
    assert asked_for(Meaning({}, {NO_REQUEST: 0.35, "towel": 0.36, "no_towel": 0.29}, {})) is None
    assert asked_for(Meaning({}, {NO_REQUEST: 0.6, "towel": 0.4}, {})) is None
