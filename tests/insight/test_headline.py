"""The line above the page of a night that says how bad it was."""

import pytest

from nightvoice.content.loader import load_narrative_pack
from nightvoice.diary.store import Diary
from nightvoice.insight.narrative import headline
from nightvoice.insight.night import summarize
from tests.insight.mornings import NIGHT, at


def line(diary: Diary, language: str = "en") -> str:
    return headline(summarize(diary.night(NIGHT)), load_narrative_pack(language))


def cramp(diary: Diary, onset: str, minutes: int, outcome: str = "gone") -> int:
    number = diary.append("episode_opened", at(onset), {"site": "calf"})
    hour, minute = onset.split(":")
    diary.append("episode_closed", at(f"{hour}:{int(minute) + minutes:02}"), {"outcome": outcome})
    return number


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ((), "Not listened to, so nobody knows."),
        ((("22:30", "6:30"),), "No cramp reported."),
        ((("22:30", "3:00"), ("3:24", "6:30")), "No cramp reported."),
        ((("22:30", "1:00"),), "No cramp reported, but not the whole night was listened to."),
        ((("22:30", "1:00"), ("5:00", "6:30")), "No cramp reported, but not the whole night was listened to."),
    ],
)
def test_a_night_without_a_cramp(spans: tuple[tuple[str, str], ...], said: str) -> None:
    with Diary.open() as diary:
        for start, end in spans:
            diary.listening(at(start), at(end))
        assert line(diary) == said


def test_nights_with_cramps_say_how_many_how_long_and_how_bad() -> None:
    with Diary.open() as diary:
        diary.listening(at("22:30"), at("6:30"))
        first = cramp(diary, "1:05", 4)
        assert line(diary) == "One cramp, four minutes."
        second = cramp(diary, "3:10", 8)
        assert line(diary) == "Two cramps, twelve minutes in all."
        diary.edit_episode(first, severity=4, sleep_lost_minutes=10)
        diary.edit_episode(second, severity=7, sleep_lost_minutes=20)
        assert line(diary) == "Two cramps, twelve minutes in all, at its worst 7 of 10, 30 minutes of sleep lost."
        assert (
            line(diary, "de")
            == "Zwei Krämpfe, zusammen zwölf Minuten, am schlimmsten 7 von 10, 30 Minuten Schlaf verloren."
        )


def test_what_is_not_known_is_left_out() -> None:
    with Diary.open() as diary:
        diary.listening(at("22:30"), at("6:30"))
        cramp(diary, "1:05", 4)
        cramp(diary, "3:10", 8, "interrupted")
        assert line(diary) == "Two cramps."
        cramp(diary, "4:10", 11, "escalated")
        assert line(diary) == "Three cramps, not over when I told you to get help."


def test_a_danger_sign_is_never_passed_over() -> None:
    with Diary.open() as diary:
        diary.listening(at("22:30"), at("6:30"))
        diary.append("flag", at("2:00"), {"flag": "chest", "action": "emergency"})
        assert line(diary) == "No cramp reported, and a danger sign."
