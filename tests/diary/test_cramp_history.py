"""What the guide learns from the diary of the person's earlier cramps."""

from datetime import UTC, datetime, timedelta

from nightvoice.content.countries import NO_COUNTRY
from nightvoice.dialogue.cramp_history import NO_HISTORY, CrampHistory, Place
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.history import History

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


def cramp(diary: Diary, nights_ago: int, usual: bool | None = True, flag: str | None = None) -> int:
    onset = NOW - timedelta(days=nights_ago)
    number = diary.append("episode_opened", onset, {"site": "calf", "side": "left"})
    if usual is not None:
        diary.append("usual", onset, {"usual": usual})
    diary.append("step", onset, {"protocol": "calf", "step": "towel-stretch"})
    diary.append("effect", onset, {"protocol": "calf", "step": "towel-stretch", "effect": "eased"})
    if flag is not None:
        diary.append("flag", onset, {"flag": flag, "action": "urgent"})
    diary.append("episode_closed", onset + timedelta(minutes=3), {"outcome": "gone"})
    return number


def read(diary: Diary) -> CrampHistory:
    behind = WriteBehindDiary(lambda: diary)
    return History(behind, lambda *_: [], NO_COUNTRY, lambda error: None).cramps(0.0).history


def test_three_usual_cramps_are_known_and_one_with_a_danger_sign_is_not() -> None:
    diary = Diary.open()
    assert read(diary) == NO_HISTORY
    for nights in (9, 8, 7):
        cramp(diary, nights)
    found = read(diary)
    assert (found.usual_sites, found.place) == ({"calf"}, Place("calf", "left"))
    assert found.steps.eased["calf", "towel-stretch"] == 3
    cramp(diary, 6, flag="clot")
    assert read(diary).usual_sites == frozenset()


def test_deleted_cramps_and_the_one_that_is_running_do_not_count() -> None:
    diary = Diary.open()
    numbers = [cramp(diary, nights) for nights in (9, 8, 7)]
    diary.append("episode_opened", NOW, {"site": "arch"})
    assert read(diary).usual_sites == {"calf"}
    diary.delete_episode(numbers[1])
    assert read(diary).usual_sites == frozenset()
