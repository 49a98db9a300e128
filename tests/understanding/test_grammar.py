"""The grammars made from the content pack, and what phrases mean."""

import pytest
from pocketsphinx import Decoder

from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.pocketsphinx import PocketSphinxEngine
from nightvoice.understanding.recognizer import IntentRecognizer

STATES = ["idle", "site", "usual", "guiding", "triage", "morning"]


def tiny(*sentences: str, **more: object) -> IntentRecognizer:
    intents = {"go": {"data": [{"sentences": list(sentences)}]}}
    return IntentRecognizer({"language": "en", "intents": intents, "states": {"idle": ["go"]}, **more})


def accepted(recognizer: IntentRecognizer, phrases: list[str]) -> list[bool]:
    return [recognizer.recognize(p, "idle") is not None for p in phrases]


def test_optional_alternative_and_permutation_are_expanded() -> None:
    u = tiny("[a|the] (red|blue) light", "(up;down)")
    assert accepted(u, ["red light", "a blue light", "the red light", "up down", "down up"]) == [True] * 5
    assert accepted(u, ["light", "a light", "a the red light", "up", "up up", "red light red light"]) == [False] * 6


def test_lists_and_rules_fill_slots_with_what_they_stand_for() -> None:
    u = tiny(
        "<where> my [{side}] {site}",
        lists={"side": {"values": ["left"]}, "site": {"values": [{"in": "(calf|lower leg)", "out": "calf"}]}},
        expansion_rules={"where": "(in|at)"},
    )
    result = u.recognize("at my left lower leg", "idle")
    assert result is not None
    assert result.intent == "go"
    assert result.slots == {"side": "left", "site": "calf"}


def test_examples_have_every_word_and_are_all_understood(
    recognizer: IntentRecognizer, pack: dict[str, list[str]]
) -> None:
    grammar = recognizer.grammar("idle")
    distractors = set(pack["distractors"]["idle"])
    assert {w for p in grammar.phrases for w in p.split()} >= grammar.words - set(pack["skip_words"])
    assert [p for p in grammar.phrases if p not in distractors and recognizer.recognize(p, "idle") is None] == []


def test_only_whole_phrases_act(recognizer: IntentRecognizer) -> None:
    assert recognizer.recognize("yes", "guiding") is not None
    for text in ("i said yes to him", "yes but not today", "stop the car", "the next train", ""):
        assert recognizer.recognize(text, "guiding") is None


@pytest.mark.parametrize(
    ("text", "state", "intent", "slots"),
    [
        ("yes, and it's the right one", "usual", "yes", {"side": "right"}),
        ("Yes, in my right foot.", "usual", "yes", {"side": "right", "site": "arch"}),
        ("yes but it's the left leg", "guiding", "yes", {"side": "left", "moved": "on"}),
        ("no, it's my foot", "guiding", "cramp", {"site": "arch"}),
        ("no, the other leg", "usual", "moved", {"side": "other"}),
        ("it's in the other leg now", "guiding", "moved", {"side": "other"}),
        ("oh no, now the other one", "guiding", "moved", {"side": "other"}),
        ("and it's back", "idle", "cramp", {"site": "same"}),
        ("my husband has a cramp in his foot", "idle", "cramp", {"site": "arch"}),
    ],
)
def test_a_place_beside_an_answer_and_a_cramp_that_is_back(
    recognizer: IntentRecognizer, text: str, state: str, intent: str, slots: dict[str, str]
) -> None:
    result = recognizer.recognize(text, state)
    assert result is not None
    assert (result.intent, result.slots) == (intent, slots)


def test_typed_punctuation_is_overlooked(recognizer: IntentRecognizer) -> None:
    for text in ("I have a cramp!", "Ow, my calf…", "I’ve got a cramp."):
        result = recognizer.recognize(text, "idle")
        assert result is not None, text
        assert result.intent == "cramp"
    assert recognizer.recognize("?!", "idle") is None


def test_fillers_at_the_ends_are_skipped_but_not_inside(recognizer: IntentRecognizer) -> None:
    result = recognizer.recognize("okay next please", "guiding")
    assert result is not None
    assert result.intent == "next"
    assert recognizer.recognize("go please on", "guiding") is None


def test_distractors_are_in_the_grammar_and_mean_nothing(
    recognizer: IntentRecognizer, pack: dict[str, list[str]]
) -> None:
    for phrase in pack["distractors"]["idle"]:
        assert set(phrase.split()) <= recognizer.grammar("idle").words
    assert recognizer.recognize("i am camping", "idle") is None


def test_intents_of_other_states_are_not_understood(recognizer: IntentRecognizer) -> None:
    assert recognizer.recognize("i have a cramp", "idle") is not None
    assert recognizer.recognize("next", "guiding") is not None
    assert recognizer.recognize("next", "idle") is None


@pytest.mark.parametrize("state", STATES)
def test_every_word_can_be_pronounced_and_the_decoder_takes_the_grammar(
    recognizer: IntentRecognizer, state: str
) -> None:
    engine = PocketSphinxEngine()
    assert engine.missing_words(recognizer.grammar(state)) == []
    engine.start(recognizer.grammar(state))
    assert engine.final().alternatives == ()


def test_a_word_that_nobody_can_pronounce_is_named() -> None:
    u = tiny("zzgrblk now")
    with pytest.raises(NightvoiceError, match="zzgrblk"):
        PocketSphinxEngine().start(u.grammar("idle"))


def test_pronunciations_of_the_pack_are_used() -> None:
    assert Decoder(lm=None, loglevel="FATAL").lookup_word("zzgrblk") is None
    u = tiny("zzgrblk", pronunciations={"zzgrblk": "Z ER B AH L K"})
    PocketSphinxEngine().start(u.grammar("idle"))


@pytest.mark.parametrize(
    ("sentence", "named"),
    [("cramp[s]", "whole words"), ("in {place}", "place"), ("<have> it", "have"), ("[now]", "silence"), ("(a|b", "go")],
)
def test_a_template_that_cannot_be_used_is_named(sentence: str, named: str) -> None:
    with pytest.raises(NightvoiceError, match=named):
        tiny(sentence).grammar("idle")


def test_a_state_with_an_unknown_intent_is_named() -> None:
    with pytest.raises(NightvoiceError, match="dance"):
        IntentRecognizer({"language": "en", "intents": {}, "states": {"idle": ["dance"]}})
