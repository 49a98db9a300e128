"""Free text and phrases go through one recogniser: danger signs are found in any words and in any state."""

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.understanding.recognizer import IntentRecognizer
from nightvoice.understanding.red_flags import RedFlagDetector

PACK = load_pack()
RECOGNIZER = IntentRecognizer(PACK.intents, PACK.triage)
PLAIN = IntentRecognizer(PACK.intents)


def understood(text: str, state: str) -> tuple[str, dict[str, str]] | None:
    result = RECOGNIZER.recognize(text, state)
    return (result.intent, dict(result.slots)) if result else None


@pytest.mark.parametrize("state", RECOGNIZER.states)
def test_a_danger_sign_is_found_in_every_state(state: str) -> None:
    assert understood("Next, no wait, there's a pain in my chest.", state) == ("flag", {"flag": "chest"})
    assert understood("I had chest pain yesterday", state) == ("suspicion", {"flag": "chest"})


@pytest.mark.parametrize("state", RECOGNIZER.states)
def test_the_grammar_and_triage_agree_on_every_example(state: str) -> None:
    signs = RedFlagDetector(PACK.triage)
    for phrase in PLAIN.grammar(state).phrases:
        result, finding = PLAIN.recognize(phrase, state), signs.find(phrase)
        flag = result.slots["flag"] if result and result.intent == "flag" else None
        assert (finding.flag, finding.sure) == (flag, True), phrase


def test_a_denied_danger_sign_answers_no_where_yes_or_no_is_asked() -> None:
    assert understood("No, I don't have any chest pain.", "triage") == ("no", {})
    assert understood("my chest is fine", "triage") == ("no", {})
    assert understood("my chest is fine", "guiding") is None


def test_whole_phrases_mean_what_they_meant() -> None:
    assert understood("Next.", "guiding") == ("next", {})
    assert understood("it's in my left calf", "site") == ("site", {"side": "left", "site": "calf"})
    assert understood("well yes but no", "guiding") is None
