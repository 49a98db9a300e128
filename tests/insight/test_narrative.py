"""The wording of nights."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import pytest

from nightvoice.content.countries import HelpNumbers
from nightvoice.content.loader import load_pack
from nightvoice.content.morning import OTHER_FLAG
from nightvoice.content.schema import SITES
from nightvoice.diary.episode import OUTCOMES
from nightvoice.diary.store import Diary
from nightvoice.insight.narrative import NarrativeLine, as_json, as_text, tell
from nightvoice.insight.night import last_night, summarize
from tests.insight.mornings import MORNINGS

NIGHT = date(2026, 3, 1)
CET = timezone(timedelta(hours=1))


def at(clock: str) -> datetime:
    """Return a time of the test's night."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 3, 1 if hour >= 12 else 2, hour, minute, tzinfo=CET)


@pytest.fixture
def diary() -> Iterator[Diary]:
    with Diary.open() as diary:
        yield diary


@pytest.fixture
def listened(diary: Diary) -> Diary:
    """Return a diary of a night with listening from 22:30 to 6:45."""
    diary.listening(at("22:30"), at("6:45"))
    return diary


def cramp(
    diary: Diary,
    onset: str,
    site: str | None = "calf",
    side: str | None = "left",
    outcome: str = "gone",
    minutes: float = 4,
    step: tuple[str, str, str | None] | None = ("calf", "towel-stretch", "eased"),
    flags: tuple[tuple[str, str], ...] = (),
) -> int:
    start = at(onset)
    number = diary.append("episode_opened", start, {"site": site, "side": side})
    if step:
        names = {"protocol": step[0], "step": step[1]}
        diary.append("step", start, names)
        if step[2]:
            diary.append("effect", start, names | {"effect": step[2]})
    for flag, action in flags:
        diary.append("flag", start, {"flag": flag, "action": action})
    diary.append("episode_closed", start + timedelta(minutes=minutes), {"outcome": outcome})
    return number


def told(diary: Diary, earlier: bool = False) -> list[NarrativeLine]:
    return tell(summarize(diary.night(NIGHT)), earlier=earlier)


def text(diary: Diary) -> str:
    """The night in words, without the greeting and the line about soreness."""
    return as_text([line for line in told(diary) if line.claim != "soreness"]).removeprefix("Good morning. ")


def test_an_ordinary_night_is_four_sentences(listened: Diary) -> None:
    cramp(listened, "2:13")
    assert as_text(told(listened)) == (
        "Good morning. You had one cramp, at 2:13, in your left calf. It took four minutes; the towel stretch eased it."
        " The muscle may be sore today."
    )


def test_soreness_is_told_of_the_last_night_after_a_cramp_that_is_over(listened: Diary) -> None:
    cramp(listened, "2:13", outcome="unanswered")
    assert "sore" not in as_text(told(listened))
    cramp(listened, "4:00")
    assert as_text(told(listened)).count("sore") == 1
    assert "sore" not in as_text(told(listened, earlier=True))


def test_soreness_is_not_told_beside_a_danger_sign(listened: Diary) -> None:
    cramp(listened, "2:13", flags=[("clot", "urgent")])
    assert "sore" not in as_text(told(listened))


@pytest.mark.parametrize("kind", MORNINGS)
def test_the_wording_of_every_kind_of_night(diary: Diary, kind: str) -> None:
    MORNINGS[kind].write(diary)
    assert as_text(told(diary)) == MORNINGS[kind].text


def test_only_the_step_that_eased_the_cramp_has_a_claim(listened: Diary) -> None:
    cramp(listened, "2:13")
    assert [line.claim for line in told(listened)] == [None, None, "towel-stretch", "soreness"]


def test_a_whole_night_without_a_cramp(listened: Diary) -> None:
    assert text(listened) == "I listened all night, and you told me of no cramp."


def test_two_cramps(listened: Diary) -> None:
    cramp(listened, "1:05")
    cramp(listened, "4:00", "arch", None, minutes=1, step=("arch", "massage", "eased"))
    assert text(listened) == (
        "You had two cramps. The first, at 1:05, in your left calf: it took four minutes; the towel stretch eased it. "
        "The second, at 4 o'clock, in your foot: it took one minute; rubbing it eased it."
    )


def test_several_cramps(listened: Diary) -> None:
    cramp(listened, "0:30")
    cramp(listened, "2:00", minutes=9)
    cramp(listened, "3:00", "toes", "both", step=None)
    cramp(listened, "5:10", outcome="unanswered", minutes=30, step=None)
    assert text(listened) == (
        "You had four cramps, between 12:30 and 5:10, three of them in your left calf. "
        "The longest took nine minutes. The towel stretch eased two of them."
    )


