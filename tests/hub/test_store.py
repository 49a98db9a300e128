"""The ward's tables."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from nightvoice.bridge.messages import Topics, batch_messages, event_message
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.hub.messages import BedEvent, BedNight, parse
from nightvoice.hub.store import Store
from nightvoice.storage.errors import SchemaTooNew
from tests.helpers.postgres import describe
from tests.hub.ward import LOG, Start, Stored, event


@pytest.fixture
def store(stored: Stored) -> Iterator[Store]:
    with closing(Store.open(stored.url)) as store:
        yield store


def row(bed: str, seq: int, days_ago: float = 0, log: str = LOG) -> BedEvent:
    at = datetime.now(UTC) - timedelta(days=days_ago, seconds=-seq)
    message = event_message(event(seq, at=at), log, Topics(f"nightvoice/{bed}"))
    (found,) = parse(message.topic, message.payload.encode(), datetime.now(UTC))
    assert isinstance(found, BedEvent)
    return found


def test_how_far_a_bed_is_complete(store: Store) -> None:
    store.add([row("whole", seq) for seq in range(1, 8)])
    store.add([row("gap", seq) for seq in (1, 2, 3, 6, 7)])
    store.add([row("new-diary", 90, 2, "aaaa"), row("new-diary", 1, log="bbbb")])
    store.add([row("asleep", seq, 20) for seq in (4, 7)])
    assert store.high_water_marks(["whole", "gap", "new-diary", "asleep", "unknown"]) == {
        "whole": (LOG, 7),
        "gap": (LOG, 3),
        "new-diary": ("bbbb", 1),
        "asleep": (LOG, 7),
    }


def test_it_says_how_many_were_new(store: Store) -> None:
    assert store.add([row("bed1", seq) for seq in (1, 2)]) == 2
    assert store.add([]) == 0


def test_several_hubs_begin_a_new_database_at_once(start: Start) -> None:
    hubs = [start("hub", "--name", name) for name in ("one", "two", "three")]
    for hub in hubs:
        assert hub.stderr is not None
        assert "connected" in hub.stderr.readline()


def test_a_diary_is_no_ward_and_a_ward_no_diary(stored: Stored) -> None:
    with Diary.open(stored.url), pytest.raises(SchemaTooNew):
        Store.open(stored.url)


def test_a_new_ward_has_these_tables(stored: Stored) -> None:
    Store.open(stored.url).close()
    expected = Path(__file__).parent / "data" / "postgresql.txt"
    assert describe(stored.url) == expected.read_text(encoding="utf-8")


def test_an_event_with_another_time_is_the_same_event(store: Store, stored: Stored) -> None:
    assert store.add([row("bed1", 1), row("bed1", 1, days_ago=40)]) == 1
    assert store.add([row("bed1", 1, days_ago=80), row("bed1", 2)]) == 1
    assert stored.events() == [("bed1", 1), ("bed1", 2)]


def test_a_ward_of_an_early_release_keeps_its_events(stored: Stored) -> None:
    """Its tables of days, one of them of a clock far ahead, become one."""
    data = Path(__file__).parent / "data"
    today = datetime.now(UTC).date()
    days = (today - timedelta(days=2), today, date(2099, 1, 1))
    with psycopg.connect(stored.url) as connection:
        connection.execute((data / "first_release.sql").read_text(encoding="utf-8"))
        for day in days:
            span = f"FROM ('{day} +00') TO ('{day + timedelta(days=1)} +00')"
            connection.execute(f"CREATE TABLE events_{day:%Y%m%d} PARTITION OF events FOR VALUES {span}")
            for seq in (1, day.day + 1):  # the first came with three different times
                values = ("bed1", LOG, seq, f"{day} +00", day)
                connection.execute("INSERT INTO events VALUES (%s, %s, %s, %s, 0, %s, NULL, 'step', '{}')", values)
    told: list[str] = []
    Store.open(stored.url, told.append).close()
    assert stored.events() == [("bed1", seq) for seq in sorted({1, days[0].day + 1, days[1].day + 1})]
    assert told == ["The events of 3 days were moved into one table; 2 with a date still to come were deleted."]
    assert describe(stored.url) == (data / "postgresql.txt").read_text(encoding="utf-8")
    Store.open(stored.url, told.append).close()
    assert len(told) == 1


def test_a_server_that_is_not_there_is_one_line() -> None:
    with pytest.raises(NightvoiceError, match="hub database postgresql:///nowhere/ward: "):
        Store.open("postgresql:///ward?host=/nowhere")


def bed_events(diary: Diary, bed: str = "bed1") -> list[BedEvent]:
    """The events of a diary, as they reach the hub."""
    (message,) = batch_messages(diary.events(), LOG, Topics(f"nightvoice/{bed}"))
    found = parse(message.topic, message.payload.encode(), datetime.now(UTC))
    return [item for item in found if isinstance(item, BedEvent)]


def kinds(stored: Stored) -> list[str]:
    return [kind for (kind,) in stored.rows("SELECT kind FROM events WHERE bed = 'bed1' ORDER BY seq")]


def cramps(stored: Stored) -> list[int]:
    return [count for (count,) in stored.rows("SELECT cramps FROM nights ORDER BY bed")]


def test_what_the_person_deletes_is_deleted_at_the_ward_however_often_it_comes(store: Store, stored: Stored) -> None:
    begin = datetime.now(UTC) - timedelta(hours=5)
    with Diary.open(None) as diary:
        for hour in (0, 1):
            at = begin + timedelta(hours=hour)
            heard = {"intent": "cramp", "slots": {}, "score": 0.9, "engine": "e"}
            diary.append("heard", at - timedelta(seconds=3), heard)
            diary.append("episode_opened", at, {"site": "calf", "side": "left"})
            diary.append("flag", at, {"flag": "clot", "action": "urgent"})
            diary.append("episode_closed", at, {"outcome": "gone"})
        before = bed_events(diary)
        first = diary.episodes()[0]
        night = {"night": first.night, "seq": 8, "listened_h": 5.0, "coverage": "part", "cramps": 2}
        store.add([*before, *bed_events(diary, "bed2"), *(BedNight({"bed": bed, **night}) for bed in ("bed1", "bed2"))])
        diary.edit_episode(first.id, severity=7)
        diary.delete_episode(first.id)
        after = bed_events(diary)
    left = ["heard", "episode_opened", "flag", "episode_closed", "episode_deleted"]
    store.add(after)
    assert store.erase_deleted(["bed1"]) == 1
    for again in ([], after, before):
        store.add(again)
        store.erase_deleted()
        assert kinds(stored) == left
        assert cramps(stored) == [1, 2], "those of another bed stay"
    assert store.erase_deleted() == 0
