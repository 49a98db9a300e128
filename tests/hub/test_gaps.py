"""What a bed has deleted, or the ward leaves out, is no gap for which the bed would replay its events for ever."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from nightvoice.bridge.messages import Topics, batch_messages, event_message
from nightvoice.diary.event import Event
from nightvoice.diary.store import Diary
from nightvoice.hub.messages import Parsed, UndatableEventError, parse
from nightvoice.hub.store import Store
from tests.hub.ward import LOG, Stored, event

TOPICS = Topics("nightvoice/bed1")
NOW = datetime.now(UTC)


@pytest.fixture
def store(stored: Stored) -> Iterator[Store]:
    with closing(Store.open(stored.url)) as store:
        yield store


def parsed(topic: str, payload: str) -> list[Parsed]:
    """What the hub gives its store for a message."""
    try:
        found = parse(topic, payload.encode(), NOW)
    except ValueError as error:
        found = [error]
    return [item.left_out if isinstance(item, UndatableEventError) else item for item in found]  # type: ignore[misc]


def receive(store: Store, events: list[Event], after: int | None = None) -> None:
    """Store what a bed publishes."""
    for message in batch_messages(events, LOG, TOPICS, after):
        store.add(parsed(message.topic, message.payload))
    store.erase_deleted()


def receive_alone(store: Store, one: Event, **changes: Any) -> None:
    """Store one event from a message of its own."""
    fields = json.loads(event_message(one, LOG, TOPICS).payload) | changes
    store.add(parsed(TOPICS.events, json.dumps({name: value for name, value in fields.items() if value is not None})))


def mark(store: Store) -> int:
    return store.high_water_marks(["bed1"])["bed1"][1]


def replay(store: Store, diary: Diary) -> int:
    """Ask the bed for the events after the mark, store them, and return their number."""
    after = mark(store)
    receive(store, events := diary.events(after), after)
    return len(events)


def test_a_bed_replays_once_after_a_deletion_and_then_no_more(store: Store) -> None:
    with Diary.open(None) as diary:
        diary.append("listening_started", NOW)
        for minute in (1, 2):
            diary.append("episode_opened", NOW + timedelta(minutes=minute), {"site": "calf"})
            diary.append("episode_closed", NOW + timedelta(minutes=minute), {"outcome": "gone"})
        receive(store, diary.events())
        assert mark(store) == 5
        diary.delete_episode(2)
        receive(store, diary.events(5), 5)
        assert mark(store) == 1
        assert replay(store, diary) == 3
        assert mark(store) == diary.last_seq()
        receive(store, [event for event in diary.events() if event.seq == 4])  # as published before the deletion
        assert mark(store) == diary.last_seq()


def test_a_new_hub_sees_no_gap_where_something_was_deleted(store: Store) -> None:
    with Diary.open(None) as diary:
        diary.append("listening_started", NOW)
        diary.append("episode_opened", NOW, {"site": "calf"})
        diary.append("listening_stopped", NOW, {"reason": "ended"})
        diary.delete_episode(2)
        receive(store, diary.events(), 0)
        assert mark(store) == diary.last_seq()


def test_what_was_lost_beside_a_deletion_is_still_missed(store: Store) -> None:
    receive_alone(store, event(1))
    receive_alone(store, event(9), after=6)
    assert mark(store) == 1
    receive_alone(store, event(6), after=1)
    assert mark(store) == 9


def test_a_bridge_of_an_early_release_is_understood(store: Store, stored: Stored) -> None:
    for seq in (1, 2, 4):
        receive_alone(store, event(seq), after=None)
    assert mark(store) == 2
    with psycopg.connect(stored.url) as connection:
        connection.execute("UPDATE events SET after = NULL")  # as an early hub stored them
    assert mark(store) == 2
    receive_alone(store, event(4), after=2)
    assert mark(store) == 4


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), NOW - timedelta(days=40)])
@pytest.mark.parametrize("alone", [True, False])
def test_what_the_hub_does_not_store_is_no_gap(store: Store, alone: bool, at: datetime) -> None:
    """By a clock that was not set, or older than what is kept."""
    store.set_retention(30)
    events = [event(1), event(2, at=at), event(3, at=at), event(4)]
    if not alone:
        receive(store, events)
    else:
        for one in events:
            receive_alone(store, one)
        for one in events[:0:-1]:
            receive_alone(store, one)  # replayed, by several hubs in any order
    assert mark(store) == 4


def test_what_expires_leaves_no_gap_for_ever(store: Store) -> None:
    events = [event(1), event(2, at=NOW - timedelta(days=40)), event(3)]
    receive(store, events)
    store.set_retention(30)
    store.drop_expired()
    assert mark(store) == 1
    receive(store, events[1:], 1)
    assert mark(store) == 3