def test_several_cramps_at_different_sites(listened: Diary) -> None:
    for onset, site in (("1:00", "calf"), ("2:00", "shin"), ("3:00", None)):
        cramp(listened, onset, site, None, "stopped", step=None)
    assert text(listened).startswith("You had three cramps, between 1 o'clock and 3 o'clock. The longest")


def test_a_night_without_listening_is_not_free_of_cramps(diary: Diary) -> None:
    assert text(diary) == "I was not listening last night, so I can't say."
    assert as_text(told(diary, earlier=True)) == (
        "The night of March 1. I was not listening that night, so I can't say."
    )


def test_gaps_are_mentioned(diary: Diary) -> None:
    diary.listening(at("22:30"), at("23:30"))
    diary.listening(at("4:30"), at("6:30"))
    assert text(diary) == (
        "Between 10:30 and 6:30 I listened for only three hours, and you told me of no cramp then. "
        "For the rest I can't say."
    )
    cramp(diary, "5:00")
    assert text(diary).endswith("Between 10:30 and 6:30 I listened for only three hours, so there may have been more.")


def test_few_missing_minutes_are_not_called_much(diary: Diary) -> None:
    diary.listening(at("22:30"), at("3:00"))
    diary.listening(at("3:24"), at("6:30"))
    assert text(diary) == (
        "I listened from 10:30 to 6:30, all but 24 minutes, and you told me of no cramp then. For the rest I can't say."
    )
    cramp(diary, "5:00")
    assert text(diary).endswith("Between 10:30 and 6:30 I missed 24 minutes, so there may have been more.")


@pytest.mark.parametrize("end", ["1:30", "4:50"])
def test_a_night_cut_short_is_described_as_such(diary: Diary, end: str) -> None:
    diary.listening(at("22:30"), at(end))
    assert text(diary) == (
        f"I listened only from 10:30 to {end}, and you told me of no cramp then. For the rest I can't say."
    )
    cramp(diary, "1:00")
    assert text(diary).endswith(f"I listened only from 10:30 to {end}, so there may have been more.")


def test_a_short_restart_is_not_mentioned(diary: Diary) -> None:
    diary.listening(at("22:30"), at("1:00"))
    diary.listening(at("1:02"), at("6:30"))
    assert text(diary) == "I listened all night, and you told me of no cramp."


def test_a_cramp_without_a_record_of_listening(diary: Diary) -> None:
    cramp(diary, "2:13")
    assert text(diary).endswith("I have no record of how long I listened, so there may have been more.")


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        ("gone", "It took four minutes."),
        ("eased", "It took four minutes."),
        ("worse", "You told me that it got worse."),
        ("stopped", "You stopped me after four minutes."),
        ("escalated", "I told you to get help, so I don't know how it ended."),
        ("unanswered", "You gave no more answer, so I don't know how it ended."),
        ("interrupted", "I was cut off, so I don't know how it ended."),
    ],
)
def test_how_a_cramp_ended(listened: Diary, outcome: str, ending: str) -> None:
    cramp(listened, "2:13", outcome=outcome, step=None)
    assert text(listened) == f"You had one cramp, at 2:13, in your left calf. {ending}"


def test_every_outcome_of_the_diary_has_an_ending_above() -> None:
    assert set(OUTCOMES) == {"gone", "eased", "worse", "stopped", "escalated", "unanswered", "interrupted"}


def test_a_cramp_that_is_still_open(listened: Diary) -> None:
    listened.append("episode_opened", at("6:40"), {"site": "calf"})
    assert text(listened) == "You had one cramp, at 6:40, in your calf. I have not written down how it ended."


@pytest.mark.parametrize(
    ("step", "tail"),
    [
        (("calf", "towel-stretch", None), "; the towel stretch eased it."),  # it went while it was being done
        (("calf", "towel-stretch", "same"), "."),
        (("calf", "a-step-of-an-older-version", "eased"), "."),
        (None, "."),
    ],
)
def test_only_the_effective_step_is_credited(
    listened: Diary, step: tuple[str, str, str | None] | None, tail: str
) -> None:
    cramp(listened, "2:13", step=step)
    assert text(listened).endswith(f"It took four minutes{tail}")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.3, "less than a minute"),
        (1.2, "one minute"),
        (12, "twelve minutes"),
        (13, "13 minutes"),
        (89, "89 minutes"),
        (120, "two hours"),
    ],
)
def test_lengths_of_time_in_words(listened: Diary, minutes: float, words: str) -> None:
    cramp(listened, "2:13", minutes=minutes, step=None)
    assert text(listened).endswith(f"It took {words}.")


@pytest.mark.parametrize(
    ("onset", "words"),
    [
        ("23:07", "11:07"),
        ("0:05", "12:05"),
        ("0:00", "12 o'clock"),
        ("14:13", "2:13 in the afternoon"),
        ("11:59", "11:59"),
    ],
)
def test_times_of_day_in_words(listened: Diary, onset: str, words: str) -> None:
    cramp(listened, onset)
    assert f"at {words}, in your left calf" in text(listened)


