"""What is said in danger, and while a question about it is open."""

import pytest

from nightvoice.dialogue.actions import Action, Record, Say, UpdateProfile
from nightvoice.dialogue.events import ContactNotified, NotUnderstood, Remembered, Suspected
from nightvoice.dialogue.state import Phase
from tests.dialogue.test_guide import PACK, Bedside, guided, step, texts

ADVICE = PACK.phrases.advice
ASK = {name: flag.ask for name, flag in PACK.triage.flags.items()}


def flags(actions: list[Action]) -> list[tuple[object, object]]:
    """Each recorded danger sign with its status."""
    records = [action.data for action in actions if isinstance(action, Record) and action.kind == "flag"]
    return [(data["flag"], data.get("status")) for data in records]


def flagged(flag: str) -> Bedside:
    """A bedside where ``flag`` was told during a stretch, and its advice was spoken."""
    bed = guided()
    bed.wait(12)
    bed.hear("flag", flag=flag)
    bed.wait(3)
    return bed


def test_silence_is_asked_again_loudly_and_then_noted() -> None:
    bed = guided()
    bed.send(Suspected(bed.t, "chest"))
    bed.wait(35)
    again, cautious = [a for a in bed.actions if isinstance(a, Say) and a.loud][:2]
    assert ASK["chest"] in again.text
    assert cautious.claim == "flag-unanswered"
    assert flags(bed.actions) == [("chest", "unconfirmed")]
    bed.wait(60)
    assert texts(bed.hear("cramp", site="calf"))[0] in PACK.phrases.talk["opening"]
    assert bed.wait(3)[0] == ASK["chest"], "no stretch before the danger questions"


def test_after_a_restart_the_sign_itself_is_asked_about() -> None:
    bed = Bedside()
    bed.send(Remembered(0.0, None, -600.0, frozenset({"stroke"})))
    bed.hear("cramp", site="calf")
    assert bed.wait(3)[0] == ASK["stroke"]


def test_help_while_idle_leads_to_the_number() -> None:
    bed = Bedside()
    assert texts(bed.hear("help"))[0] in PACK.phrases.questions["doubt"].ask
    bed.wait(3)
    assert "1 1 2" in texts(bed.hear("no"))[0]
    bed.wait(9)
    assert bed.state.asked is None, "one question is enough"
    assert "1 1 2" in texts(bed.hear("help"))[0], "the cramp is not asked about again"
    assert bed.wait(4) == [ASK["help"]]
    bed.hear("yes")
    assert flags(bed.actions) == [("help", None)]
    assert "1 1 2" in texts(bed.actions)[-1]


def test_who_says_nothing_after_help_gets_the_number() -> None:
    bed = Bedside()
    bed.hear("help")
    assert any("1 1 2" in text for text in bed.wait(60))
    assert flags(bed.actions) == [("help", "unconfirmed")]


def test_words_that_are_not_understood_lead_to_one_question() -> None:
    bed = guided()
    for _ in range(6):
        bed.wait(9)
        bed.send(NotUnderstood(bed.t, 4))
    assert texts(bed.actions).count(ASK["help"]) == 1
    assert not flags(bed.actions)


@pytest.mark.parametrize("intent", ["gone", "better", "worse", "next", "back", "repeat", "pause", "cramp", "helper"])
def test_no_command_skips_a_danger_question(intent: str) -> None:
    bed = guided()
    bed.send(Suspected(bed.t, "stroke"))
    bed.wait(3)
    bed.hear(intent)
    bed.wait(40)
    assert flags(bed.actions)[:1] == [("stroke", "unconfirmed")]


def test_a_false_alarm_is_taken_back_and_the_danger_questions_come_first() -> None:
    bed = flagged("stroke")
    assert texts(bed.hear("fine"))[0] in PACK.phrases.talk["glad"]
    assert flags(bed.actions) == [("stroke", None), ("stroke", "withdrawn")]
    bed.wait(5)
    assert texts(bed.hear("yes")) == [ASK["stroke"]]


def test_who_waits_for_help_is_not_nagged() -> None:
    bed = flagged("chest")
    bed.hear("help_coming")
    assert bed.wait(300) == []
    assert bed.state.phase is Phase.FLAGGED


@pytest.mark.parametrize("reached", [True, False, None])
def test_without_a_phone_a_message_is_mentioned_only_if_its_result_is_known(reached: bool | None) -> None:
    bed = flagged("chest")
    if reached is not None:
        bed.send(ContactNotified(bed.t, reached))
        bed.wait(5)
    bed.hear("no_phone")
    said = [*texts(bed.actions)[-1:], *bed.wait(5)]
    known = PACK.phrases.talk["contact_reached"] + PACK.phrases.talk["contact_not_reached"]
    assert any(text in known for text in said) is (reached is not None)


def test_stop_ends_it_with_a_word() -> None:
    bed = flagged("chest")
    assert "1 1 2" in texts(bed.hear("stop"))[0]
    bed.wait(5)
    assert bed.state.phase is Phase.IDLE


