"""Retention, and the export for a study."""

import json
from datetime import UTC, datetime, timedelta

from nightvoice.bridge.messages import Message, Topics, event_message
from nightvoice.hub.roles import Role
from nightvoice.system import paths
from tests.helpers.waiting import until
from tests.hub.ward import LOG, Beds, Start, Stored, Visit, event, event_messages


def at(days_ago: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days_ago)


def of_day(bed: str, seq: int, days_ago: int) -> Message:
    return event_message(event(seq, at=at(days_ago)), LOG, Topics(f"nightvoice/{bed}"))


def output(start: Start, *arguments: str) -> str:
    process = start("hub", *arguments)
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out


def test_what_is_too_old_is_dropped_and_never_taken_again(beds: Beds, start: Start, stored: Stored) -> None:
    hub = start("hub")
    assert hub.stderr is not None
    assert "connected" in hub.stderr.readline()
    messages = [of_day("bed1", 100 - age, age) for age in (1, 29, 31, 60, 61)]
    until(lambda: beds.publish(*messages) or stored.count() == 5, "all of it")
    old = {"night": at(61).date().isoformat(), "seq": 1, "listened_h": 1, "coverage": "part", "cramps": 0}
    beds.say("bed1", "night", old)
    until(lambda: stored.rows("SELECT 1 FROM nights"), "the night")
    assert "Everything is kept" in output(start, "retain")
    said = output(start, "retain", "--days", "30")
    assert f"before {at(30).date()}: 3 events of 3 days, 1 night." in said
    assert stored.events() == [("bed1", 71), ("bed1", 99)]
    beds.publish(*messages, *event_messages("last", [1]))
    until(lambda: ("last", 1) in stored.events(), "the last message")
    assert stored.events() == [("bed1", 71), ("bed1", 99), ("last", 1)]
    assert "Nothing is older" in output(start, "retain")


def test_an_export_tells_no_name_no_text_and_no_date(beds: Beds, start: Start, stored: Stored, visit: Visit) -> None:
    hub = start("hub")
    assert hub.stderr is not None
    assert "connected" in hub.stderr.readline()
    told_of = [
        event(1, "heard", {"intent": "help", "slots": {"text": "SECRET"}, "score": 0.9, "engine": "SECRET"}, at(3)),
        event(2, "episode_opened", {"site": "calf", "side": "left"}, at(3)),
        event(3, "episode_closed", {"outcome": "SECRET words that somebody wrote here"}, at(1)),
        event(4, "gap", {"start": at(1).isoformat(), "end": at(1).isoformat(), "reason": "SECRET"}, at(1)),
        event(5, "notified", {"event": 1, "cause": "SECRET", "reached": True}, at(1)),
    ]  # fmt: skip
    for bed in ("room12-mrs-miller", "room13"):
        night = {"night": at(1).date().isoformat(), "seq": 1, "listened_h": 7, "coverage": "gaps", "cramps": 1}
        beds.say(bed, "night", night)
        beds.publish(*(event_message(one, LOG, Topics(f"nightvoice/{bed}")) for one in told_of))
    until(lambda: stored.count() == 10, "all of it")
    text = output(start, "export")
    lines = [json.loads(line) for line in text.splitlines()]
    for secret in ("room", "miller", "SECRET", LOG, *(f"{at(days):%Y-%m-%d}" for days in range(4)), str(at(1).year)):
        assert secret not in text
    assert len(lines) == 10  # of each bed a night and four events
    assert len({line["bed"] for line in lines}) == 2
    for bed in {line["bed"] for line in lines}:
        nights = {line["kind"]: line["night"] for line in lines if line["bed"] == bed}
        assert nights["gap"] - nights["episode_opened"] == 2
        assert nights["night"] - nights["episode_opened"] in (2, 3)  # the night before noon is that of the day before
    assert {line["side"] for line in lines if line["kind"] == "episode_opened"} == {"left"}
    assert paths.study_key_file().stat().st_mode & 0o777 == 0o600
    assert output(start, "export") == text
    assert visit("sam", Role.STUDY).ask("/study/export").text == text
    paths.study_key_file().unlink()
    assert {json.loads(line)["bed"] for line in output(start, "export").splitlines()}.isdisjoint(
        line["bed"] for line in lines
    )
