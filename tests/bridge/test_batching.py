"""Many events in one message, for a ward; moments and the state of the bed do not wait for them."""

import json
from datetime import UTC, datetime

from nightvoice.bridge.batching import MAX_EVENTS, MAX_WAIT_S, Batching
from nightvoice.bridge.messages import Topics, batch_messages
from nightvoice.diary.event import Event
from nightvoice.diary.store import Diary
from tests.helpers.broker import Bridge, Listener, Mosquitto
from tests.helpers.waiting import until

NOW = datetime(2026, 3, 2, 3, 14, tzinfo=UTC)
BATCH, EVENTS, MOMENT = "nightvoice/bed/batch", "nightvoice/bed/events", "nightvoice/bed/moment"


def steps(count: int) -> list[Event]:
    return [Event(seq, NOW, NOW.date(), None, "step", {"protocol": "calf"}) for seq in range(1, count + 1)]


def test_events_wait_for_others_but_not_for_ever() -> None:
    now = [0.0]
    batching = Batching(lambda: now[0])
    assert not batching.waits([])
    for begin in (1000.0, 5000.0):
        now[0] = begin
        assert batching.waits(steps(1))
        now[0] = begin + MAX_WAIT_S - 1
        assert batching.waits(steps(2))
        now[0] = begin + MAX_WAIT_S
        assert not batching.waits(steps(2))


def test_a_full_message_and_the_end_of_a_cramp_do_not_wait() -> None:
    assert not Batching().waits(steps(MAX_EVENTS))
    for kind in ("episode_closed", "episode_deleted", "listening_stopped"):
        assert not Batching().waits([*steps(1), Event(2, NOW, NOW.date(), None, kind, {})])


def test_a_message_holds_so_many_events_and_nothing_that_was_said() -> None:
    events = [*steps(MAX_EVENTS), Event(MAX_EVENTS + 1, NOW, NOW.date(), None, "night_noted", {"text": "SECRET"})]
    messages = list(batch_messages(events, "0f3a", Topics("nightvoice/bed")))
    assert [len(json.loads(message.payload)["events"]) for message in messages] == [MAX_EVENTS, 1]
    assert "SECRET" not in messages[1].payload
    assert all(len(message.payload) < 200 * MAX_EVENTS for message in messages)


def test_a_cramp_is_one_message_and_its_moments_are_told_at_once(
    diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge
) -> None:
    bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port, bridge__batches=True)
    now = datetime.now().astimezone()
    diary.append("episode_opened", now, {"site": "calf", "side": "left"})
    until(lambda: listener.on(MOMENT), "the moment")
    until(lambda: (listener.last("nightvoice/bed/episode") or {}).get("state") == "ON", "the cramp")
    diary.append("heard", now, {"intent": "help", "slots": {}, "score": 1.0, "engine": "e"})
    until(lambda: len(listener.on(MOMENT)) == 2, "the call for help")
    assert listener.on(BATCH) == []
    diary.append("episode_closed", now, {"outcome": "gone"})
    until(lambda: listener.on(BATCH), "the events")
    until(lambda: listener.last("nightvoice/bed/episode") == {"state": "OFF"}, "the end")
    (batch,) = map(json.loads, listener.on(BATCH))
    assert [event["kind"] for event in batch["events"]] == ["episode_opened", "heard", "episode_closed"]
    assert listener.on(EVENTS) == []
    moments = [json.loads(payload)["event_type"] for payload in listener.on(MOMENT)]
    assert moments == ["cramp_began", "help_asked", "cramp_ended"]
    listener.send("nightvoice/bed/replay", f"{batch['log']} 1")
    until(lambda: len(listener.on(BATCH)) == 2, "what was asked for")
    assert [event["seq"] for event in listener.last(BATCH)["events"]] == [2, 3]
