"""Two bridges with one bed name: one publishes, and the other gives way. With a real broker where it takes part."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from nightvoice.bridge.address import UsedTopics
from nightvoice.bridge.messages import Topics
from nightvoice.bridge.ownership import BedTakenError, Look, Ownership
from tests.bridge.publishing import Device
from tests.helpers.broker import Listener, Mosquitto
from tests.helpers.waiting import until

TOPICS = Topics("nightvoice/bed")
CONFIG = "homeassistant/device/nightvoice_bed/config"


def look(*messages: tuple[str, str, bool]) -> Look:
    found = Look(TOPICS, "me")
    for what, payload, retained in messages:
        found.note(f"nightvoice/bed/{what}", payload, retained)
    return found


def test_an_owner_that_answers_is_alive() -> None:
    known = (("owner", "other", True), ("bridge", "online", True))
    assert not look(*known).done, "the broker still has to pass the question on"
    assert not look(*known, ("owner", "? me", False)).done
    answered = look(*known, ("owner", "? me", False), ("owner", "other", False))
    assert answered.done
    assert answered.alive
    assert answered.owner == "other"


@pytest.mark.parametrize(
    "known",
    [
        (),
        (("bridge", "online", True),),
        (("owner", "me", True), ("bridge", "online", True)),
        (("owner", "other", True), ("bridge", "offline", True)),
        (("owner", "other", True), ("bridge", "online", True), ("bridge", "offline", False)),
    ],
)
def test_a_bed_without_an_owner_or_whose_owner_has_left_is_free_at_once(
    known: tuple[tuple[str, str, bool], ...],
) -> None:
    found = look(*known, ("owner", "? other", False), ("owner", "? me", False))
    assert found.done
    assert not found.alive


def test_of_two_claims_at_the_same_moment_one_stays() -> None:
    one, two = sorted((Ownership("bed", TOPICS), Ownership("bed", TOPICS)), key=lambda each: each.process)
    assert one.is_contested(two.process)
    with pytest.raises(BedTakenError, match=r"bed bed.*bridge\.bed"):
        two.is_contested(one.process)
    assert not one.is_contested(one.process)
    assert one.is_contested(""), "somebody cleared it"
    assert one.client_name != two.client_name


def test_the_second_bridge_gives_way_until_the_first_has_left(
    home: Path, mosquitto: Mosquitto, listener: Listener
) -> None:
    first, second = (Device(home / name, mosquitto.port) for name in ("first", "second"))
    for each in (first, second):
        each.diary.append(
            "listening_started", datetime.now().astimezone(), {"engine": "e", "voice": "v", "version": "1"}
        )
    with first.publishing():
        until(lambda: listener.last("nightvoice/bed/night"), "the first one")
        assert asyncio.run(first.publisher().check()) is None, "it is its own"
        with second.publishing():
            until(lambda: second.lines, "the second one's line")
            wrong = asyncio.run(second.publisher().check())
            assert wrong == "another bridge publishes as the bed bed: give one of them a name of its own (bridge.bed)"
            assert [line.partition(". ")[0] for line in second.lines] == [wrong]
            assert first.lines == [f"connected to 127.0.0.1:{mosquitto.port}"], "it was never thrown out"
            assert listener.on("nightvoice/bed/bridge") == ["online"]
            assert {json.loads(event)["log"] for event in listener.on("nightvoice/bed/events")} == {first.log}
    # Stopped as by SIGTERM, both have left; now the second one alone.
    with second.publishing():
        until(lambda: json.loads(listener.on("nightvoice/bed/events")[-1])["log"] == second.log, "the second one")


def test_a_bridge_that_gave_way_takes_over(home: Path, mosquitto: Mosquitto, listener: Listener) -> None:
    first, second = (Device(home / name, mosquitto.port) for name in ("first", "second"))
    with ExitStack() as waiting:
        with first.publishing():
            until(lambda: listener.last("nightvoice/bed/night"), "the first one")
            waiting.enter_context(second.publishing())
            until(lambda: second.lines, "the second one's line")
        until(lambda: len(second.lines) == 2, "that it takes over")
        assert second.lines[1].startswith("connected")
        until(lambda: listener.last("nightvoice/bed/bridge") == "online", "that it is online")


def test_an_owner_without_power_is_followed_and_its_late_last_will_does_no_harm(
    home: Path, mosquitto: Mosquitto, listener: Listener
) -> None:
    listener.send("nightvoice/bed/owner", "0000dead", retain=True)
    listener.send("nightvoice/bed/bridge", "online", retain=True)
    with Device(home / "device", mosquitto.port).publishing(patience_s=0.1):
        until(lambda: listener.last("nightvoice/bed/night"), "that it takes over")
        listener.send("nightvoice/bed/bridge", "offline", retain=True)
        until(lambda: listener.last("nightvoice/bed/bridge") == "online", "that it is online")


def test_what_another_bed_cleared_is_published_again(home: Path, mosquitto: Mosquitto, listener: Listener) -> None:
    with Device(home / "device", mosquitto.port).publishing():
        until(lambda: listener.last("nightvoice/bed/night"), "the bridge")
        for topic in (CONFIG, *TOPICS.retained):
            listener.send(topic, "", retain=True)
        until(lambda: all(listener.last(topic) for topic in (CONFIG, *TOPICS.retained)), "all of it")


@pytest.mark.parametrize("owner", ["its own", "another"])
def test_a_new_name_clears_the_old_topics_unless_another_bed_has_that_name(
    home: Path, mosquitto: Mosquitto, listener: Listener, owner: str
) -> None:
    device = Device(home / "device", mosquitto.port)
    with device.publishing():
        until(lambda: listener.last("nightvoice/bed/night"), "the bed")
    if owner == "another":
        with Device(home / "other", mosquitto.port).publishing():
            until(lambda: listener.on("nightvoice/bed/bridge") == ["online", "offline", "online"], "the other bed")
        until(lambda: listener.last("nightvoice/bed/bridge") == "offline", "that it is off for now")
    device.bed = "new"
    with device.publishing():
        until(lambda: listener.last("nightvoice/new/night"), "the new name")
    kept = [topic for topic in (CONFIG, *TOPICS.retained) if listener.last(topic)]
    assert kept == ([] if owner == "its own" else [CONFIG, *TOPICS.retained])
    last = device.address.read()
    assert last is not None
    assert last.base == "nightvoice/new"


@pytest.mark.parametrize("changed", ["prefix", "discovery"])
def test_new_prefixes_clear_what_is_used_no_more_and_nothing_else(
    home: Path, mosquitto: Mosquitto, listener: Listener, changed: str
) -> None:
    device = Device(home / "device", mosquitto.port)
    with device.publishing():
        until(lambda: listener.last("nightvoice/bed/night"), "the bed")
    before = device.address.read()
    setattr(device, changed, "homeassistant/other")
    with device.publishing():
        until(lambda: device.address.read() != before, "the new topics")
    kept = [topic for topic in (CONFIG, *TOPICS.retained) if listener.last(topic)]
    assert kept == ([CONFIG] if changed == "prefix" else list(TOPICS.retained))


def test_a_living_bed_keeps_its_topics_whatever_is_remembered(
    home: Path, mosquitto: Mosquitto, listener: Listener
) -> None:
    """A copied memory card: both remember the same process."""
    original, copy = Device(home / "original", mosquitto.port), Device(home / "copy", mosquitto.port, bed="new")
    with original.publishing():
        until(lambda: listener.last("nightvoice/bed/night"), "the original")
        remembered = original.address.read()
        assert isinstance(remembered, UsedTopics)
        copy.address.move(remembered)
        with copy.publishing():
            until(lambda: listener.last("nightvoice/new/night"), "the copy")
    assert "" not in listener.on("nightvoice/bed/night")


@pytest.fixture
def ward(home: Path) -> Iterator[Mosquitto]:
    """A broker with the access list of docs/hub.md."""
    docs = (Path(__file__).parents[2] / "docs" / "hub.md").read_text(encoding="utf-8")
    found = re.search(r"`/etc/mosquitto/acl`:\n+```\n(.*?)```", docs, re.DOTALL)
    assert found is not None
    (home / "acl").write_text(found[1])
    for create, bed in (("-c", "bed"), ("", "room2")):
        options = ["-b", *([create] if create else [])]
        subprocess.run(["mosquitto_passwd", *options, home / "users", bed, bed], check=True, capture_output=True)
    broker = Mosquitto(home / "ward", f"acl_file {home}/acl", f"password_file {home}/users")
    yield broker
    broker.kill()


def test_the_wards_access_list_lets_a_bed_see_whether_another_has_its_name(home: Path, ward: Mosquitto) -> None:
    bed = Device(home / "bed", ward.port, user="bed")
    assert asyncio.run(bed.publisher().check()) is None
    with Device(home / "first", ward.port, user="bed").publishing():
        until(lambda: asyncio.run(bed.publisher().check()), "that the other one is noticed")


def test_a_topic_that_the_broker_forbids_is_named(home: Path, ward: Mosquitto) -> None:
    stranger = Device(home / "stranger", ward.port, user="room2")
    with stranger.publishing(patience_s=0.1):
        until(lambda: stranger.lines, "a line")
    assert "does not let this bridge write and read nightvoice/bed/owner" in stranger.lines[0]


def test_a_bed_of_the_ward_gets_a_new_name_although_it_may_not_clear_the_old_one(home: Path, ward: Mosquitto) -> None:
    device = Device(home / "device", ward.port, user="bed")
    former = Topics("nightvoice/old")
    device.address.move(UsedTopics(former.base, list(former.retained), "0000dead"))
    with device.publishing(patience_s=3):
        until(lambda: (last := device.address.read()) and last.base == "nightvoice/bed", "the new name")
    assert "nightvoice/old: the broker does not let this bridge clear what the bed has left there" in device.lines
