"""One list of phrases: what the language pack understands as a command is taught by its sound, and as nothing else."""

from itertools import groupby

import pytest
from hassil.intents import Intents

from nightvoice.content.loader import load_pack
from nightvoice.understanding.recognizer import IntentRecognizer
from scripts.train.phrases import EXAMPLES_ONLY, load_lines, pack_phrases

PACK = Intents.from_dict(dict(load_pack("en").intents))
TAUGHT = {
    group: {sentence for line in lines for sentence in line.sentences}
    for group, lines in groupby(load_lines(), key=lambda line: line.group)
}
WORDS_ALONE = {"moved", "helper", "unsure", "number", "duration", "summary", "profile"}
"""Intents that no classifier has a class for, and whose phrases none is taught."""
ONE_CLASS = {("good_morning", "summary")}
"""Pairs of intents that sound tells apart no more than the guide does."""


def test_every_intent_is_taught_or_left_to_the_words() -> None:
    assert PACK.intents.keys() - TAUGHT.keys() == WORDS_ALONE


@pytest.mark.parametrize("intent", sorted(PACK.intents.keys() & TAUGHT.keys() - EXAMPLES_ONLY))
def test_every_phrase_of_a_command_is_taught(intent: str) -> None:
    assert set().union(*pack_phrases(PACK, intent)) <= TAUGHT[intent]


def test_no_phrase_is_taught_as_another_command() -> None:
    recognizer = IntentRecognizer(load_pack("en").intents)
    known = [intent for intent in TAUGHT if intent in PACK.intents and intent not in EXAMPLES_ONLY]
    for intent in known:
        for sentence in TAUGHT[intent]:
            results = [recognizer.recognize(sentence, state) for state in recognizer.states]
            meanings = {result.intent for result in results if result is not None}
            others = {meaning for meaning in meanings if (intent, meaning) not in ONE_CLASS}
            assert intent in meanings or not others, f"{sentence}: taught as {intent}, understood as {others}"
