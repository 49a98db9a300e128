"""Triage of free text: danger signs are found in any words, and nothing else is."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nightvoice.content.loader import load_pack
from nightvoice.understanding.red_flags import RedFlagDetector, RedFlagFinding

TABLE: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "triage_table.yaml").read_text("utf-8"))
UTTERANCES = [(row["expect"], text) for row in TABLE for text in row["said"]]
TRIAGE = load_pack().triage
SIGNS = RedFlagDetector(TRIAGE)
EMERGENCIES = {flag for flag, described in TRIAGE.flags.items() if described.action == "emergency"}
FALSE_EMERGENCIES = 0.02


def found(text: str) -> str:
    finding = SIGNS.find(text)
    return "none" if finding.flag is None else finding.flag if finding.sure else f"ask {finding.flag}"


def test_the_table_is_large_and_says_each_thing_once() -> None:
    texts = [text for _, text in UTTERANCES]
    assert len(texts) >= 350
    assert sorted(texts) == sorted(set(texts))
    for flag in TRIAGE.lexicon.signs:
        assert any(expected == flag for expected, _ in UTTERANCES), f"no utterance tells of {flag}"


def test_no_emergency_is_missed() -> None:
    missed = [text for expected, text in UTTERANCES if expected in EMERGENCIES and found(text) == "none"]
    assert missed == []


def test_no_other_danger_sign_is_missed_either() -> None:
    missed = [text for expected, text in UTTERANCES if expected != "none" and found(text) == "none"]
    assert missed == []


def test_false_emergencies_are_rare() -> None:
    harmless = [text for expected, text in UTTERANCES if expected == "none"]
    false = [text for text in harmless if found(text) in EMERGENCIES]
    assert len(false) <= FALSE_EMERGENCIES * len(harmless), false


def test_nearly_everything_is_found_as_the_table_has_it() -> None:
    wrong = [(text, expected, found(text)) for expected, text in UTTERANCES if found(text) != expected]
    assert len(wrong) <= 0.02 * len(UTTERANCES), wrong


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("my chest hurts", "my chest does not hurt"),
        ("I have chest pain", "I have no chest pain"),
        ("my leg is swollen", "my leg isn't swollen"),
        ("my leg is cold", "my leg is not cold"),
        ("I fell", "I didn't fall"),
    ],
)
def test_a_negation_denies_what_follows_it(before: str, after: str) -> None:
    assert SIGNS.find(before).flag is not None
    found = SIGNS.find(after)
    assert found.flag is None
    assert found.denied is (before != "I fell")
    assert bool(found.dismissed) is found.denied


@pytest.mark.parametrize("command", ["next", "stop", "it's gone", "yes", "louder please", "again", "no"])
@pytest.mark.parametrize("sign", ["my chest hurts", "I can't breathe", "my leg is cold and pale"])
def test_no_command_beside_it_hides_a_danger_sign(command: str, sign: str) -> None:
    for text in (f"{command} {sign}", f"{command}, {sign}", f"{command} but {sign}", f"{command}. Wait, {sign}!"):
        assert SIGNS.find(text).flag in ("chest", "cold_leg"), text


def test_the_most_pressing_sign_is_told_first() -> None:
    assert found("my leg is swollen and I can't breathe") == "chest"
    assert found("my feet are numb and my calf is hot and red") == "clot"
    assert found("I had chest pain yesterday and now my leg is swollen") == "clot", "a sure one before a doubtful one"


def test_a_doubt_is_asked_about_and_never_about_what_is_not_pressing() -> None:
    assert SIGNS.find("what if my chest hurts") == RedFlagFinding("chest", sure=False, what_if=True)
    assert SIGNS.find("what if my foot goes blue tonight") == RedFlagFinding("cold_leg", sure=False, what_if=True)
    assert SIGNS.find("what are the signs of a stroke") == RedFlagFinding(what_if=True, dismissed=frozenset({"stroke"}))
    assert not SIGNS.find("what if my chest hurts, it hurts now").what_if
    assert SIGNS.find("my feet were weak yesterday") == RedFlagFinding()


def test_what_was_long_ago_or_in_a_film_is_dismissed() -> None:
    assert SIGNS.find("I had chest pain ten years ago").dismissed == {"chest"}
    assert SIGNS.find("in the film his chest hurt").dismissed == {"chest"}
    assert SIGNS.find("my calf is tight").dismissed == frozenset()


def test_what_recognisers_write_makes_no_difference() -> None:
    for text in ("my chest hurts", "MY CHEST HURTS", "My chest hurts.", "my, chest, hurts", "¡my chest hurts!"):
        assert found(text) == "chest", text
    assert found("I can’t breathe") == found("I cant breathe") == "chest"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([w for _, t in UTTERANCES for w in t.split()] + [",", ".", "…", ""]), max_size=40))
def test_any_heap_of_words_is_judged_in_time_and_alike(words: list[str]) -> None:
    text = " ".join(words)
    assert SIGNS.find(text) == SIGNS.find(text)


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    finding = SIGNS.find(text)
    assert finding.flag is None or finding.flag in TRIAGE.flags
