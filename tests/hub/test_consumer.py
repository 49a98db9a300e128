"""Every event is stored once, even if the hub, the broker or the database is killed in between."""

import json
import subprocess
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, count
from pathlib import Path

import pytest

from nightvoice.bridge.messages import Topics, event_message
from nightvoice.diary.store import Diary
from nightvoice.system import paths
from tests.helpers.broker import Mosquitto
from tests.helpers.postgres import Server
from tests.helpers.waiting import until
from tests.hub.ward import LOG, Beds, Start, Stored, event, event_messages

BEDS = [f"bed{number}" for number in range(10)]


@pytest.fixture
def diary() -> Iterator[Diary]:
    with Diary.open(paths.diary_url()) as diary:
        yield diary


def ready(beds: Beds, start: Start, stored: Stored, *names: str) -> "list[subprocess.Popen[str]]":
    """Hubs by these names, that have subscribed: the broker keeps for them what they do not fetch."""
    hubs = [start("hub", "--name", name) for name in names]
    for hub in hubs:
        assert hub.stderr is not None
        assert "connected" in hub.stderr.readline()
    number = count(1)
    until(lambda: beds.publish(*event_messages("ready", [next(number)])) or stored.count(), "the hub")
    return hubs


def wanted(numbers: range) -> set[tuple[str, int]]:
    return {(bed, number) for bed in BEDS for number in numbers}


def of_beds(stored: Stored) -> list[tuple[str, int]]:
    return [pair for pair in stored.events() if pair[0] != "ready"]


def write_steps(diary: Diary, count: int) -> None:
    for number in range(count):
        diary.append("step", datetime.now().astimezone(), {"protocol": "calf", "step": f"step-{number}"})


def test_every_event_once_however_often_it_comes(beds: Beds, start: Start, stored: Stored) -> None:
    ready(beds, start, stored, "hub")
    messages = list(chain.from_iterable(event_messages(bed, range(1, 51)) for bed in BEDS))
    for _ in range(3):
        beds.publish(*messages)
    beds.publish(*event_messages("last", [1]))
    until(lambda: ("last", 1) in stored.events(), "the last message")
    assert sorted(pair for pair in of_beds(stored) if pair[0] != "last") == sorted(wanted(range(1, 51)))


def test_the_hub_is_killed_in_the_middle(beds: Beds, start: Start, stored: Stored) -> None:
    (process,) = ready(beds, start, stored, "hub")
    for part in range(3):
        had = len(of_beds(stored))
        for bed in BEDS:
            beds.publish(*event_messages(bed, range(100 * part + 1, 100 * part + 101)))
            if bed == BEDS[5]:
                until(lambda had=had: len(of_beds(stored)) > had, "some of it")
                process.kill()
        process.wait()
        process = start("hub")
    until(lambda: len(of_beds(stored)) >= 3000, "every event")
    assert sorted(of_beds(stored)) == sorted(wanted(range(1, 301)))


def test_the_broker_is_killed_in_the_middle(
    mosquitto: Mosquitto, beds: Beds, diary: Diary, start: Start, stored: Stored
) -> None:
    ready(beds, start, stored, "hub")
    start("bridge", bridge__bed="bed0")
    write_steps(diary, 200)
    until(lambda: len(of_beds(stored)) > 20, "the first events")
    for _ in range(2):
        mosquitto.kill()
        write_steps(diary, 100)
        mosquitto.start()
    until(lambda: len(of_beds(stored)) >= 400, "every event")
    assert of_beds(stored) == [("bed0", seq) for seq in range(1, 401)]


def test_a_hub_that_comes_later_asks_for_the_past(diary: Diary, start: Start, stored: Stored) -> None:
    write_steps(diary, 50)
    start("bridge", bridge__bed="bed0")
    bookmark = paths.data_dir() / "bridge_mqtt.json"
    until(lambda: bookmark.exists() and json.loads(bookmark.read_text())["seq"] == 50, "the bridge")
    start("hub")
    until(lambda: len(of_beds(stored)) >= 50, "every event")
    assert of_beds(stored) == [("bed0", seq) for seq in range(1, 51)]