def test_a_cramp_at_an_unknown_site_is_described_without_one(listened: Diary) -> None:
    cramp(listened, "2:13", None, "left", step=None)
    assert text(listened) == "You had one cramp, at 2:13. It took four minutes."


def test_danger_signs_come_first_once_each_and_by_urgency(listened: Diary) -> None:
    listened.append("flag", at("1:00"), {"flag": "dangling", "action": "morning"})
    cramp(listened, "2:13", outcome="escalated", flags=(("clot", "urgent"), ("chest", "emergency"), ("clot", "urgent")))
    greeting, *lines = told(listened)
    assert greeting == NarrativeLine("Good morning.")
    assert [line.claim for line in lines] == ["flag-chest", "flag-clot", "flag-dangling", None, None]
    assert "call 112" in lines[0].text
    assert "Don't stretch it, and don't rub it" in lines[1].text
    assert "tell your doctor" in lines[2].text


def test_the_emergency_number_is_the_configured_one(listened: Diary) -> None:
    cramp(listened, "2:13", flags=(("stroke", "emergency"),))
    lines = tell(summarize(listened.night(NIGHT)), numbers=HelpNumbers("0 0 0"))
    assert "Call 0 0 0 now" in lines[1].text


def test_a_danger_sign_outside_an_episode_is_raised_too(listened: Diary) -> None:
    listened.append("flag", at("3:00"), {"flag": "chest", "action": "emergency"})
    assert [line.claim for line in told(listened)] == [None, "flag-chest", None]


def test_an_unknown_danger_sign_is_not_omitted(listened: Diary) -> None:
    listened.append("flag", at("3:00"), {"flag": "from_the_future", "action": "unheard-of"})
    assert told(listened)[1] == NarrativeLine(
        "In the night you told me of a danger sign. Please talk to a doctor about it.", "see-professional"
    )


def test_the_json_has_facts_and_wording(listened: Diary) -> None:
    number = cramp(listened, "2:13", flags=(("numbness", "doctor"),))
    listened.edit_episode(number, severity=6)
    summary = summarize(listened.night(NIGHT))
    lines = tell(summary)
    assert as_json(summary, lines) == {
        "night": "2026-03-01",
        "listened_h": 8.25,
        "coverage": "whole",
        "gaps": [],
        "cramps": 1,
        "episodes": [
            {
                "id": number,
                "onset": "2026-03-02T02:13:00+01:00",
                "ended": "2026-03-02T02:17:00+01:00",
                "minutes": 4.0,
                "site": "calf",
                "side": "left",
                "eased_by": "towel-stretch",
                "outcome": "gone",
                "severity": 6,
                "soreness": None,
                "sleep_lost_minutes": None,
                "notes": None,
                "told_later": False,
                "flags": ["numbness"],
            }
        ],
        "flags": [{"flag": "numbness", "action": "doctor", "at": "2026-03-02T02:13:00+01:00", "status": None}],
        "text": as_text(lines),
    }


def test_last_night_began_yesterday() -> None:
    assert last_night(datetime(2026, 3, 2, 7, 0)) == last_night(datetime(2026, 3, 2, 15, 0)) == NIGHT


def test_every_possible_value_has_wording() -> None:
    pack = load_pack()
    words = pack.morning
    assert words.flags.keys() == pack.triage.flags.keys() | {OTHER_FLAG}
    assert words.steps.keys() >= {step.id for steps in pack.protocols.values() for step in steps}
    assert pack.phrases.places.keys() == set(SITES)
    assert pack.ledger.claims[words.other_claim].verdict != "reject"


@pytest.mark.parametrize(
    "forbidden", ["you're fine", "you are fine", "nothing to worry", "diagnos", "i called", "i have called"]
)
def test_the_wording_neither_reassures_nor_diagnoses_nor_claims_a_call(forbidden: str) -> None:
    assert forbidden not in str(load_pack().morning).lower()


@pytest.mark.parametrize(
    ("status", "told_again", "expected"),
    [
        (None, False, "In the night you told me of chest pain"),
        ("unconfirmed", False, "In the night I asked you: Do you have chest pain"),
        ("withdrawn", False, "In the night you told me of a danger sign, and then that it was a false alarm."),
        ("unconfirmed", True, "In the night you told me of chest pain"),
    ],
)
def test_a_danger_sign_that_nobody_confirmed_is_told_as_such(
    listened: Diary, status: str | None, told_again: bool, expected: str
) -> None:
    sign = {"flag": "chest", "action": "emergency"}
    listened.append("flag", at("2:13"), sign | ({"status": status} if status else {}))
    if told_again:
        listened.append("flag", at("2:14"), sign)
    assert text(listened).startswith(expected)
