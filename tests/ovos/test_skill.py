"""The skill in the real OpenVoiceOS, spoken to by the words that its recogniser would give."""

import json
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import nightvoice.content
from nightvoice.content.loader import load_pack
from nightvoice.dialogue.not_understood import ECHO_S
from nightvoice.understanding.recognizer import IntentRecognizer
from tests.helpers.waiting import until
from tests.ovos.openvoiceos import SKILL, OpenVoiceOS

LOCALE = Path(nightvoice.content.__file__).parent.parent / "ovos" / "locale" / "en-us"
PACK = load_pack("en")
SITE, USUAL = PACK.phrases.questions["site"], PACK.phrases.questions["usual"]
STEPS = [step for step in PACK.protocols["calf"] if step.allowed_for(frozenset())]


def test_out_of_a_usual_cramp(house: OpenVoiceOS) -> None:
    house.say("I have a cramp")
    house.hears(SITE.ask)
    until(lambda: "mycroft.mic.listen" in house.topics(), "its turn to listen")
    house.hears(STEPS[0].say, since=house.say("it's in my calf"))
    house.hears(USUAL.ask)
    house.say("yes")
    house.hears(STEPS[1].say, since=house.say("next"))
    house.hears(PACK.phrases.talk["good_night"], since=house.say("it's gone"))
    assert house.outcome() == "gone"
    assert [event.data["step"] for event in house.diary("step")] == [STEPS[0].id, STEPS[1].id]
    heard = [event.data["intent"] for event in house.diary("heard")]
    assert heard == ["cramp", "site", "yes", "next", "gone"]
    until(lambda: "intent.service.skills.deactivated" in house.topics(), "the end of the dialogue")
    house.say("what is the time")
    until(lambda: "ovos.intent.unmatched" in house.topics(), "that it leaves other words alone")


def test_what_is_said_with_the_cramp_counts(house: OpenVoiceOS) -> None:
    house.say("I have a cramp in my left foot")
    house.hears(USUAL.ask)
    assert house.diary("episode_opened")[0].data == {"site": "arch", "side": "left"}


def test_words_that_nobody_understands_are_asked_about(house: OpenVoiceOS) -> None:
    house.say("I have a cramp")
    house.hears(SITE.ask)
    until(lambda: "mycroft.mic.listen" in house.topics(), "its turn to listen")
    time.sleep(ECHO_S)  # what follows a question at once may be its echo
    house.hears(SITE.no_match, since=house.say("the tall green house"))


def test_louder_and_stop_are_obeyed_in_the_middle_of_a_step(house: OpenVoiceOS) -> None:
    house.say("I have a cramp in my calf")
    house.hears(USUAL.ask)
    house.say("yes")
    house.hears(STEPS[0].say)
    house.hears(PACK.phrases.talk["louder"], since=house.say("louder"))
    assert "mycroft.volume.increase" in house.topics()
    house.hears(PACK.phrases.talk["stopping"], since=house.say("stop"))
    assert house.outcome() == "stopped"


@pytest.mark.parametrize("before", ["", "I have a cramp in my calf"])
def test_a_danger_sign_is_answered_at_once(house: OpenVoiceOS, before: str) -> None:
    if before:
        house.say(before)
        house.hears(USUAL.ask)
    house.say("my chest hurts and I am sweating")
    until(lambda: bool(house.diary("flag")), "the danger sign")
    assert house.diary("flag")[0].data["flag"] == "chest"
    words = [text.format(emergency="1 1 2") for text in PACK.triage.flags["chest"].words(frozenset())]
    until(lambda: any(text.split(".")[0] in said for text in words for said in house.said), f"{words}")
    house.say("stop")
    until(lambda: bool(house.diary("listening_stopped")), "its silence")


@pytest.mark.parametrize("file", sorted(LOCALE.glob("intents/*.intent")), ids=lambda file: file.stem)
def test_what_starts_it_is_understood_by_the_guide(file: Path) -> None:
    from ovos_spec_tools import expand

    understanding = IntentRecognizer(PACK.intents, PACK.triage)
    sentences = [sentence for line in file.read_text().splitlines() for sentence in expand(line)]
    assert len(sentences) > 3
    for sentence in sentences:
        meaning = understanding.recognize(sentence, "idle")
        assert meaning is not None, sentence
        assert meaning.intent == file.stem, sentence


def test_it_is_found_and_described_as_openvoiceos_wants() -> None:
    (entry,) = (entry for entry in entry_points(group="ovos.plugin.skill") if entry.name == SKILL)
    assert entry.value == "nightvoice.ovos.skill:NightvoiceSkill"
    described = json.loads((LOCALE / "skill.json").read_text())
    assert described["skill_id"] == SKILL
    understanding = IntentRecognizer(PACK.intents)
    assert all(understanding.recognize(example, "idle") for example in described["examples"])


def test_the_core_brings_none_of_it() -> None:
    code = "import sys, nightvoice.assembly, nightvoice.assistant, nightvoice.cli.run; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in loaded if name.startswith(("ovos", "nightvoice.ovos"))]
