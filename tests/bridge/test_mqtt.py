"""The diary's events on a real broker, while broker and bridge are killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from nightvoice.diary.store import Diary
from nightvoice.system import paths
from nightvoice.system.control_socket import ControlSocket, Order
from tests.helpers.broker import Bridge, Listener, Mosquitto
from tests.helpers.waiting import until

EVENTS, MOMENT = "nightvoice/bed/events", "nightvoice/bed/moment"


def write_steps(diary: Diary, count: int) -> None:
    for number in range(count):
        at = datetime.now().astimezone()
        diary.append("step", at, {"protocol": "calf", "step": f"step-{number}"})


def once(payloads: Iterable[str]) -> list[dict[str, Any]]:
    """What a consumer keeps: each event once, by log and number."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for event in map(json.loads, payloads):
        found.setdefault((event["log"], event["seq"]), event)
    return list(found.values())


def numbers(listener: Listener) -> list[int]:
    return [event["seq"] for event in once(listener.on(EVENTS))]


def logged(diary: Diary) -> list[int]:
    return [event.seq for event in diary.events()]


def test_a_cramp_is_published(diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge) -> None:
    now = datetime.now().astimezone()
    diary.append("listening_started", now, {"engine": "e", "voice": "v", "version": "1"})
    diary.heard_until(now)
    bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    until(lambda: listener.last("nightvoice/bed/bridge") == "online", "the bridge")
    until(lambda: listener.last("nightvoice/bed/night"), "the state of the bed")
    assert listener.last("nightvoice/bed/ears") == "listening"
    assert listener.last("nightvoice/bed/episode") == {"state": "OFF"}
    diary.append("episode_opened", now, {"site": "calf", "side": "left"})
    until(lambda: listener.last("nightvoice/bed/episode")["state"] == "ON", "the episode")
    assert listener.last("nightvoice/bed/episode")["site"] == "calf"
    assert listener.last(MOMENT)["event_type"] == "cramp_began"
    diary.append("flag", now, {"flag": "clot", "action": "urgent"})
    diary.append("heard", now, {"intent": "help", "slots": {}, "score": 1.0, "engine": "e"})
    diary.append("episode_closed", now, {"outcome": "gone"})
    until(lambda: listener.last("nightvoice/bed/episode")["state"] == "OFF", "the end of the episode")
    moments = [json.loads(payload)["event_type"] for payload in listener.on(MOMENT)]
    assert moments == ["cramp_began", "danger_sign", "help_asked", "cramp_ended"]
    diary.append("listening_stopped", now, {"reason": "ended"})
    until(lambda: listener.last("nightvoice/bed/ears") == "deaf", "that it is deaf")
    assert not any(retained for topic, _, retained in listener.came if topic in (EVENTS, MOMENT))
    late = Listener(mosquitto.port, "nightvoice/bed/night", name="late")
    until(lambda: late.last("nightvoice/bed/night"), "what the broker keeps")
    late.close()


def test_old_moments_are_not_published(diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge) -> None:
    three = datetime.now().astimezone() - timedelta(hours=5)
    diary.append("episode_opened", three, {"site": "calf", "side": None})
    diary.append("episode_closed", three, {"outcome": "gone"})
    bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    until(lambda: numbers(listener) == logged(diary), "every event")
    until(lambda: listener.last("nightvoice/bed/night"), "the night")
    assert listener.on(MOMENT) == []


def test_no_event_is_lost_if_the_broker_is_killed(
    diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge
) -> None:
    bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    write_steps(diary, 150)
    until(lambda: len(numbers(listener)) > 20, "the first events")
    mosquitto.kill()
    write_steps(diary, 300)
    mosquitto.start()
    until(lambda: len(numbers(listener)) > 200, "more events")
    mosquitto.kill(signal.SIGTERM)
    write_steps(diary, 50)
    mosquitto.start()
    until(lambda: len(numbers(listener)) == 500, "every event")
    assert numbers(listener) == logged(diary)


def test_no_event_is_lost_if_the_bridge_is_killed(
    diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge
) -> None:
    write_steps(diary, 400)
    for have in (30, 150):
        process = bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
        until(lambda have=have: len(numbers(listener)) > have, "some events")
        process.kill()
        process.wait()
        until(lambda: listener.last("nightvoice/bed/bridge") == "offline", "the last will")
    write_steps(diary, 10)
    process = bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    until(lambda: len(numbers(listener)) == 410, "every event")
    assert numbers(listener) == logged(diary)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0
    until(lambda: listener.last("nightvoice/bed/bridge") == "offline", "its good-bye")


