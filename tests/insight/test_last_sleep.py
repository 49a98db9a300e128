"""The summary of somebody who sleeps by day."""

from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from typing import Any

from nightvoice.config.schema import Config
from nightvoice.content.countries import NO_COUNTRY
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.history import History
from nightvoice.insight.fhir import bundle
from nightvoice.insight.last_sleep import last_sleep
from nightvoice.insight.narrative import tell
from nightvoice.insight.patterns import factors_of
from nightvoice.insight.report import Onset, report_of
from nightvoice.insight.trend import weeks

HOUR = timedelta(hours=1)
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the person goes to bed after a night shift; they get up at five in the afternoon."""


def cramp(diary: Diary, at: datetime) -> int:
    number = diary.append("episode_opened", at, {"site": "calf", "side": "left"})
    diary.append("episode_closed", at + timedelta(minutes=4), {"outcome": "gone"})
    return number


def day_sleep(diary: Diary, morning: datetime = MORNING) -> int:
    diary.listening(morning, morning + 8 * HOUR)
    return cramp(diary, morning + 4 * HOUR)


def test_a_cramp_after_noon_belongs_to_the_sleep_just_over() -> None:
    with Diary.open() as diary:
        earlier, number = day_sleep(diary, MORNING - 24 * HOUR), day_sleep(diary)
        night = last_sleep(diary, MORNING + 8 * HOUR)
    assert [episode.id for episode in night.episodes] == [number]
    assert earlier != number
    assert (night.listened, night.gaps) == (8 * HOUR, ())


def test_the_voice_does_not_deny_it_and_asks_to_rate_it() -> None:
    diary = Diary.open()
    number = day_sleep(diary)
    history = History(WriteBehindDiary(lambda: diary), lambda night, _: tell(night), NO_COUNTRY, lambda error: None)
    ready = history.night(0.0, MORNING + 8 * HOUR)
    text = " ".join(line for line, _ in ready.lines)
    assert "left calf" in text
    assert "no cramp" not in text
    assert ready.cramp == number


def test_who_sleeps_at_night_hears_of_that_night_only() -> None:
    bed = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
    with Diary.open() as diary:
        diary.listening(bed, bed + 8 * HOUR)
        number = cramp(diary, bed + HOUR)
        tonight = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
        cramp(diary, tonight)
        for now in (bed + 9 * HOUR, bed + 18 * HOUR, tonight + HOUR):
            assert last_sleep(diary, now) == diary.night(bed.date())
            assert [episode.id for episode in last_sleep(diary, now).episodes] == [number]


def test_a_day_s_sleep_that_is_set_is_one_night_everywhere() -> None:
    """With the time at which nights end, every reader sees the whole sleep, and the coming night does not."""
    config, up = Config.model_validate({"daily": {"night_ends": "18:00"}}), MORNING + 8 * HOUR
    since, until = date(2026, 2, 10), date(2026, 3, 1)
    with Diary.open(night_ends=config.daily.night_ends) as diary:
        for back in range(20):
            day_sleep(diary, MORNING - back * 24 * HOUR)
        cramp(diary, up + 2 * HOUR)
        for now in (up, up + 6 * HOUR, up + 12 * HOUR):
            night = last_sleep(diary, now)
            assert (night.date, len(night.episodes), night.listened) == (until, 1, 8 * HOUR)
        nights = diary.nights(since, until)
        found = report_of(diary, config, since, until)
        sent = bundle(nights, up, diary.namespace()) if find_spec("fhir") else None
    assert found.onset == Onset("13:00", "13:00", "13:00")
    assert (found.observed, found.cramp_nights, found.cramps) == (20, 20, 20)
    assert factors_of(nights)[-1].cramp
    assert [week.cramps for week in weeks(nights)][-1] == 7
    if sent:
        counts = [answer(entry["resource"]) for entry in sent["entry"] if "item" in entry["resource"]]
        assert counts == [1] * 20


def answer(resource: dict[str, Any]) -> int:
    """Return the number of cramps in a FHIR response."""
    (found,) = [item for item in resource["item"][0]["item"] if item["linkId"] == "cramps"]
    return int(found["answer"][0]["valueInteger"])
