"""What is said about a danger holds in every state, in both languages, by night and in the morning."""

import re
from collections.abc import Iterator

import pytest

from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.loader import load_pack
from nightvoice.content.schema import Pack
from nightvoice.content.triage import Flag

LANGUAGES = ("en", "de")
SOON = 3
"""The number, or where it is, comes by this sentence of an emergency's first words."""
SUPPOSED = {
    "en": r"\bThen\b|\bthis cramp\b|go on|(?<!If )the cramp is not over|\b[Gg]ood night\b",
    "de": r"\bDann\b|diese[nrs]? Krampf|machen .*weiter|[Gg]ute Nacht",
}
"""Words that suppose what the speaker of a danger sign may never have said: a stretch, a cramp, a guidance going on."""
POSTURES = {
    "sit": {"en": r"\bsit\b", "de": r"\bsetzen\b|\bsitzen\b"},
    "lie": {"en": r"\blie (?:down|on|flat)", "de": r"\blegen sie sich"},
    "raise": {"en": r"\braise\b", "de": r"\bhoch\b"},
    "stand": {"en": r"\bstand\b", "de": r"\bstehen\b"},
    "stretch": {"en": r"\bstretch\b", "de": r"\bdehnen\b"},
    "rub": {"en": r"\brub\b", "de": r"\breiben\b"},
    "vomit": {"en": r"\bvomit\b", "de": r"\berbrechen\b"},
}


def texts(flag: Flag) -> Iterator[str]:
    """Every wording of ``flag``, for each condition and after each other danger sign."""
    for condition in ("", *CONDITIONS):
        for after in ("", *flag.say_after):
            yield from flag.words(frozenset({condition}), {after})


def emergencies(pack: Pack) -> dict[str, Flag]:
    return {name: flag for name, flag in pack.triage.flags.items() if flag.action == "emergency"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_words_suppose_nothing_that_may_not_be_so(language: str) -> None:
    for name, flag in load_pack(language).triage.flags.items():
        for text in texts(flag):
            assert not re.search(SUPPOSED[language], text), f"{name}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_emergency_names_the_number_or_what_to_do_first(language: str) -> None:
    for name, flag in emergencies(load_pack(language)).items():
        for text in texts(flag):
            sentences = re.split(r"(?<=[.?]) ", text)
            assert re.search(r"\{(emergency|crisis)\}", " ".join(sentences[:SOON])), f"{name}: {text}"


def test_both_languages_give_a_danger_the_same_postures() -> None:
    english, german = load_pack("en").triage.flags, load_pack("de").triage.flags
    for name, flag in english.items():
        for ours, theirs in zip(texts(flag), texts(german[name]), strict=True):
            for posture, words in POSTURES.items():
                found = [
                    bool(re.search(words[language], text, re.I)) for language, text in (("en", ours), ("de", theirs))
                ]
                assert found[0] == found[1], f"{name}: {posture}: {ours} / {theirs}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_morning_names_a_number_for_every_emergency_and_raises_no_leg(language: str) -> None:
    pack = load_pack(language)
    for name in emergencies(pack):
        assert re.search(r"\{(emergency|crisis)\}", pack.morning.flags[name]), name
    for name, text in pack.morning.flags.items():
        assert not re.search(POSTURES["raise"][language], text, re.I), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gate_is_the_same_by_night_and_in_the_evening(language: str) -> None:
    pack = load_pack(language)
    steps = [step for steps in pack.protocols.values() for step in steps]
    tips = {tip.id: set(tip.not_with) for tip in pack.tips}
    for kind, tip in (("rub", "evening-rub"), ("warmth", "socks")):
        for step in steps:
            assert step.kind != kind or tips[tip] <= set(step.not_with), f"{step.id} and the tip {tip}"
    assert {"rub", "warmth"} <= {step.kind for step in steps}