def test_a_replaced_diary_is_a_new_log(diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge) -> None:
    write_steps(diary, 3)
    process = bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    until(lambda: listener.last("nightvoice/bed/night"), "every event, and that this is written down")
    assert len(numbers(listener)) == 3
    process.kill()
    process.wait()
    diary.close()
    paths.diary_file().rename(paths.diary_file().with_name("old"))
    with Diary.open(paths.diary_url()) as new:
        write_steps(new, 5)
    bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    until(lambda: len(numbers(listener)) == 8, "every event of both")
    assert len({event["log"] for event in once(listener.on(EVENTS))}) == 2


def test_nothing_that_was_said_or_written_leaves(
    diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge
) -> None:
    now = datetime.now().astimezone()
    night = (now - timedelta(hours=12)).date()
    diary.append("heard", now, {"intent": "cramp", "slots": {}, "score": 1.0, "engine": "e", "text": "SECRET words"})
    cramp = diary.append("episode_opened", now, {"site": "calf", "side": None})
    diary.append("episode_closed", now, {"outcome": "gone"})
    diary.edit_episode(cramp, notes="SECRET note", severity=7)
    diary.note(night, "SECRET night")
    diary.append("night_tagged", now, {"alcohol": True})
    bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    until(lambda: numbers(listener) == logged(diary), "every event")
    until(lambda: listener.last("nightvoice/bed/night"), "the night")
    everything = "".join(payload for _, payload, _ in listener.came)
    assert '"severity":7' in everything
    assert "SECRET" not in everything
    assert "alcohol" not in everything


def test_buttons_reach_the_running_night(mosquitto: Mosquitto, listener: Listener, bridge: Bridge) -> None:
    listener.send("nightvoice/bed/order", "start_guidance", retain=True)  # an old order, which must not be obeyed
    orders = ControlSocket(paths.control_socket_file())
    bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    until(lambda: listener.last("nightvoice/bed/ears"), "the bridge")
    for word in ("good_night", "format_disk", "contact_reached", "mute"):
        listener.send("nightvoice/bed/order", word)
    received: list[Order] = []
    until(lambda: received.extend(orders.receive()) or len(received) >= 2, "the orders")
    assert received == [Order.GOOD_NIGHT, Order.MUTE]
    orders.close()


def test_a_consumer_can_ask_for_events_again(
    diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge
) -> None:
    write_steps(diary, 20)
    bridge(bridge__host="127.0.0.1", bridge__port=mosquitto.port)
    until(lambda: listener.last("nightvoice/bed/night"), "every event")
    late = Listener(mosquitto.port, EVENTS, name="late")
    for nonsense in ("", "-5", "all", "9" * 400):
        late.send("nightvoice/bed/replay", nonsense)
    late.send("nightvoice/bed/replay", "12")
    until(lambda: len(numbers(late)) == 8, "the events after number 12")
    assert numbers(late) == logged(diary)[12:]
    assert [event["after"] for event in once(late.on(EVENTS))] == list(range(12, 20))
    assert listener.on(MOMENT) == []
    late.close()


def test_a_test_does_not_throw_the_running_bridge_out_and_a_second_one_is_refused(
    diary: Diary, mosquitto: Mosquitto, listener: Listener, bridge: Bridge
) -> None:
    place: dict[str, object] = {"bridge__host": "127.0.0.1", "bridge__port": mosquitto.port}
    running = bridge(**place)
    until(lambda: listener.last("nightvoice/bed/night"), "the bridge")
    environment = os.environ | {f"NIGHTVOICE_{name.upper()}": str(value) for name, value in place.items()}
    for arguments, code, line in (
        (["--test"], 0, "MQTT: logged in"),
        ([], 2, f"nightvoice bridge (process {running.pid}) "),
    ):
        words = [sys.executable, "-m", "nightvoice", "bridge", *arguments]
        result = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == code
        assert line in result.stderr
    write_steps(diary, 1)
    until(lambda: numbers(listener) == logged(diary), "the events")
    assert listener.on("nightvoice/bed/bridge") == ["online"], "it was never away"
