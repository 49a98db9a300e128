"""Nights of every kind with their wording in the morning, for the tests and the benchmark."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from nightvoice.diary.store import Diary

NIGHT = date(2026, 3, 1)
CET = timezone(timedelta(hours=1))
STEP = {"protocol": "calf", "step": "towel-stretch"}


class Morning(NamedTuple):
    """A night and its wording."""

    write: Callable[[Diary], None]
    text: str


def at(clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 3, 1 if hour >= 12 else 2, hour, minute, tzinfo=CET)


def _cramp(diary: Diary, onset: str, minutes: int, outcome: str = "gone", step: bool = True, flag: str = "") -> None:
    start = at(onset)
    diary.append("episode_opened", start, {"site": "calf", "side": "left"})
    if step:
        diary.append("step", start, STEP)
        diary.append("effect", start, STEP | {"effect": "eased"})
    if flag:
        diary.append("flag", start, {"flag": flag, "action": "urgent"})
    diary.append("episode_closed", start + timedelta(minutes=minutes), {"outcome": outcome})


def _whole(diary: Diary) -> None:
    diary.listening(at("22:30"), at("6:45"))


def _one(diary: Diary) -> None:
    _whole(diary)
    _cramp(diary, "2:13", 4)


def _three(diary: Diary) -> None:
    _whole(diary)
    _cramp(diary, "0:30", 3)
    _cramp(diary, "2:15", 9)
    _cramp(diary, "5:10", 2, step=False)


def _not_listened(diary: Diary) -> None:
    """Write nothing: nothing is known about the night."""


def _half(diary: Diary) -> None:
    diary.listening(at("22:30"), at("2:30"))
    _cramp(diary, "1:05", 4)


def _interrupted(diary: Diary) -> None:
    _whole(diary)
    _cramp(diary, "3:20", 1, "interrupted", step=False)


def _flagged(diary: Diary) -> None:
    _whole(diary)
    _cramp(diary, "2:13", 4, "escalated", step=False, flag="clot")


MORNINGS = {
    "no cramp": Morning(_whole, "Good morning. I listened all night, and you told me of no cramp."),
    "one": Morning(
        _one,
        "Good morning. You had one cramp, at 2:13, in your left calf. "
        "It took four minutes; the towel stretch eased it. The muscle may be sore today.",
    ),
    "three": Morning(
        _three,
        "Good morning. You had three cramps, between 12:30 and 5:10, all of them in your left calf. "
        "The longest took nine minutes. The towel stretch eased two of them. The muscle may be sore today.",
    ),
    "not listened": Morning(_not_listened, "Good morning. I was not listening last night, so I can't say."),
    "half the night": Morning(
        _half,
        "Good morning. You had one cramp, at 1:05, in your left calf. "
        "It took four minutes; the towel stretch eased it. The muscle may be sore today. "
        "I listened only from 10:30 to 2:30, so there may have been more.",
    ),
    "interrupted": Morning(
        _interrupted,
        "Good morning. You had one cramp, at 3:20, in your left calf. I was cut off, so I don't know how it ended.",
    ),
    "flagged": Morning(
        _flagged,
        "Good morning. In the night you told me that a leg was swollen, hot, red, or dark. If nobody has looked at it, "
        "call a doctor now. Don't stretch it, and don't rub it. If your chest hurts, or you are short of "
        "breath, call 112. "
        "You had one cramp, at 2:13, in your left calf. I told you to get help, so I don't know how it ended.",
    ),
}
