"""The state of a bed follows from its messages. Pure."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightvoice.hub.live_state import BRIDGE_TIMEOUT, TOPICS, Bed, LiveState

NOW = datetime(2026, 3, 2, 3, 14, tzinfo=UTC)
NIGHT = {"night": "2026-03-01", "listened_h": 4.5, "coverage": "part", "cramps": 1, "flags": [], "text": "SECRET"}


def said(live_state: LiveState, what: str, payload: object, at: datetime = NOW, retained: bool = False) -> Bed:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    live_state.update(f"nightvoice/bed1/{what}", text.encode(), retained, at)
    return live_state.beds()[0]


def test_a_cramp_has_a_beginning_and_an_end() -> None:
    live_state = LiveState()
    since = NOW - timedelta(minutes=2)
    bed = said(live_state, "episode", {"state": "ON", "since": since.isoformat(), "site": "calf", "side": "left"})
    assert (bed.cramp, bed.site, bed.side) == (since, "calf", "left")
    assert said(live_state, "episode", {"state": "OFF"}).cramp is None


def test_a_bed_whose_bridge_is_silent_is_gone_though_the_broker_still_has_its_word() -> None:
    live_state = LiveState()
    bed = said(live_state, "bridge", "online", retained=True)
    said(live_state, "ears", "listening", retained=True)
    assert not bed.gone(NOW)
    assert not bed.deaf(NOW)
    later = NOW + BRIDGE_TIMEOUT + timedelta(seconds=1)
    before = live_state.version(NOW)
    assert bed.gone(later)
    assert not bed.deaf(later)
    assert live_state.version(later) > before
    assert not said(live_state, "bridge", "online", later).gone(later)


def test_a_page_is_loaded_again_only_for_what_it_shows() -> None:
    live_state = LiveState()
    cramp = {"state": "ON", "since": NOW.isoformat(), "site": "calf", "side": None}
    later = NOW + timedelta(minutes=1)
    steps = (
        ("bridge", "online", NOW, True), ("bridge", "online", later, False), ("ears", "listening", later, True),
        ("ears", "listening", later, False), ("episode", cramp, later, True), ("episode", cramp, later, False),
        ("night", NIGHT, later, True), ("night", NIGHT, later, False), ("night", {"night": 7}, later, True),
        ("night", {"night": 7}, later, False), ("night", NIGHT, later, True),
        ("bridge", "online", later + 2 * BRIDGE_TIMEOUT, True),
    )  # fmt: skip
    for what, payload, at, news in steps:
        before = live_state.version(NOW)
        said(live_state, what, payload, at)
        assert (live_state.version(NOW) > before) == news, (what, payload)


def test_since_when_is_told_only_where_it_was_seen() -> None:
    live_state = LiveState()
    said(live_state, "bridge", "online")
    assert said(live_state, "ears", "deaf").changed is None
    said(live_state, "ears", "listening")
    bed = said(live_state, "ears", "deaf")
    assert (bed.deaf(NOW), bed.changed) == (True, NOW)
    later = NOW + timedelta(minutes=1)
    bed = said(live_state, "bridge", "offline", later)
    assert (bed.gone(later), bed.deaf(later), bed.changed) == (True, False, later)


def test_a_night_without_listening_is_never_free() -> None:
    live_state = LiveState()
    assert said(live_state, "bridge", "online").last_night(date(2026, 3, 1)) is None
    deaf = {**NIGHT, "listened_h": 0.0, "coverage": "none", "cramps": 0}
    assert said(live_state, "night", deaf).last_night(date(2026, 3, 1)) is None
    bed = said(live_state, "night", NIGHT)
    assert bed.last_night(date(2026, 3, 2)) is None  # no news of it
    found = bed.last_night(date(2026, 3, 1))
    assert found is not None
    assert (found.cramps, "SECRET" in str(found)) == (1, False)


@pytest.mark.parametrize(
    "wrong",
    [{"listened_h": "long"}, {"listened_h": [1]}, {"listened_h": 1e300}, {"flags": None}, {"cramps": -1}, {"night": 7}],
)
def test_a_bad_message_changes_nothing_and_is_noted(wrong: dict[str, object]) -> None:
    live_state = LiveState()
    said(live_state, "night", NIGHT)
    bed = said(live_state, "night", NIGHT | wrong)
    assert (bed.unreadable, bed.night and bed.night.cramps) == ({"night"}, 1)
    assert not said(live_state, "night", NIGHT).unreadable


def test_a_call_for_help_is_of_now_whatever_the_clock_of_the_bed_says() -> None:
    for wrong in (timedelta(minutes=-31), timedelta(days=365)):
        moment = {"event_type": "help_asked", "at": (NOW + wrong).isoformat()}
        assert said(LiveState(), "moment", moment).help == NOW
    assert said(LiveState(), "moment", moment, retained=True).help is None


def test_a_bed_that_only_the_database_knows_is_gone() -> None:
    live_state = LiveState()
    live_state.add_beds(["bed9"])
    assert live_state.beds()[0].gone(NOW)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted({*NIGHT, "state"})), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(TOPICS), st.binary(max_size=40) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_nonsense_harms_nobody(topic: str, payload: bytes) -> None:
    live_state = LiveState()
    said(live_state, "bridge", "online")
    said(live_state, "episode", {"state": "ON", "since": NOW.isoformat(), "site": "calf", "side": None})
    live_state.update(f"nightvoice/bed1/{topic}", payload, False, NOW)
    live_state.update("nightvoice/BED'/bridge", payload, False, NOW)
    (bed,) = live_state.beds()
    assert bed.cramp is None or bed.cramp == NOW
    bed.gone(NOW)
    bed.last_night(NOW.date())


def test_while_something_lasts_the_page_is_told_to_count() -> None:
    live_state = LiveState()
    said(live_state, "bridge", "online")
    said(live_state, "ears", "listening")
    later = [NOW + timedelta(seconds=seconds) for seconds in (0, 10, 30, 60)]
    assert len({live_state.version(now) for now in later}) == 1
    said(live_state, "episode", {"state": "ON", "since": NOW.isoformat(), "site": "calf", "side": None})
    versions = [live_state.version(now + timedelta(minutes=2)) for now in later]
    assert versions[0] == versions[1] < versions[2] < versions[3]