def test_gone_ends_a_long_cramp_but_no_other_danger() -> None:
    bed = guided()
    bed.hear("flag", flag="ten_minutes")
    bed.hear("gone")
    assert ("episode_closed", "gone") in bed.records
    bed = flagged("chest")
    bed.hear("gone")
    assert bed.state.phase is Phase.FLAGGED
    assert ("episode_closed", "gone") not in bed.records


def test_what_is_told_counts_at_once_and_is_kept_after_a_yes() -> None:
    bed = guided()
    while step(bed) != "massage":
        bed.hear("next")
    bed.hear("told", condition="diabetes")
    bed.wait(3)
    assert step(bed) == "let-go", "neither rub nor warmth"
    said = texts(bed.hear("gone"))
    while bed.state.asked is None:
        said += bed.wait(0.5)
    assert said[-1] in PACK.phrases.questions["keep"].ask
    assert UpdateProfile("diabetes", True) in bed.hear("yes")


def test_pregnant_brings_the_clot_question_before_the_next_stretch() -> None:
    bed = guided()
    assert texts(bed.hear("told", condition="pregnant")) == [ASK["clot"]]


@pytest.mark.parametrize("minutes", [None, 3.0])
def test_a_pregnancy_told_while_idle_brings_the_clot_question_before_the_first_movement(minutes: float | None) -> None:
    bed = Bedside()
    bed.hear("told", condition="pregnant")
    bed.wait(40)
    if minutes is not None:
        bed = Bedside()
        bed.send(Remembered(0.0, told=frozenset({"pregnant"}), told_at=-60 * minutes))
    bed.hear("cramp", site="calf")
    assert bed.wait(2) == [ASK["clot"]]
    bed.wait(2)
    assert texts(bed.hear("no"))[0] in PACK.phrases.talk["all_right"]
    assert bed.wait(2)[0] in ADVICE["first"].say


def test_who_is_not_sure_of_a_danger_is_asked_about_help() -> None:
    bed = guided()
    bed.send(Suspected(bed.t, "stroke"))
    bed.wait(5)
    assert texts(bed.hear("unsure"))[0] in [text.format(emergency="1 1 2") for text in ADVICE["unanswered"].say]
    assert flags(bed.actions) == [("stroke", "unconfirmed")]
    assert ASK["help"] in bed.wait(12)
    bed.hear("no")
    assert bed.wait(8)[-1] in PACK.phrases.talk["resting_help"]
    assert texts(bed.hear("cramp", site="calf"))[0] in PACK.phrases.talk["opening"]
    assert bed.wait(3)[0] == ASK["stroke"], "no stretch before the danger questions"


def test_an_unusual_cramp_is_asked_about_at_any_time() -> None:
    bed = guided()
    assert texts(bed.hear("unusual"))[0] in PACK.phrases.advice["worse"].say


def test_a_round_without_relief_brings_the_danger_questions() -> None:
    bed = guided()
    bed.hear("no")
    for _ in range(8):
        bed.hear("next")
    assert ASK["chest"] in texts(bed.actions)


def test_a_dialogue_that_begins_anew_keeps_the_danger_and_what_was_told() -> None:
    bed = flagged("chest")
    bed.hear("told", condition="diabetes")
    bed.state, bed.speech = bed.state.reset(), None
    assert bed.state.phase is Phase.IDLE
    assert bed.state.dangers == {"chest"}
    assert "diabetes" in bed.state.told
    bed.hear("cramp", site="calf", side="left")
    bed.wait(5)
    assert bed.state.asked is not None
    assert bed.state.asked.flag == "chest", "stretching waits for the danger question"


def test_a_no_to_the_alarm_asks_and_a_second_one_takes_the_sign_back() -> None:
    bed = flagged("chest")
    assert ASK["chest"] in texts(bed.hear("no"))[0]
    bed.wait(3)
    assert texts(bed.hear("no"))[0] in PACK.phrases.talk["glad"]
    assert flags(bed.actions)[-1] == ("chest", "withdrawn")
    assert bed.state.phase is Phase.OPENING


@pytest.mark.parametrize("answer", ["yes", None])
def test_a_no_to_the_alarm_changes_nothing_without_a_second_one(answer: str | None) -> None:
    bed = flagged("chest")
    bed.hear("no")
    bed.wait(3)
    if answer is not None:
        bed.hear(answer)
    bed.wait(40)
    assert bed.state.phase is Phase.FLAGGED
    assert ("chest", "withdrawn") not in flags(bed.actions)


def test_a_no_to_two_alarms_takes_neither_back() -> None:
    bed = flagged("chest")
    bed.hear("flag", flag="stroke")
    bed.wait(3)
    bed.hear("no")
    bed.wait(3)
    bed.hear("no")
    assert bed.state.phase is Phase.FLAGGED
