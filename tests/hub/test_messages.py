"""What is taken from a bed, and what a message that nobody can store does to the others. Pure."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import pytest

from nightvoice.bridge.messages import Topics, batch_messages, event_message
from nightvoice.hub.consumer import add_all
from nightvoice.hub.messages import BedEvent, BedNight, parse
from nightvoice.hub.store import Store
from nightvoice.storage.errors import StorageRefused
from tests.hub.ward import event

NOW = datetime(2026, 3, 2, 3, 14, tzinfo=UTC)
EVENT = {"log": "0f3a", "seq": 1, "at": NOW.isoformat(), "night": "2026-03-01", "kind": "step", "data": {}}


def parsed(**changed: object) -> BedEvent:
    (found,) = parse("nightvoice/bed1/events", json.dumps(EVENT | changed).encode(), NOW)
    assert isinstance(found, BedEvent)
    return found


def test_times_are_stored_in_utc_with_the_bed_s_offset() -> None:
    row = parsed(at="2026-03-02T03:14:00+23:59").row
    assert (row["at"], row["at_offset"]) == ("2026-03-01T03:15:00+00:00", 1439)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("at", "2026-03-04T03:14:00+00:00", "still to come"),
        ("night", "2036-01-01", "still to come"),
        ("at", "2019-03-04T03:14:00+00:00", "too long ago"),
        ("at", "0001-01-01T00:00:00+14:00", "years off"),
        ("at", "2026-03-02T03:14:00", "wrong at"),
    ],
)
def test_a_clock_that_is_wrong_makes_no_tables(field: str, value: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parsed(**{field: value})


def test_one_message_that_the_database_refuses_keeps_out_no_other() -> None:
    stored: list[object] = []

    class Picky:
        def add(self, messages: Sequence[BedEvent | BedNight]) -> int:
            if any(message.row["seq"] == 6 for message in messages):
                raise StorageRefused("hub database ward: value out of range")
            stored.extend(message.row["seq"] for message in messages)
            return len(messages)

    log: list[str] = []
    add_all(cast(Store, Picky()), [parsed(seq=number) for number in range(1, 10)], log.append)
    assert stored == [1, 2, 3, 4, 5, 7, 8, 9]
    assert log == ["a message of bed1 is not stored: hub database ward: value out of range"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"site": "calf", "side": None, "cm": 7}, {"site": "calf", "cm": 7}),
        ({"text": "I fell out of bed", "I fell": "x"}, {}),
        ({"deep": {"text": "calf"}, "list": ["calf"]}, {}),
        ({"nul": "\0", "nan": float("nan"), "large": 10**300, "inf": -float("inf")}, {}),
        ("I fell out of bed", None),
        (["calf"], None),
    ],
)
def test_only_codes_are_stored(given: object, kept: object) -> None:
    data = {"intent": "cramp", "slots": given, "score": 0.9, "engine": "moonshine"}
    found = parsed(kind="heard", data=data).row["data"]
    assert found == {name: value for name, value in (data | {"slots": kept}).items() if value is not None}


def test_what_a_bed_sends_are_codes() -> None:
    data = {"start": NOW.isoformat(), "end": NOW.isoformat(), "reason": "suspended"}
    assert parsed(kind="gap", data=data).row["data"] == data
    data = {"engine": "moonshine", "voice": "en_US-lessac-medium", "version": "0.1.0.dev1+g1a2b"}
    assert parsed(kind="listening_started", data=data).row["data"] == data


def test_a_message_with_many_events_is_the_same_as_many_messages() -> None:
    events = [event(seq, at=NOW) for seq in (1, 2, 3)]
    topics = Topics("nightvoice/bed1")
    (batch,) = batch_messages(events, "0f3a", topics)
    alone = [event_message(one, "0f3a", topics) for one in events]
    assert parse(batch.topic, batch.payload.encode(), NOW) == [
        row for message in alone for row in parse(message.topic, message.payload.encode(), NOW)
    ]


def test_of_many_events_only_the_bad_ones_are_left_out() -> None:
    rest = {name: value for name, value in EVENT.items() if name != "log"}
    events = [rest, rest | {"seq": -1}, "x", rest | {"night": "2036-01-01"}, rest | {"seq": 5}]
    found = parse("nightvoice/bed1/batch", json.dumps({"log": "0f3a", "events": events}).encode(), NOW)
    assert [item.row["seq"] if isinstance(item, BedEvent) else str(item)[:11] for item in found] == [
        1, "has a wrong", "has a wrong", "is of 2036-", 5
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [[], {"log": "0f3a"}, {"log": "x'", "events": []}, {"log": "0f3a", "events": {}}])
def test_a_batch_of_another_form_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="wrong"):
        parse("nightvoice/bed1/batch", json.dumps(wrong).encode(), NOW)
