"""The classifier as it is shipped: what it is for, and that the rest of the program knows its labels."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.loader import load_pack
from nightvoice.content.requests import REQUESTS
from nightvoice.errors import NightvoiceError
from nightvoice.models.store import shipped
from nightvoice.understanding.interpretation import INTENTS, UNEASE
from nightvoice.understanding.recognizer import IntentRecognizer
from nightvoice.understanding.sentence_classifier import NO_REQUEST, WHAT_IF, SentenceClassifier

PACK = load_pack("en")
CLASSIFIER = SentenceClassifier(shipped(PACK.about.classifier))
RECOGNIZER = IntentRecognizer(PACK.intents, PACK.triage, CLASSIFIER, PACK.requests)
CHEST = "Do you have chest pain, or trouble breathing?"
USUAL = "Is it like your usual cramp?"


def meant(text: str, state: str = "guiding", question: str = "") -> tuple[str, Mapping[str, str]]:
    result = RECOGNIZER.recognize(text, state, question)
    return ("", {}) if result is None else (result.intent, result.slots)


def test_every_label_means_something_to_the_program() -> None:
    labels = CLASSIFIER.meaning("hello").labels
    assert set(labels) <= {*PACK.triage.flags, *CONDITIONS, *INTENTS, *UNEASE}
    assert set(CLASSIFIER.meaning("hello").requests) == {NO_REQUEST, *REQUESTS, WHAT_IF}


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("there's an elephant sitting on my chest", "chest"),
        ("he won't wake up and his lips are blue", "unresponsive"),
        ("half my face has gone like candle wax", "stroke"),
        ("i can't feel it when i wipe myself", "cauda_equina"),
        ("i took all of the sleeping tablets", "overdose"),
        ("they would all be better off without me", "suicide"),
        ("the kitchen is full of smoke", "fire"),
    ],
)
def test_dangers_in_words_that_no_list_has(text: str, flag: str) -> None:
    intent, slots = meant(text)
    assert (intent, slots) in (("flag", {"flag": flag}), ("suspicion", {"flag": flag}))


@pytest.mark.parametrize(
    "text",
    [
        "my calf is like concrete",
        "what a night",
        "the film was about a stroke",
        "no my chest is fine",
        "is it raining",
        "my calf is as hard as a rock",
        "that's part of my job",
        "the detective lived alone above a fish shop",
    ],
)
def test_harmless_words_do_nothing(text: str) -> None:
    assert meant(text)[0] in ("", "no")


@pytest.mark.parametrize(
    ("question", "state", "text", "answer"),
    [
        (CHEST, "triage", "yeah a little", "yes"),
        (CHEST, "triage", "a bit", "yes"),
        (CHEST, "triage", "no nothing like that", "no"),
        (CHEST, "triage", "i couldn't tell you", "unsure"),
        (USUAL, "usual", "the same", "yes"),
        (USUAL, "usual", "never had it like this", "no"),
        ("Is it easing?", "guiding", "the same", "no"),
    ],
)
def test_an_answer_is_understood_in_the_light_of_its_question(
    question: str, state: str, text: str, answer: str
) -> None:
    assert meant(text, state, question)[0] == answer


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("i'll loop my dressing gown cord round the foot and pull", "towel"),
        ("no not the massage the towel", "towel"),
        ("gravity one you know feet hanging down", "dangle"),
        ("bump is in the way i can't get to my toes", "cannot_reach"),
        ("what brings these on", "why"),
        ("it's pitch black put a lamp on", "light"),
    ],
)
def test_requests_in_words_that_no_list_has(text: str, what: str) -> None:
    assert meant(text) == ("asked", {"what": what})


@pytest.mark.parametrize("text", ["who won the match last night", "don't put the light on", "i don't want to walk"])
def test_talk_and_refusals_ask_for_nothing(text: str) -> None:
    assert meant(text)[0] != "asked"


def test_what_is_told_is_a_condition() -> None:
    assert meant("i'm six months pregnant by the way") == ("told", {"condition": "pregnant"})


def test_empty_and_endless_sentences_are_allowed() -> None:
    assert meant("") == ("", {})
    assert meant("la " * 1000)[0] in ("", "no", "yes")


def test_a_file_that_is_no_classifier_is_named(tmp_path: Path) -> None:
    (tmp_path / "wrong.onnx").write_bytes(b"no model")
    with pytest.raises(NightvoiceError, match=r"wrong\.onnx: is not a sentence classifier"):
        SentenceClassifier(tmp_path / "wrong.onnx").load()


@pytest.mark.parametrize(
    "text",
    [
        "what if i faint",
        "suppose i fall on the way to the loo, what then",
        "if my arm goes numb what should i do",
        "what would happen if i lost consciousness",
        "let's say my heart gives out",
        "what if my chest starts to hurt",
        "and if my leg goes cold",
        "in case i collapse who's going to help me",
    ],
)
def test_what_has_not_happened_is_answered_or_asked_about_but_alarms_nobody(text: str) -> None:
    assert meant(text)[0] in ("asked", "suspicion")


@pytest.mark.parametrize("text", ["my leg is swollen and hot now, what should i do", "i think it is a clot, what now"])
def test_who_asks_what_to_do_about_a_sign_that_is_there_tells_of_it(text: str) -> None:
    assert meant(text) == ("flag", {"flag": "clot"})
