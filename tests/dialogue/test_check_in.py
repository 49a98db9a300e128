"""The check-ins: what is asked in the morning and in the evening, what the answers are, and how silence ends them."""

from collections.abc import Mapping
from datetime import date

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.content.tips import tip_for
from nightvoice.dialogue.actions import Record, RequestDay, RequestSummary
from nightvoice.dialogue.events import DayReady, EveningTime, MorningTime, SummaryReady
from nightvoice.dialogue.state import Phase
from tests.dialogue.test_guide import Bedside, texts

PACK = load_pack()
WORDS = PACK.check_in
TOLD = (("Good morning.", None), ("You had one cramp.", None))
ALL = ("severity", "soreness", "sleep_lost_minutes")
DAY = tuple(WORDS.tags)
SPOKEN_WPM = 150
DAY_OF_TIP = date(2026, 3, 2)
TIP = tip_for(PACK.tips, DAY_OF_TIP, "morning")
TIPS = TIP.say if TIP else ()


def morning(unrated: tuple[str, ...] = ALL, several: bool = False) -> Bedside:
    """A night that was told up to the offer to rate it."""
    bed = Bedside()
    assert bed.hear("good_morning") == (RequestSummary(),)
    bed.send(SummaryReady(bed.t, TOLD, unrated, 12 if unrated else None, several, DAY_OF_TIP))
    bed.wait(5)
    return bed


def evening(known: frozenset[str] = frozenset()) -> Bedside:
    bed = Bedside()
    assert bed.hear("good_evening") == (RequestDay(),)
    bed.send(DayReady(bed.t, known))
    bed.wait(3)
    return bed


def said(bed: Bedside) -> list[str]:
    return texts(bed.actions)


def answer(bed: Bedside, intent: str, **slots: str) -> str:
    """What is said next."""
    before = len(said(bed))
    bed.hear(intent, **slots)
    bed.wait(2)
    return said(bed)[before]


def written(bed: Bedside) -> list[Mapping[str, object]]:
    return [action.data for action in bed.actions if isinstance(action, Record)]


def test_the_night_is_told_and_rated_and_a_tip_comes_last() -> None:
    bed = morning()
    assert said(bed)[-1] in WORDS.offer.ask
    assert answer(bed, "yes") in WORDS.ratings["severity"].ask
    assert answer(bed, "number", number="6") in WORDS.ratings["soreness"].ask
    assert answer(bed, "number", number="2") in WORDS.ratings["sleep_lost_minutes"].ask
    assert answer(bed, "duration", minutes="30") in WORDS.talk["noted"]
    bed.wait(30)
    tip, farewell = said(bed)[-2:]
    assert tip in TIPS
    assert farewell in WORDS.talk["good_day"]
    assert written(bed) == [
        {"episode": 12, "severity": 6},
        {"episode": 12, "soreness": 2},
        {"episode": 12, "sleep_lost_minutes": 30},
    ]
    assert bed.state.listens_for == "idle"
    assert bed.state.check_in is None


def test_each_answer_is_written_before_the_next_question() -> None:
    bed = morning()
    answer(bed, "yes")
    answer(bed, "number", number="6")
    assert written(bed) == [{"episode": 12, "severity": 6}]


def test_after_a_danger_sign_there_is_no_tip() -> None:
    bed = Bedside()
    bed.send(SummaryReady(bed.t, TOLD, tip_day=None))
    bed.wait(30)
    assert len(said(bed)) == 3
    assert said(bed)[2] in WORDS.talk["good_day"]


def test_who_does_not_want_to_is_let_go_with_the_tip() -> None:
    bed = morning()
    assert answer(bed, "no") in TIPS
    bed.wait(60)
    assert not written(bed)
    assert said(bed)[-1] in WORDS.talk["good_day"]


def test_silence_to_the_offer_ends_it_kindly_without_asking_again() -> None:
    bed = morning()
    bed.wait(120)
    assert [text for text in said(bed) if text in (*WORDS.offer.ask, *WORDS.offer.no_match)] == said(bed)[2:3]
    assert said(bed)[-1] in WORDS.talk["later"]
    assert bed.state.listens_for == "idle"


def test_a_question_is_asked_once_more_and_then_no_other() -> None:
    bed = morning()
    answer(bed, "yes")
    bed.wait(120)
    severity = WORDS.ratings["severity"]
    assert sum(text in (*severity.ask, *severity.no_input) for text in said(bed)) == 2
    assert said(bed)[-1] in WORDS.talk["later"]
    assert not written(bed)


def test_what_the_diary_knows_already_is_not_asked() -> None:
    bed = morning(unrated=("soreness",))
    assert answer(bed, "yes") in WORDS.ratings["soreness"].ask
    assert answer(bed, "no") in WORDS.talk["noted"]
    assert written(bed) == [{"episode": 12, "soreness": 0}]


def test_a_night_with_nothing_to_rate_is_only_told() -> None:
    bed = morning(unrated=())
    bed.wait(60)
    assert said(bed)[1] == "You had one cramp."
    assert said(bed)[2] in TIPS
    assert said(bed)[3] in WORDS.talk["good_day"]
    assert len(said(bed)) == 4


def test_of_several_cramps_the_longest_is_asked_about() -> None:
    bed = morning(several=True)
    assert answer(bed, "yes") in WORDS.ratings["severity"].of_several
    assert answer(bed, "number", number="10") in WORDS.ratings["soreness"].ask