def test_the_database_is_killed_in_the_middle(beds: Beds, start: Start, stored: Stored, postgresql: Server) -> None:
    ready(beds, start, stored, "hub")
    beds.publish(*chain.from_iterable(event_messages(bed, range(1, 101)) for bed in BEDS))
    until(lambda: of_beds(stored), "some of it")
    postgresql.kill()
    beds.publish(*chain.from_iterable(event_messages(bed, range(101, 201)) for bed in BEDS))
    postgresql.start()
    until(lambda: len(of_beds(stored)) >= 2000, "every event")
    assert sorted(of_beds(stored)) == sorted(wanted(range(1, 201)))


def test_two_hubs_share_the_work(beds: Beds, start: Start, stored: Stored) -> None:
    _, second = ready(beds, start, stored, "one", "two")
    beds.publish(*chain.from_iterable(event_messages(bed, range(1, 101)) for bed in BEDS))
    second.kill()
    beds.publish(*chain.from_iterable(event_messages(bed, range(101, 201)) for bed in BEDS))
    start("hub", "--name", "two")
    until(lambda: len(of_beds(stored)) >= 2000, "every event")
    assert sorted(of_beds(stored)) == sorted(wanted(range(1, 201)))


def test_of_two_hubs_of_one_name_one_says_so(beds: Beds, start: Start, stored: Stored) -> None:
    (first,) = ready(beds, start, stored, "same")
    start("hub", "--name", "same")
    assert first.stderr is not None
    assert "another hub is called same" in first.stderr.readline()


def test_a_broker_that_lets_nobody_in_is_told_of_once(home: Path, start: Start) -> None:
    (home / "passwords").touch()
    closed = Mosquitto(home / "closed", "allow_anonymous false", f"password_file {home}/passwords")
    hub = start("hub", bridge__port=closed.port)
    assert hub.stderr is not None
    assert "does not let us in: Not authorized" in hub.stderr.readline()
    closed.kill()
    assert "no connection" in hub.stderr.readline()


def test_nonsense_is_not_stored_and_holds_nothing_up(beds: Beds, start: Start, stored: Stored) -> None:
    ready(beds, start, stored, "hub")
    good = json.loads(event_message(event(7), LOG, Topics("x")).payload)
    spoken = {"kind": "heard", "data": {"intent": "help", "text": "SECRET"}, "notes": "SECRET"}
    for wrong in (
        "", "{", "[]", "null", "x" * 20_000, {**good, "seq": -1}, {**good, "seq": 2**63}, {**good, "at": "2026-03-01"},
        {**good, "at": "1970-01-01T00:00:00Z"}, {**good, "at": "9999-12-31T23:59:59-12:00"}, {**good, "log": "x'; --"},
        {**good, "data": {"protocol": "\ud800"}}, {**good, "kind": 5},
    ):  # fmt: skip
        beds.say("bed1", "events", wrong, retain=False)
    beds.say("BED'1", "events", good, retain=False)
    beds.say("bed1", "night", {"night": "2026-03-01", "seq": 1, "listened_h": float("inf")}, retain=False)
    beds.say("bed1", "events", {**good, **spoken}, retain=False)
    until(lambda: ("bed1", 7) in stored.events(), "the good one")
    assert of_beds(stored) == [("bed1", 7)]
    assert stored.rows("SELECT data FROM events WHERE bed = 'bed1'") == [({"intent": "help"},)]


def test_the_latest_word_about_a_night_stays(beds: Beds, start: Start, stored: Stored) -> None:
    ready(beds, start, stored, "hub")
    night = {"night": "2026-03-01", "coverage": "whole", "cramps": 2, "listened_h": 7.5, "seq": 9}
    for said in (night, {**night, "listened_h": 7.4}, {**night, "seq": 8, "cramps": 1, "listened_h": 8}):
        beds.say("bed1", "night", said)
    beds.publish(*event_messages("bed1", [1]))
    until(lambda: ("bed1", 1) in stored.events(), "all of it")
    assert stored.rows("SELECT bed, seq, listened_h, cramps FROM nights") == [("bed1", 9, 7.5, 2)]