@pytest.mark.parametrize(
    ("answers", "minutes"), [(("no", {}), 0), (("number", {"number": "5"}), 5), (("duration", {"minutes": "60"}), 60)]
)
def test_how_much_sleep_was_lost(answers: tuple[str, dict[str, str]], minutes: int) -> None:
    bed = morning(unrated=("sleep_lost_minutes",))
    answer(bed, "yes")
    intent, slots = answers
    answer(bed, intent, **slots)
    assert written(bed) == [{"episode": 12, "sleep_lost_minutes": minutes}]


@pytest.mark.parametrize(("intent", "slots"), [("no", {}), ("yes", {}), ("duration", {"minutes": "10"})])
def test_how_bad_it_was_takes_only_a_number(intent: str, slots: dict[str, str]) -> None:
    bed = morning(unrated=("severity",))
    answer(bed, "yes")
    assert answer(bed, intent, **slots) in WORDS.ratings["severity"].no_match
    assert not written(bed)
    answer(bed, "number", number="3")
    assert written(bed) == [{"episode": 12, "severity": 3}]


def test_next_leaves_a_question_out() -> None:
    bed = morning()
    answer(bed, "yes")
    assert answer(bed, "next") in WORDS.ratings["soreness"].ask
    answer(bed, "number", number="1")
    assert answer(bed, "next") in TIPS
    assert written(bed) == [{"episode": 12, "soreness": 1}]


def test_stop_ends_it_at_once() -> None:
    bed = morning()
    answer(bed, "yes")
    assert answer(bed, "stop") in WORDS.talk["later"]
    assert bed.wait(60) == []


def test_an_answer_may_come_while_the_question_is_being_asked() -> None:
    bed = morning()
    bed.hear("yes")
    bed.hear("number", number="4")
    bed.wait(1)
    assert written(bed) == [{"episode": 12, "severity": 4}]
    assert said(bed)[-1] in WORDS.ratings["soreness"].ask


def test_a_question_can_be_heard_again() -> None:
    bed = morning()
    answer(bed, "yes")
    severity = WORDS.ratings["severity"]
    assert answer(bed, "repeat") in (*severity.ask, *severity.no_input)
    assert answer(bed, "number", number="7") in WORDS.ratings["soreness"].ask


def test_a_cramp_comes_before_all_questions() -> None:
    bed = morning()
    answer(bed, "yes")
    bed.hear("cramp", site="calf", side="left")
    assert bed.state.phase is Phase.OPENING
    assert bed.state.episode is not None


def test_so_does_a_danger_sign() -> None:
    bed = morning()
    answer(bed, "yes")
    bed.hear("flag", flag="clot")
    assert bed.state.phase is Phase.FLAGGED
    assert written(bed)[0]["flag"] == "clot"


def test_at_the_set_time_the_night_is_told_once() -> None:
    bed = Bedside()
    assert bed.send(MorningTime(bed.t)) == (RequestSummary(),)
    bed.send(SummaryReady(bed.t, TOLD))
    bed.wait(3600)
    assert bed.send(MorningTime(bed.t)) == ()
    bed.wait(24 * 3600)
    assert bed.send(MorningTime(bed.t)) == (RequestSummary(),)


def test_the_set_times_wait_while_a_cramp_is_led_out_of() -> None:
    bed = Bedside()
    bed.hear("cramp", site="calf")
    assert bed.send(MorningTime(bed.t)) == ()
    assert bed.send(EveningTime(bed.t)) == ()


def test_the_evening_asks_about_the_day() -> None:
    bed = evening()
    for number, (tag, intent) in enumerate(zip(DAY, ("yes", "no", "no", "yes"), strict=True)):
        assert said(bed)[-1] in WORDS.tags[tag].ask
        answer(bed, intent)
        assert written(bed)[number] == {tag: intent == "yes"}
    assert said(bed)[-1] in WORDS.talk["evening_done"]
    assert bed.wait(60) == []


def test_the_evening_asks_only_what_is_not_known_yet() -> None:
    bed = evening(known=frozenset(DAY[:-1]))
    assert said(bed)[-1] in WORDS.tags[DAY[-1]].ask
    assert answer(bed, "next") in WORDS.talk["evening_done"]
    assert not written(bed)


def test_a_day_that_is_known_is_not_asked_about() -> None:
    bed = evening(known=frozenset(DAY))
    assert said(bed)[-1] in WORDS.talk["evening_known"]
    bed = Bedside()
    assert bed.send(EveningTime(bed.t)) == (RequestDay(asked=False),)
    assert bed.send(DayReady(bed.t, frozenset(DAY), asked=False)) == ()


def test_silence_in_the_evening_ends_it_and_nothing_is_guessed() -> None:
    bed = evening()
    bed.wait(120)
    assert not written(bed)
    assert said(bed)[-1] in WORDS.talk["later"]


def test_the_evening_takes_less_than_twenty_seconds_of_speech() -> None:
    longest = max(WORDS.talk["good_evening"], key=len), max(WORDS.talk["evening_done"], key=len)
    spoken = [*longest, *(max(question.ask, key=len) for question in WORDS.tags.values())]
    pauses = 0.5 * len(spoken)
    assert sum(len(text.split()) for text in spoken) * 60 / SPOKEN_WPM + pauses < 20
